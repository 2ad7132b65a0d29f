import EventLoop
import Vocabulary

/// One request and its answer. Everything here may be called after the client has left; it does nothing then.
@LoopActor
public final class HTTPExchange {
    /// The request, without its body.
    public let head: RequestHead
    /// Who sent it; behind a proxy that says first for whom it speaks, the client that it names.
    public let peer: Peer
    /// A proxy said first that it speaks for somebody.
    public let isForwarded: Bool
    /// It came through TLS.
    public let isSecure: Bool
    /// What the client's certificate calls it, if it has shown one that is trusted.
    public let peerNames: [PeerName]
    /// The address it was sent to; `nil` for a Unix socket.
    public var local: SocketAddress? { self.connection?.local }
    /// The label of the listener it came through.
    public let listener: String
    /// Bytes of the answer's body that were sent, without the framing of chunks.
    public private(set) var bodyBytesSent = 0
    /// When the last byte of its head came.
    public let receivedAt: Instant

    /// Called once, when the client ends its connection before the answer is complete, or is cut for taking nothing.
    /// At once if that has happened already.
    public var onClientGone: (@LoopActor () -> Void)? {
        didSet {
            if self.isClientGone { self.tellClientGone() }
        }
    }
    /// Why the connection ended before the answer did: `client_left`, `client_too_slow` or `shutdown`.
    public private(set) var goneReason: Reason?
    /// Whether it did.
    public var isClientGone: Bool { self.goneReason != nil }

    private enum Answer {
        case none
        /// `sendsBody` is false for HEAD; `left` is what a `Content-Length` still promises.
        case streaming(framing: AnswerFraming, sendsBody: Bool, left: Int?, persists: Bool)
        case ended
    }

    private var answer = Answer.none
    private var connection: ServerConnection?
    private let server: HTTPServer
    private var bodyWaiter: Waiter<Void>?
    private var drainWaiter: Waiter<Bool>?
    private var bodyBytesReserved = 0
    private var closesAfterwards = false

    init(_ head: RequestHead, on connection: ServerConnection, at now: Instant) {
        self.head = head
        self.peer = connection.caller.peer
        self.isForwarded = connection.caller.isForwarded
        self.isSecure = connection.stream.isSecure
        self.peerNames = connection.stream.peerNames
        self.listener = connection.listener
        self.receivedAt = now
        self.connection = connection
        self.server = connection.server
    }

    // MARK: The body of the request

    /// The whole body; empty if there is none. Once.
    ///
    /// Throws `body_too_large` (at once if `Content-Length` says so), `request_timeout`, `bad_request` for broken
    /// framing, `bodies_in_flight`, `client_left`. The answer to a failed body ends the connection.
    ///
    /// A handler that does not call this leaves the body to the server, which throws it away or closes.
    public func readBody(max: Bytes = Bounds.requestBody) async throws(HTTPFailure) -> [UInt8] {
        guard let connection = self.connection else { throw HTTPFailure(.clientLeft, "the client has left") }
        switch connection.bodyWanted(max: max.count) {
        case .ready:
            self.bodyHasGrown()
        case .wait(let sendContinue):
            if self.reserve(connection.machine.announcedBodyCount ?? connection.machine.body.count) {
                let waiter = Waiter<Void>()
                self.bodyWaiter = waiter
                connection.awaitBody(sendContinue: sendContinue)
                await waiter.wait()
            }
        }
        return try connection.takeBody().get()
    }

    func bodyIsReady() {
        let waiter = self.bodyWaiter
        self.bodyWaiter = nil
        waiter?.resume(())
    }

    /// Counts what has come of a body beyond what is reserved.
    func bodyHasGrown() {
        guard let connection = self.connection else { return }
        let excess = connection.machine.body.count - self.bodyBytesReserved
        if excess > 0 { _ = self.reserve(self.bodyBytesReserved + excess) }
    }

    private func reserve(_ total: Int) -> Bool {
        let more = total - self.bodyBytesReserved
        guard self.server.reserveBody(more) else {
            self.connection?.failBody(HTTPFailure(.bodiesInFlight, "the bodies of all requests together are too large"))
            return false
        }
        self.bodyBytesReserved = total
        return true
    }

    private func releaseBody() {
        self.server.releaseBody(self.bodyBytesReserved)
        self.bodyBytesReserved = 0
    }

