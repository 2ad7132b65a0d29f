import Foundation

/// One request and what has come of its answer: what is there to be taken, and when something must have happened. Knows
/// no clock and no socket.
struct ExchangeState: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// What it is measured by.
    struct Limits: Sendable {
        var firstByte: Duration
        var silence: Duration
        var whole: Duration
        var bytesMax: Int
    }

    private enum Phase {
        case waiting  // For the head. Next: answering or failed.
        case answering  // Next: ended or failed.
        case ended
        case failed(LLMError)
    }

    /// How long a server may take to end an answer that is complete. To cut it off would look as if its client had left.
    static let settling = Duration.seconds(2)

    private let limits: Limits
    private let startedAt: Instant
    private var lastHeardAt: Instant
    private var settlesUntil: Instant?
    private var phase = Phase.waiting
    /// Known as soon as it has come, whatever comes after it.
    private var headCome: AnswerHead?
    private var arrived = Data()
    private var arrivedCount = 0

    init(_ limits: Limits, startedAt now: Instant) {
        self.limits = limits
        self.startedAt = now
        self.lastHeardAt = now
    }

    mutating func headCame(_ head: AnswerHead, at now: Instant) {
        guard case .waiting = self.phase else { return }  // What comes after our own end tells nothing new.
        self.phase = .answering
        self.headCome = head
        self.lastHeardAt = now
    }

    /// False: it is too much, and the answer has failed.
    mutating func bytesCame(_ bytes: Data, at now: Instant) -> Bool {
        guard case .answering = self.phase else { return true }
        self.lastHeardAt = now
        self.arrivedCount += bytes.count
        guard self.arrivedCount <= self.limits.bytesMax else {
            self.fail(LLMError(.malformedAnswer, "the answer is longer than \(self.limits.bytesMax) bytes"))
            return false
        }
        self.arrived.append(bytes)
        return true
    }

    /// The server has ended its answer, or the connection has failed.
    mutating func ended(_ error: LLMError?) {
        switch (self.phase, error) {
        case (.answering, nil): self.phase = .ended
        case (.waiting, nil): self.phase = .failed(LLMError(.transport, "the connection ended without an answer"))
        case (.answering, let error?), (.waiting, let error?): self.phase = .failed(error)
        case (.ended, _), (.failed, _): break
        }
        self.settlesUntil = nil
    }

    /// We end it: what has come is of no use any more.
    mutating func fail(_ error: LLMError) {
        switch self.phase {
        case .waiting, .answering:
            self.phase = .failed(error)
            self.arrived = Data()
        case .ended, .failed: break
        }
    }

    /// All that counts has come. The server has a moment to end its answer, and nobody waits for it.
    mutating func settle(at now: Instant) {
        guard case .answering = self.phase else { return }
        self.phase = .ended
        self.settlesUntil = now + Self.settling
    }

    /// Is there more to come that somebody waits for?
    var isUnderWay: Bool {
        switch self.phase {
        case .waiting, .answering: true
        case .ended, .failed: false
        }
    }

    /// When it is over unless something happens before; `nil`: it is over.
    var deadline: Instant? {
        switch self.phase {
        case .waiting: self.startedAt + min(self.limits.firstByte, self.limits.whole)
        case .answering: min(self.lastHeardAt + self.limits.silence, self.startedAt + self.limits.whole)
        case .ended, .failed: self.settlesUntil
        }
    }

    /// True: a deadline has passed, and the request is to be ended.
    mutating func timePassed(to now: Instant) -> Bool {
        guard let deadline = self.deadline, now >= deadline else { return false }
        if now >= self.startedAt + self.limits.whole {
            self.fail(LLMError(.timeout, "no whole answer within \(self.limits.whole)"))
        } else if case .waiting = self.phase {
            self.fail(LLMError(.timeout, "no answer began within \(self.limits.firstByte)"))
        } else {
            self.fail(LLMError(.timeout, "the answer fell silent for \(self.limits.silence)"))
        }
        self.settlesUntil = nil
        return true
    }

    /// The head, once it is known; `nil`: not yet.
    var head: Result<AnswerHead, LLMError>? {
        if let head = self.headCome { return .success(head) }
        if case .failed(let error) = self.phase { return .failure(error) }
        return nil
    }

    /// Is there anything to take, an end included?
    var hasNews: Bool {
        switch self.phase {
        case .waiting: false
        case .answering: !self.arrived.isEmpty
        case .ended, .failed: true
        }
    }

    /// What has come since the last time, empty if nothing has; after all of it the end, as `nil` or what went wrong.
    mutating func take() throws(LLMError) -> Data? {
        if !self.arrived.isEmpty {
            defer { self.arrived = Data() }
            return self.arrived
        }
        switch self.phase {
        case .waiting, .answering: return Data()
        case .ended: return nil
        case .failed(let error): throw error
        }
    }
}
