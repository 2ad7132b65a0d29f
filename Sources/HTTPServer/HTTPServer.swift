import EventLoop
import Vocabulary

/// An HTTP/1.1 server: listeners, their connections, and a handler that is run as a task for each request.
@LoopActor
public final class HTTPServer {
    /// The bounds of a server.
    public struct Options: Sendable {
        /// The bounds of each connection.
        public var connection = ConnectionLimits()
        /// Open connections; one more is answered 503 `connections_exhausted` and closed.
        public var connectionsMax = Bounds.connections
        /// Of these, kept for listeners that were opened with `reserved: true`.
        public var connectionsKept = Bounds.connectionsKeptForHealth
        /// Bodies of all requests together, from the first byte read to the end of the answer; more is 503.
        public var bodiesInFlightMax = Bounds.bodiesInFlight.count
        /// What answers carry as `Server`; none if `nil`.
        public var serverName: String? = "gatehouse"

        /// The defaults.
        public init() {}
    }

    /// Answers one request. A handler that returns without an answer has 500 sent for it; one that returns with an
    /// unfinished stream has the connection cut, so that a broken answer does not look complete.
    public typealias Handler = @LoopActor (HTTPExchange) async -> Void

    /// Connections turned away that are open for their 503 at one time; beyond it they are cut without a word.
    static let turnedAwayMax = 64

