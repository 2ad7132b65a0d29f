import EventLoop
import HTTPServer
import Vocabulary

/// A faithful stand-in for an Ollama server, for a first run without one, for tests, benchmarks and drills. It answers
/// as `ollama.md` and the recordings say, with words instead of thoughts (`Script`), and goes wrong when told (`Fault`).
///
/// It never opens a connection. What a real server would have sent out is recorded in `departures`.
///
/// Below `/__simulated/` it answers for itself: `GET state` tells what it has seen, `POST faults` with
/// `{"faults":["status=503"]}` replaces the faults, `DELETE faults` ends them, and the header `x-simulated-fault`
/// brings one on a single request. `refuse` and `garbage` shut those paths too: then only `setFaults` ends them.
@LoopActor
public final class SimulatedOllama {
    let options: Options
    let timers: any Timers
    var inventory: Inventory
    var scheduler: Scheduler
    var recorder: Recorder
    var identifiers: SeededGenerator
    var ticketNumber: UInt64 = 0
    /// Names as they were read before, and the keys of what they name.
    var references: [String: ModelReference] = [:]
    var keys: [String: String] = [:]
    static let referencesMax = 256
    /// The `Host` that was let in last: nearly every request has the same.
    var hostLetIn: [UInt8] = []
    /// Handlers that wait for their slot.
    var slotWaiters: [Scheduler.Ticket: Waiter<SlotOutcome>] = [:]

    /// What goes wrong at present.
    public private(set) var faults: [Fault]

    private var server: HTTPServer?
    private var address: SocketAddress?
    private var front = Front.closed
    private var schedulerTimer: TimerToken?
    private var schedulerTimerDueAt = Instant(nanoseconds: .max)

    /// What stands at the address.
    private enum Front {
        case closed
        /// The server answers.
        case open
        /// `refuse`: nothing listens.
        case refusing
        /// `garbage`: something listens that does not speak HTTP.
        case babbling(TCPListener)
    }

    /// How a wait for a slot ended.
    enum SlotOutcome: Equatable, Sendable {
        case started(afterLoad: Bool)
        case loadFailed
        case clientGone
    }

    /// A server that does not listen yet. All its delays go through `timers`.
    public init(options: Options = Options(), timers: any Timers) {
        self.options = options
        self.timers = timers
        self.faults = options.faults
        self.inventory = Inventory(options: options, startedAt: timers.wallNow)
        self.scheduler = Scheduler(
            loadedMax: options.loadedMax, queueMax: options.queueMax, keepAlive: options.keepAlive)
        self.recorder = Recorder(requestsMax: options.requestsRemembered)
        self.identifiers = SeededGenerator(seed: options.seed)
    }

    // MARK: Listening

    /// Listens at `address` and returns it, with the port that the kernel chose for 0. Once.
    public func listen(on address: SocketAddress) throws -> SocketAddress {
        precondition(self.server == nil, "the simulated Ollama listens already")
        var options = HTTPServer.Options()
        options.serverName = nil
        // A slow reader holds its slot as long as it likes (`ollama.md` 7).
        options.connection.clientReadIdle = .seconds(86_400)
        let server = HTTPServer(options: options, timers: self.timers) { [weak self] exchange in
            await self?.handle(exchange)
        }
        let bound = try server.listen(on: address)
        self.server = server
        self.address = bound
        self.front = .open
        self.faultsHaveChanged()
        return bound
    }

    /// Stops listening and cuts every connection, as a server that is killed does.
    public func stop() {
        self.closeFront()
        self.server?.closeAll()
        self.server = nil
        self.schedulerTimer?.cancel()
    }

    /// Open connections.
    public var connectionCount: Int { self.server?.connectionCount ?? 0 }

    // MARK: Faults

    /// Replaces what goes wrong, from the next request on; `refuse` and `garbage` act on open connections too.
    public func setFaults(_ faults: [Fault]) {
        self.faults = faults
        self.faultsHaveChanged()
    }

    private func faultsHaveChanged() {
        self.inventory.remote =
            self.faults.contains { $0.kind == .remoteHost } ? .init(host: Self.cloudHost, model: "big-model:120b") : nil
        let wanted = self.faults.map(\.kind)
        switch self.front {
        case .closed: return
        case .open where wanted.contains(.refuse), .babbling where wanted.contains(.refuse):
            self.closeFront()
            self.front = .refusing
        case .open where wanted.contains(.garbage),
            .refusing where wanted.contains(.garbage) && !wanted.contains(.refuse):
            self.closeFront()
            self.babble()
        case .refusing where !wanted.contains(.refuse), .babbling where !wanted.contains(.garbage):
            self.closeFront()
            self.reopen()
        case .open, .refusing, .babbling: return
        }
    }

    private func closeFront() {
        switch self.front {
        case .closed, .refusing: break
        case .open:
            self.server?.stopAccepting()
            self.server?.closeAll()
        case .babbling(let listener): listener.close()
        }
        self.front = .closed
    }

    /// The port was ours a moment ago; if somebody else has taken it, the server stays closed, which is what a client
    /// sees of such a machine too.
    private func reopen() {
        guard let server = self.server, let address = self.address else { return }
        server.closesAfterAnswers = false
        if (try? server.listen(on: address)) != nil { self.front = .open } else { self.front = .refusing }
    }

    private func babble() {
        guard let address = self.address else { return }
        let listener = try? TCPListener(address: address) { connection in
            connection.handler = Babbler(connection)
            connection.startReading()
        }
        if let listener { self.front = .babbling(listener) } else { self.front = .refusing }
    }

    // MARK: The scheduler

    /// Tells waiting handlers what the scheduler has decided, and sets the timer for its next deadline. One timer that
    /// may be early serves all: deadlines move with every request, mostly away.
    func schedulerHasMoved() {
        for event in self.scheduler.takeEvents() {
            switch event {
            case .started(let ticket, let afterLoad):
                self.slotWaiters.removeValue(forKey: ticket)?.resume(.started(afterLoad: afterLoad))
            case .loadFailed(let ticket): self.slotWaiters.removeValue(forKey: ticket)?.resume(.loadFailed)
            }
        }
        guard let deadline = self.scheduler.nextDeadline, deadline < self.schedulerTimerDueAt else { return }
        self.schedulerTimer?.cancel()
        self.schedulerTimerDueAt = deadline
        self.schedulerTimer = self.timers.schedule(after: deadline - self.timers.now) { [weak self] in
            guard let self else { return }
            self.schedulerTimerDueAt = Instant(nanoseconds: .max)
            self.scheduler.advance(to: self.timers.now)
            self.schedulerHasMoved()
        }
    }

    /// Where Ollama sends what is not to be answered at home.
    static let cloudHost = "https://ollama.com:443"
}

/// Answers whatever it reads with something that is not HTTP, and hangs up.
@LoopActor
private final class Babbler: StreamHandler {
    private let connection: StreamConnection
    private var hasSpoken = false

    init(_ connection: StreamConnection) {
        self.connection = connection
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        if self.hasSpoken { return }
        self.hasSpoken = true
        self.connection.write(Array("\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}P this is no HTTP\r\n\r\n".utf8))
        self.connection.shutdownWrite()
    }

    func endOfStream() { self.connection.close() }
    func drained() {}
    func closed(_ error: SocketError?) {}
}
