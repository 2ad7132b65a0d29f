import Vocabulary

/// The life of one request, from its first place in a queue to its end: who is asked, when another is asked instead,
/// when the client gets the first byte, and with what words it ends if it ends badly.
///
/// It knows no clock, no socket and no dialect. The shell tells it events, one function each, and runs the actions it
/// returns, in order, without deciding anything. Whatever the order of events, `.end` comes exactly once and last, and
/// each seat is released exactly once.
///
/// The shell tells one event at a time and finishes its actions before the next; what an action brings at once (a seat,
/// a refused grant) may be told from within it. Events of a transfer that was cancelled or has ended belong to no other
/// attempt: the shell drops them unless the request is over, and then they are ignored here.
///
/// - A backend is asked at most `Bounds.attemptsPerRequest` times in all; seats that came to no send do not count.
/// - Another attempt goes to another place, within the `RetryBudget`, and only while the client has seen nothing.
/// - The client sees nothing until the first content token (`Holding`), then all of it, and a broken answer as broken.
/// - What a client or its request did wrong never counts against a backend.
public struct RequestMachine: Sendable {
    enum State: Sendable {
        case new  // Next: entering.
        case entering  // The dispatcher has been asked. Next: queued, attempting, ended.
        case queued  // Next: attempting, ended.
        case attempting(Seat)  // Sent, or about to be; no head yet. Next: holding, collecting, entering, ended.
        case holding(Seat)  // A good head and perhaps bytes, none shown. Next: relaying, entering, ended.
        case collecting(Seat, AnswerHead)  // The head of an error, its body follows. Next: entering, ended.
        case relaying(Seat)  // The client has the beginning. Next: ended.
        case ended

        /// For traps.
        var name: StaticString {
            switch self {
            case .new: "new"
            case .entering: "entering"
            case .queued: "queued"
            case .attempting: "attempting"
            case .holding: "holding"
            case .collecting: "collecting"
            case .relaying: "relaying"
            case .ended: "ended"
            }
        }
    }

    struct AnswerHead: Sendable {
        let status: Int
        let retryAfter: Duration?
    }

    /// What came of the answer under way; begins anew with each attempt.
    struct Progress: Sendable {
        var signs: AnswerSigns = []
        var chunks = 0
        var bytes = 0
        var status = 0
    }

    /// The request's id.
    public let request: RequestID
    let models: [ModelName]
    let priority: RequestPriority
    let deadline: Instant?
    let holding: Holding
    let slowAfter: Duration

    var state = State.new
    var progress = Progress()
    /// Counts sends.
    var attempts = 0
    var excluding: [Exclusion] = []
    var tried: [Tried] = []
    /// The failure to tell if nobody else can be asked.
    var lastFailure: Failure?
    /// The place of the attempt under way or of the last one.
    var lastSeat: Seat?
    /// Since when the request waits for its present seat.
    var waitingSince = Instant.zero

    /// When what happened so far.
    public internal(set) var timings = Timings(begun: .zero)

    /// A request that has not begun.
    ///
    /// - Parameters:
    ///   - models: those that may answer, in order of preference; not empty.
    ///   - deadline: when the caller's own patience ends, if it said so.
    ///   - holding: whether the answer is a stream or one piece.
    ///   - slowAfter: how long after its sending the first content may come before the backend counts as slow.
    public init(
        request: RequestID, models: [ModelName], priority: RequestPriority = .interactive, deadline: Instant? = nil,
        holding: Holding, slowAfter: Duration = Bounds.firstByte / 2
    ) {
        precondition(!models.isEmpty, "\(request) begins with no model")
        self.request = request
        self.models = models
        self.priority = priority
        self.deadline = deadline
        self.holding = holding
        self.slowAfter = slowAfter
    }

    /// True after `.end`.
    public var isEnded: Bool {
        if case .ended = self.state { true } else { false }
    }

    /// True once the client has got the beginning of a backend's answer.
    public var isCommitted: Bool {
        if case .relaying = self.state { true } else { false }
    }

