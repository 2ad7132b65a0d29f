import EventLoop
import HTTPServer
import Vocabulary

/// Sends one streamed answer: a timer for each token, a write for each record. The times are those of a clock that
/// began with the first token, so a late timer does not slow the stream down.
@LoopActor
final class TokenPump {
    enum Outcome: Sendable {
        case complete
        case clientGone
    }

    /// Tokens sent in one turn of the loop when there is no speed to keep, or much to catch up.
    private static let burstMax = 32
    /// A client that has so much to read gets no more until it does.
    private static let backlogMax = 64 << 10
    /// How soon such a client is looked at again.
    private static let backlogPause = Duration.milliseconds(5)

    private(set) var tokensSent = 0

    private let course: Course
    private let answering: Answering
    private let timers: any Timers
    private let perToken: Duration
    private let timeToFirstToken: Duration
    private let began: Instant
    private let waiter = Waiter<Outcome>()
    private var encoder: any RecordEncoder
    private var generation: Generation
    private var chunks = Chunks()
    private var timer: TimerToken?
    private var hasBegun = false
    private var hasEnded = false
    private var bytesSent = 0
    /// Calls of a Go-template model have a record of their own, those of others come with the last one.
    private var dueCalls: [ToolCall] = []

    init(
        _ course: Course, _ encoder: any RecordEncoder, _ answering: Answering, timers: any Timers,
        perToken: Duration, timeToFirstToken: Duration
    ) {
        self.course = course
        self.answering = answering
        self.timers = timers
        self.perToken = perToken
        self.timeToFirstToken = timeToFirstToken
        self.began = timers.now
        self.encoder = encoder
        self.generation = course.generation
    }

    func run() async -> Outcome {
        self.answering.exchange.onClientGone = { [weak self] in self?.end(.clientGone) }
        self.turn()
        return await self.waiter.wait()
    }

    /// Sends what is due and sets the next timer.
    private func turn() {
        if self.hasEnded { return }
        var wait = self.perToken
        if self.answering.exchange.bytesQueued > Self.backlogMax {
            wait = max(Self.backlogPause, self.perToken)
        } else {
            wait = self.sendDue()
        }
        if self.hasEnded { return }
        self.timer = self.timers.schedule(after: wait) { [weak self] in self?.turn() }
    }

    /// How long until the next token.
    private func sendDue() -> Duration {
        for _ in 0..<Self.burstMax {
            self.step()
            if self.hasEnded { return .zero }
            let next = self.began + self.perToken * self.tokensSent
            let wait = next - self.timers.now
            if wait > .zero { return wait }
            if self.answering.exchange.bytesQueued > Self.backlogMax { return Self.backlogPause }
        }
        return .zero
    }

    private func step() {
        let faults = self.answering.faults
        if self.tokensSent == faults.stallAfter { return self.stall() }
        if self.tokensSent == faults.truncateAfter { return self.finish() }
        if self.tokensSent == faults.runnerDiesAfter {
            self.encoder.encodeDeath(into: &self.chunks)
            return self.finish()
        }
        switch self.generation.next() {
        case .token(let part): self.sendToken(part)
        case .toolCalls:
            switch self.course.template {
            case .chat: self.dueCalls = self.generation.toolCalls
            case .go:
                var record = Record(createdAt: self.timestamp)
                record.toolCalls = self.generation.toolCalls
                self.send(record)
            }
        case .finished(let reason): self.sendLast(reason)
        case .endedSilently: self.finish()
        }
    }

    private var timestamp: Timestamp { Timestamp(self.timers.wallNow, self.timers.now) }

    private func sendToken(_ part: Generation.Part) {
        self.tokensSent += 1
        if self.generation.text.isEmpty { return }
        var record = Record(createdAt: self.timestamp)
        switch part {
        case .content:
            record.content = self.generation.text
            if let logprobs = self.course.job.logprobs {
                record.logprobs = [.init(token: self.generation.text, top: logprobs.top)]
            }
        case .thinking: record.thinking = self.generation.text
        }
        self.send(record)
    }

    private func sendLast(_ reason: Record.Reason) {
        var record = Record(createdAt: self.timestamp)
        record.toolCalls = self.dueCalls
        record.finish = .init(
            reason: reason,
            metrics: self.course.metrics(
                outputTokens: self.generation.outputTokens,
                total: self.timers.now - self.answering.exchange.receivedAt,
                timeToFirstToken: self.timeToFirstToken, perToken: self.perToken))
        self.encoder.encode(record, into: &self.chunks)
        self.finish()
    }

    private func send(_ record: Record) {
        self.encoder.encode(record, into: &self.chunks)
        self.flush()
    }

    // MARK: The connection

    private func flush() {
        let exchange = self.answering.exchange
        self.chunks.drain { piece in
            if self.hasEnded { return }
            let allowed = (self.answering.faults.resetAfter ?? .max) - self.bytesSent
            let sent = piece.count > allowed ? Array(piece[..<allowed]) : piece
            self.bytesSent += sent.count
            if self.hasBegun {
                exchange.write(sent)
            } else {
                self.begin(first: sent)
            }
            if self.bytesSent == self.answering.faults.resetAfter { self.reset() }
        }
    }

    /// The head goes out with the first record, not before (`ollama.md` 1.7).
    private func begin(first: [UInt8]) {
        self.hasBegun = true
        var headers = self.answering.headers
        switch self.answering.call {
        case .v1Chat, .v1Completions: headers.append(ContentType.events.header)
        case .v1Messages, .v1Responses: headers += .eventStream + [ContentType.events.header]
        default: headers.append(ContentType.ndjson.header)
        }
        self.answering.exchange.beginStream(status: 200, headers: headers, first: first)
    }

    private func finish() {
        self.flush()
        if self.hasEnded { return }
        if !self.hasBegun { self.begin(first: []) }
        self.answering.exchange.onClientGone = nil
        self.answering.exchange.finish()
        self.end(.complete)
    }

    private func reset() {
        self.answering.exchange.abort()
        self.end(.complete)
    }

    /// Silent and open until the client gives up.
    private func stall() {
        self.timer?.cancel()
        self.hasEnded = true
    }

    private func end(_ outcome: Outcome) {
        self.hasEnded = true
        self.timer?.cancel()
        self.waiter.resume(outcome)
    }
}