    // MARK: Answering

    /// Closes the connection after this answer, which then says so.
    public func closeAfterAnswer() {
        self.closesAfterwards = true
    }

    /// The whole answer, in one write. `Content-Length`, `Date` and `Connection` are set here; HEAD, 204 and 304
    /// carry no body.
    public func respond(status: Int, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        guard let connection = self.beginAnswer() else { return }
        let persists = connection.canPersist && !self.closesAfterwards
        let hasBody = status != 204 && status != 304
        self.server.withScratch { out in
            self.appendHead(
                status, headers, framing: hasBody ? .length(body.count) : .none, persists: persists, to: &out)
            if !hasBody || self.head.isMethod("HEAD") || body.isEmpty {
                return connection.write(out)
            }
            self.bodyBytesSent = body.count
            if body.count <= Self.copyMax {
                out.append(contentsOf: body)
                connection.write(out)
            } else {
                connection.write(out, body)
            }
        }
        self.end(connection, persists: persists)
    }

    /// Answers with `failure` in the server's own shape.
    public func reject(_ failure: HTTPFailure) {
        guard self.connection != nil, case .none = self.answer else { return }
        if let connection = self.connection { self.server.note(rejection: failure, on: connection) }
        self.respond(
            status: HTTPServer.status(of: failure.reason), headers: self.server.headers(of: failure.reason),
            body: self.server.rejectionBody(failure.reason, failure.message))
    }

    /// Begins an answer whose body follows in pieces: with `contentLength` bytes in all, else chunked, or to the end
    /// of the connection on HTTP/1.0. `first` goes out with the head, in one write.
    public func beginStream(
        status: Int, headers: [HTTPHeader] = [], contentLength: Int? = nil, first: [UInt8] = []
    ) {
        guard let connection = self.beginAnswer() else { return }
        let framing: AnswerFraming =
            if status == 204 || status == 304 { .none } else if let contentLength {
                .length(contentLength)
            } else { self.head.version == .http11 ? .chunked : .close }
        let persists = connection.canPersist && !self.closesAfterwards && framing != .close
        let sendsBody = framing != .none && !self.head.isMethod("HEAD")
        self.answer = .streaming(framing: framing, sendsBody: sendsBody, left: contentLength, persists: persists)
        self.server.withScratch { out in
            self.appendHead(status, headers, framing: framing, persists: persists, to: &out)
            guard let first = self.piece(first, of: connection) else { return }
            Self.append(first, framing: framing, to: &out)
            connection.write(out)
        }
        self.connection?.wrote()
    }

    /// One piece of the body: one chunk, one write. Returns at once; see `bytesQueued` and `drained`.
    public func write(_ bytes: [UInt8]) {
        guard let connection = self.connection else { return }
        guard case .streaming(let framing, _, _, _) = self.answer else {
            preconditionFailure("a stream is written to before it begins or after its end")
        }
        guard let piece = self.piece(bytes, of: connection), !piece.isEmpty else { return }
        if framing == .chunked, piece.count > Self.copyMax {
            var size: [UInt8] = []
            ResponseHead.appendChunkSize(piece.count, to: &size)
            connection.write(size, piece, Self.lineEnd)
        } else if framing == .chunked {
            self.server.withScratch { out in
                Self.append(piece, framing: framing, to: &out)
                connection.write(out)
            }
        } else {
            connection.write(piece)
        }
        connection.wrote()
    }

    /// Ends the stream properly, `last` going out with its end. A stream that has sent less than its
    /// `contentLength` is cut instead.
    public func finish(_ last: [UInt8] = []) {
        guard let connection = self.connection else { return }
        guard case .streaming(let framing, let sendsBody, _, let persists) = self.answer else {
            preconditionFailure("a stream ends before it begins, or twice")
        }
        guard let last = self.piece(last, of: connection) else { return }
        guard case .streaming(_, _, let left, _) = self.answer, !sendsBody || left ?? 0 == 0 else {
            return self.abort()
        }
        self.server.withScratch { out in
            Self.append(last, framing: framing, to: &out)
            if framing == .chunked, sendsBody { ResponseHead.append("0\r\n\r\n", to: &out) }
            if !out.isEmpty { connection.write(out) }
        }
        self.end(connection, persists: persists)
    }