    /// The place where the request is being answered now, if it has one.
    public var seat: Seat? {
        switch self.state {
        case .attempting(let seat), .holding(let seat), .collecting(let seat, _), .relaying(let seat): seat
        case .new, .entering, .queued, .ended: nil
        }
    }

    // MARK: To a seat

    /// The request has been read and may be answered by `models`.
    public mutating func begun(budget: inout RetryBudget, at now: Instant) -> [Action] {
        switch self.state {
        case .new: break
        case .ended: return []  // The client left while the request was being read.
        case .entering, .queued, .attempting, .holding, .collecting, .relaying: self.impossible("begun")
        }
        self.timings.begun = now
        budget.requestBegan(at: now)
        return self.enter(at: now)
    }

    /// The dispatcher has put the request in a queue.
    public mutating func queued(at now: Instant) -> [Action] {
        guard case .entering = self.state else { self.impossible("queued") }
        self.state = .queued
        return [.awaitSeat(until: self.waitsUntil)]
    }

    /// Until when the request waits for a seat.
    var waitsUntil: Instant {
        let longest = self.timings.begun + Bounds.queueWait
        return self.deadline.map { min($0, longest) } ?? longest
    }

    /// The dispatcher has a seat.
    public mutating func seated(_ seat: Seat, budget: inout RetryBudget, at now: Instant) -> [Action] {
        switch self.state {
        case .entering, .queued:
            break
        case .ended:
            return []  // It crossed with the end; `leaveQueue` has already given the seat back.
        case .new, .attempting, .holding, .collecting, .relaying:
            self.impossible("seated")
        }
        self.timings.queued += now - self.waitingSince
        self.lastSeat = seat
        if self.attempts > 0, !budget.takeRetry(at: now) {
            return [.releaseSeat(seat, .neutral)] + self.refuse(self.withoutBudget(), at: now)
        }
        self.attempts += 1
        self.progress = Progress()
        self.timings.attemptBegan = now
        self.timings.answerBegan = nil
        self.timings.firstContent = nil
        self.timings.lastBytes = nil
        self.state = .attempting(seat)
        return [.attempt(seat, number: self.attempts)]
    }

    /// The dispatcher has neither seat nor queue for it, or has no more.
    public mutating func refused(_ refusal: DispatchRefusal, at now: Instant) -> [Action] {
        switch self.state {
        case .entering, .queued:
            break
        case .ended:
            return []  // It crossed with the end.
        case .new, .attempting, .holding, .collecting, .relaying:
            self.impossible("refused")
        }
        self.timings.queued += now - self.waitingSince
        return self.refuse(self.failure(for: refusal), at: now)
    }

    /// The time for which the request may wait has passed. `retryAfter` is the dispatcher's.
    public mutating func queueWaitOver(retryAfter: Duration, at now: Instant) -> [Action] {
        guard case .queued = self.state else { return [] }  // A seat or an end came in the same turn as the timer.
        self.timings.queued += now - self.waitingSince
        return [.leaveQueue] + self.refuse(self.waitedInVain(retryAfter: retryAfter), at: now)
    }

    mutating func enter(at now: Instant) -> [Action] {
        self.state = .entering
        self.waitingSince = now
        return [
            .enterQueue(
                Dispatcher.Order(
                    request: self.request, models: self.models, priority: self.priority,
                    arrivedAt: self.timings.begun, excluding: self.excluding))
        ]
    }

    /// Ends a request that nothing has been sent to the client for.
    mutating func refuse(_ failure: Failure, at now: Instant) -> [Action] {
        [.answer(failure), self.end(failure.reason, status: failure.reason.status, at: now)]
    }

    mutating func end(_ reason: Reason, status: Int, at now: Instant) -> Action {
        self.state = .ended
        self.timings.ended = now
        return .end(
            Ending(
                reason: reason, status: status, backend: self.lastSeat?.backend, model: self.lastSeat?.model,
                attempts: self.attempts, tried: self.tried, bytes: self.progress.bytes, timings: self.timings))
    }

    func impossible(_ event: StaticString) -> Never {
        preconditionFailure("\(self.request) is \(self.state.name) and cannot have \(event)")
    }
}
