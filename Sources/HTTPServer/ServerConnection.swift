import EventLoop
import Vocabulary

/// One client connection: feeds what happens on its stream into `ConnectionMachine` and carries out what that decides.
@LoopActor
final class ServerConnection: StreamHandler {
    /// Which of the server's connections this is.
    enum Standing {
        case ordinary
        /// May use the connections that are kept back.
        case reserved
        /// One too many: gets its 503.
        case turnedAway
    }

    let server: HTTPServer
    let stream: any ByteStream
    let caller: HTTPServer.Caller
    let listener: String
    let standing: Standing
    private(set) var machine: ConnectionMachine
    private var exchange: HTTPExchange?

    private var slowReader: SlowReaderWatch
    private var timer: TimerToken?
    private var timerDeadline: Instant?

    init(
        _ stream: any ByteStream, from caller: HTTPServer.Caller, of server: HTTPServer, listener: String,
        standing: Standing
    ) {
        self.stream = stream
        self.caller = caller
        self.server = server
        self.listener = listener
        self.standing = standing
        self.machine = ConnectionMachine(limits: server.options.connection, now: server.timers.now)
        self.slowReader = SlowReaderWatch(limit: server.options.connection.clientReadIdle)
    }

    private var now: Instant { self.server.timers.now }

    /// Bytes that the client has not taken; asked of an open stream only.
    var queued: Int { self.stream.isClosing ? 0 : self.stream.bytesQueued }

    var local: SocketAddress? { self.stream.isClosing ? nil : self.stream.local }

    func begin() {
        self.stream.handler = self
        if self.standing == .turnedAway { self.run(self.machine.turnAway()) }
        self.settle()
    }

    // MARK: Events of the stream

    func received(_ bytes: UnsafeRawBufferPointer) {
        self.server.counters.bytesReceived += bytes.count
        let span = bytes.assumingMemoryBound(to: UInt8.self).span
        self.run(self.machine.received(span, queued: self.queued, at: self.now))
        self.exchange?.bodyHasGrown()
        self.settle()
    }

    func endOfStream() {
        self.run(self.machine.ended(at: self.now, queued: self.queued))
        self.settle()
    }

    func drained() {
        if self.queued == 0 { self.run(self.machine.flushed(at: self.now)) }
        self.exchange?.clientHasTaken()
        self.settle()
    }

    func closed(_ error: SocketError?) {
        self.timer?.cancel()
        self.timer = nil
        self.run(self.machine.lost())
        self.server.closed(self)
    }

    // MARK: Actions

    private func run(_ action: ConnectionMachine.Action) {
        switch action {
        case .none: break
        case .start(let head): self.start(head)
        case .refuse(let failure): self.refuse(failure)
        case .bodyReady: self.exchange?.bodyIsReady()
        case .clientGone: self.clientGone(.clientLeft)
        case .shutdownWrite: self.stream.shutdownWrite()
        case .close: self.stream.close()
        }
    }

    /// Brings reading and the timer in line with what the machine wants now.
    private func settle() {
        guard !self.stream.isClosing else { return }
        if self.machine.wantsToRead { self.stream.startReading() } else { self.stream.pauseReading() }
        if self.slowReader.isTooSlow(taken: self.stream.bytesTaken, queued: self.queued, at: self.now) {
            self.server.counters.clientsTooSlow += 1
            return self.cut(.clientTooSlow)
        }
        self.arm()
    }

    /// One timer for all deadlines, set for the earliest and left alone while later ones come and go: a request that
    /// is answered at once sets none.
    private func arm() {
        var earliest = self.machine.deadline
        if let other = self.slowReader.deadline { earliest = min(other, earliest ?? other) }
        guard let deadline = earliest else { return }
        if let timerDeadline, timerDeadline <= deadline { return }
        self.timer?.cancel()
        self.timerDeadline = deadline
        self.timer = self.server.timers.schedule(after: deadline - self.now) { [weak self] in self?.timerFired() }
    }

    private func timerFired() {
        self.timer = nil
        self.timerDeadline = nil
        self.run(self.machine.deadlinePassed(at: self.now, queued: self.queued))
        self.settle()
    }

    private func start(_ head: RequestHead) {
        let exchange = HTTPExchange(head, on: self, at: self.now)
        self.exchange = exchange
        self.server.counters.requests += 1
        self.server.requestsInFlight += 1
        let handler = self.server.handler
        startTask {
            await handler(exchange)
            exchange.handlerReturned()
        }
    }

    /// Answers by the server itself, and ends the connection.
    private func refuse(_ failure: HTTPFailure) {
        self.server.write(rejection: failure, to: self)
        self.answerEnded(persists: false)
    }

    private func clientGone(_ reason: Reason) {
        if reason == .clientLeft { self.server.counters.clientsLeft += 1 }
        self.stream.reset()
        let exchange = self.exchange
        self.exchange = nil
        exchange?.clientIsGone(reason)
    }

    /// Ends the connection so that no client takes what it has for a whole answer.
    func cut(_ reason: Reason) {
        _ = self.machine.lost()
        self.clientGone(reason)
    }

    func closeIfIdle(since latest: Instant) {
        guard let since = self.machine.idleSince, since <= latest, self.queued == 0 else { return }
        _ = self.machine.lost()
        self.stream.close()
    }

    // MARK: For the exchange

    /// Whether the answer may leave the connection open.
    var canPersist: Bool { self.machine.canPersist && !self.server.closesAfterAnswers }

    func write(_ bytes: [UInt8]) {
        self.server.counters.bytesSent += bytes.count
        self.stream.write(bytes)
    }

    func write(_ first: [UInt8], _ second: [UInt8]) {
        self.server.counters.bytesSent += first.count + second.count
        self.stream.write(first, second)
    }

    func write(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8]) {
        self.server.counters.bytesSent += first.count + second.count + third.count
        self.stream.write(first, second, third)
    }

    /// After writes that do not end the answer.
    func wrote() {
        self.settle()
    }

    /// The exchange is over, as far as this connection is concerned.
    func answerEnded(persists: Bool) {
        self.exchange = nil
        if self.stream.isClosing { _ = self.machine.lost() }  // No request is begun on what is gone.
        self.run(self.machine.answerEnded(persists: persists, queued: self.queued, at: self.now))
        self.settle()
    }

    func bodyWanted(max: Int) -> ConnectionMachine.BodyStep {
        self.machine.bodyWanted(max: max, at: self.now)
    }

    /// Lets the client send what it holds back, and has reading go on.
    func awaitBody(sendContinue: Bool) {
        if sendContinue { self.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
        self.settle()
    }

    func takeBody() -> Result<[UInt8], HTTPFailure> {
        let body = self.machine.takeBody()
        self.settle()
        return body
    }

    func failBody(_ failure: HTTPFailure) {
        self.run(self.machine.failBody(failure))
    }
}