    /// Cuts the connection: the client sees a reset and no proper end.
    public func abort() {
        guard let connection = self.connection else { return }
        self.answer = .ended
        self.onClientGone = nil
        self.detach()
        connection.cut(.internalError)
    }

    // MARK: Back-pressure

    /// Bytes of the answer that the client has not taken yet.
    public var bytesQueued: Int { self.connection?.queued ?? 0 }

    /// Waits until fewer than 16 KiB are queued. False if the client has left or was cut for taking nothing.
    public func drained() async -> Bool {
        guard let connection = self.connection else { return !self.isClientGone }
        if connection.queued < StreamConnection.lowWater.count { return true }
        let waiter = Waiter<Bool>()
        self.drainWaiter = waiter
        return await waiter.wait()
    }

    func clientHasTaken() {
        let waiter = self.drainWaiter
        self.drainWaiter = nil
        waiter?.resume(true)
    }

    // MARK: The end

    func clientIsGone(_ reason: Reason) {
        guard self.connection != nil else { return }
        self.goneReason = reason
        self.detach()
        self.tellClientGone()
    }

    private func tellClientGone() {
        guard let tell = self.onClientGone else { return }
        self.onClientGone = nil
        tell()
    }

    func handlerReturned() {
        self.server.requestsInFlight -= 1
        switch self.answer {
        case .ended: break
        case .none where self.connection == nil: break
        case .streaming where self.connection == nil: break
        case .none:
            self.server.counters.answersBroken += 1
            self.reject(HTTPFailure(.internalError, "the request was not answered"))
        case .streaming:
            self.server.counters.answersBroken += 1
            self.abort()
        }
    }

    /// Leaves the connection; whoever waits goes on.
    private func detach() {
        self.connection = nil
        self.releaseBody()
        self.bodyIsReady()
        let waiter = self.drainWaiter
        self.drainWaiter = nil
        waiter?.resume(false)
    }

    private func end(_ connection: ServerConnection, persists: Bool) {
        self.answer = .ended
        self.onClientGone = nil
        self.detach()
        connection.answerEnded(persists: persists)
    }
}

// MARK: - Putting answers together

extension HTTPExchange {
    /// Up to this size a body is copied behind its head; a larger one is cheaper as a second buffer.
    private static var copyMax: Int { 16 << 10 }
    private static var lineEnd: [UInt8] { [ASCII.carriageReturn, ASCII.lineFeed] }

    /// The connection, if the client is still there. An exchange is answered once.
    private func beginAnswer() -> ServerConnection? {
        guard let connection = self.connection else { return nil }
        guard case .none = self.answer else { preconditionFailure("a request is answered twice") }
        return connection
    }

    private func appendHead(
        _ status: Int, _ headers: [HTTPHeader], framing: AnswerFraming, persists: Bool, to out: inout [UInt8]
    ) {
        let note: ConnectionNote = !persists ? .closes : self.head.version == .http10 ? .keptForHTTP10 : .kept
        ResponseHead.append(
            status: status, headers: headers, common: self.server.commonHeaders(),
            fixed: self.server.fixedHeaderLines(), framing: framing, connection: note, to: &out)
    }

    /// What of `bytes` goes out: nothing for HEAD; `nil` after more came than `contentLength` promised, which would be
    /// read as the next answer, so the connection is cut.
    private func piece(_ bytes: [UInt8], of connection: ServerConnection) -> [UInt8]? {
        guard case .streaming(let framing, let sendsBody, let left, let persists) = self.answer, sendsBody else {
            return []
        }
        if let left {
            guard bytes.count <= left else {
                self.abort()
                return nil
            }
            self.answer = .streaming(
                framing: framing, sendsBody: sendsBody, left: left - bytes.count, persists: persists)
        }
        self.bodyBytesSent += bytes.count
        return bytes
    }

    /// An empty chunk would end the body, so nothing is written for an empty piece.
    private static func append(_ bytes: [UInt8], framing: AnswerFraming, to out: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        guard framing == .chunked else { return out.append(contentsOf: bytes) }
        ResponseHead.appendChunkSize(bytes.count, to: &out)
        out.append(contentsOf: bytes)
        ResponseHead.append("\r\n", to: &out)
    }
}