    /// Headers that every answer has, rejections included; asked for each answer.
    public var commonHeaders: @LoopActor () -> [HTTPHeader] = { [] }
    /// Headers of answers that the server gives itself.
    public var rejectionHeaders: @LoopActor (Reason) -> [HTTPHeader] = { _ in [] }
    /// Body of answers that the server gives itself, as `application/json`.
    public var rejectionBody: @LoopActor (Reason, String) -> [UInt8] = { reason, message in
        // The sentences are this target's own and hold nothing that JSON would escape.
        Array(#"{"code":"\#(reason.rawValue)","message":"\#(message)"}"#.utf8)
    }
    /// Told of each answer that the server gives itself.
    public var onRejection: @LoopActor (Rejection) -> Void = { _ in }
    /// What a new connection of an address and a port must begin with; asked for each.
    public var beginning: @LoopActor (Peer) -> Beginning = { _ in .request }
    /// Told of each connection that was cut since it did not begin so, and why.
    public var onProxyRefused: @LoopActor (Peer, String) -> Void = { _, _ in }
    /// Told when accepting has to rest, as without descriptors.
    public var onTrouble: @LoopActor (SocketError) -> Void = { _ in }
    /// Ends each connection after its present answer, which says so (`Connection: close`): while the node is drained.
    public var closesAfterAnswers = false
    /// What has happened so far.
    public internal(set) var counters = ServerCounters()

    /// Its bounds. Those of a connection hold from when it is opened, so a change is for later ones.
    public var options: Options
    let timers: any Timers
    let handler: Handler
    private var closers: [() -> Void] = []
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    /// Connections that have not said yet for whom they are.
    var greetings: [ObjectIdentifier: ProxyGreeting] = [:]
    private var unreservedCount = 0
    private var turnedAwayCount = 0
    /// Bytes of bodies that requests in flight hold.
    public private(set) var bodyBytesInFlight = 0
    /// Requests whose handler has not returned.
    public internal(set) var requestsInFlight = 0

    private var fixedHeaders: [UInt8] = []
    private var fixedHeadersSecond = Int64.min
    /// Answers are put together here; keeps its capacity.
    private var scratch: [UInt8] = []

    /// A server that listens nowhere yet.
    public init(options: Options = Options(), timers: any Timers, handler: @escaping Handler) {
        self.options = options
        self.timers = timers
        self.handler = handler
    }

    // MARK: Listening

    /// Puts TLS around a connection that has been accepted, from a client that may stand behind a proxy; `nil` if it cannot,
    /// and the connection is cut.
    public typealias Securing = @LoopActor (StreamConnection, _ client: Peer) -> (any ByteStream)?

    /// Listens at an address and returns it, with the port that the kernel chose for 0.
    ///
    /// - Parameters:
    ///   - label: What exchanges and rejections name the listener.
    ///   - reserved: For health and administration: its connections may use those that are kept back, and are served
    ///     before all others.
    ///   - reusePort: Lets other processes listen there too.
    ///   - inherited: A socket that listens there already, from another process.
    ///   - secure: Puts TLS around each connection; without it bytes go as they are.
    @discardableResult
    public func listen(
        on address: SocketAddress, label: String = "data", reserved: Bool = false, reusePort: Bool = false,
        inherited: InheritedSockets.Socket? = nil, securedBy secure: Securing? = nil
    ) throws(SocketError) -> SocketAddress {
        let onTrouble: @LoopActor (SocketError) -> Void = { [weak self] in self?.onTrouble($0) }
        let onConnection: @LoopActor (StreamConnection) -> Void = { [weak self] stream in
            self?.opened(stream) { stream, caller in
                guard let carried = secure.map({ $0(stream, caller.peer) }) ?? stream else { return stream.reset() }
                self?.accepted(carried, caller, label: label, reserved: reserved)
            }
        }
        let listener =
            if let inherited {
                try TCPListener(
                    inherited: inherited, isUrgent: reserved, onTrouble: onTrouble, onConnection: onConnection)
            } else {
                try TCPListener(
                    address: address, reusePort: reusePort, isUrgent: reserved, onTrouble: onTrouble,
                    onConnection: onConnection)
            }
        self.closers.append { listener.close() }
        return listener.address
    }

    /// Listens at a Unix socket, which only its owner may connect to.
    public func listen(
        onUnixSocket path: String, label: String = "admin", reserved: Bool = true
    ) throws(SocketError) {
        let listener = try PipeListener(
            path: path, isUrgent: reserved,
            onTrouble: { [weak self] in self?.onTrouble($0) },
            onConnection: { [weak self] in self?.accepted($0, Caller(peer: $0.peer), label: label, reserved: reserved) }
        )
        self.closers.append { listener.close() }
    }

    private func accepted(_ stream: any ByteStream, _ caller: Caller, label: String, reserved: Bool) {
        self.counters.connectionsAccepted += 1
        let isFull =
            self.connectionCount >= self.options.connectionsMax
            || !reserved && self.unreservedCount >= self.options.connectionsMax - self.options.connectionsKept
        if isFull {
            self.counters.connectionsTurnedAway += 1
            guard self.turnedAwayCount < Self.turnedAwayMax else { return stream.reset() }
        }
        let connection = ServerConnection(
            stream, from: caller, of: self, listener: label,
            standing: isFull ? .turnedAway : reserved ? .reserved : .ordinary)
        switch connection.standing {
        case .turnedAway: self.turnedAwayCount += 1
        case .ordinary: self.unreservedCount += 1
        case .reserved: break
        }
        self.connections[ObjectIdentifier(connection)] = connection
        connection.begin()
    }

    func closed(_ connection: ServerConnection) {
        guard self.connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        switch connection.standing {
        case .turnedAway: self.turnedAwayCount -= 1
        case .ordinary: self.unreservedCount -= 1
        case .reserved: break
        }
    }

    // MARK: Ending

    /// Open connections, those that are being turned away left out.
    public var connectionCount: Int { self.connections.count - self.turnedAwayCount + self.greetings.count }

    /// Closes the listeners; connections go on, each until its present answer has ended.
    public func stopAccepting() {
        self.closesAfterAnswers = true
        for close in self.closers { close() }
        self.closers = []
    }

    /// Closes the connections that have been between two requests for so long: the next request of one that has only just
    /// been opened or answered may be on its way already.
    public func closeIdle(for duration: Duration = .zero) {
        let latest = self.timers.now - duration
        for connection in Array(self.connections.values) { connection.closeIfIdle(since: latest) }
        self.cutGreetings(since: latest)
    }

    /// Cuts every connection; handlers learn it as if their clients had left, with the reason `shutdown`.
    public func closeAll() {
        for connection in Array(self.connections.values) { connection.cut(.shutdown) }
        self.cutGreetings(since: self.timers.now)
    }

    // MARK: For connections

    /// Counts `count` bytes of a body; false if that is more than all bodies together may have.
    func reserveBody(_ count: Int) -> Bool {
        guard count <= self.options.bodiesInFlightMax - self.bodyBytesInFlight else { return false }
        self.bodyBytesInFlight += count
        return true
    }

    func releaseBody(_ count: Int) {
        self.bodyBytesInFlight -= count
    }

    /// `Date` and `Server` as whole header lines, made once a second (RFC 9110 section 6.6.1 asks for the date).
    func fixedHeaderLines() -> [UInt8] {
        let now = self.timers.wallNow
        if now.seconds != self.fixedHeadersSecond {
            self.fixedHeadersSecond = now.seconds
            var lines = Array("Date: ".utf8) + HTTPDate.bytes(now) + Array("\r\n".utf8)
            if let name = self.options.serverName { lines += Array("Server: \(name)\r\n".utf8) }
            self.fixedHeaders = lines
        }
        return self.fixedHeaders
    }

    /// Lends one array to whoever puts an answer together.
    func withScratch(_ body: (inout [UInt8]) -> Void) {
        var out: [UInt8] = []
        swap(&out, &self.scratch)
        body(&out)
        out.removeAll(keepingCapacity: out.capacity <= 128 << 10)
        swap(&out, &self.scratch)
    }
}
