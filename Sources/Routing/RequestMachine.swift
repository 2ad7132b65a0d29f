import Residency
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
/// - Where nobody on one rung of its way can answer, the next is tried: other models, then backends outside, each only
///   after the policy has agreed and the intent is durable, then a reply that somebody has written. Local comes first.
/// - A backend is asked at most `Bounds.attemptsPerRequest` times in all; seats that came to no send do not count.
/// - Another attempt goes to another place, within the `RetryBudget` unless the last was a breaker's trial, and only
///   while the client has seen nothing.
/// - The client sees nothing until the first content token (`Holding`), then all of it, and a broken answer as broken.
/// - What a client or its request did wrong never counts against a backend.
public struct RequestMachine: Sendable {
    enum State: Sendable {
        case new  // Next: entering.
        case entering  // The dispatcher has been asked. Next: queued, attempting, ended.
        case queued  // Next: entering, weighing, attempting, ended.
        case weighing(BackendID, ModelName)  // The policy has been asked. Next: weighing, entering, ended.
        case recording(Seat)  // The intent is being written. Next: attempting, entering, weighing, ended.
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
            case .weighing: "weighing"
            case .recording: "recording"
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
    let rungs: [Rung]
    /// Why the models that were asked for cannot answer, if that was known from the beginning.
    let trouble: Resolution.Trouble?
    let priority: RequestPriority
    let deadline: Instant?
    let holding: Holding
    let promptTokens: Tokens
    let limits: Limits

    var state = State.new
    var progress = Progress()
    /// Counts sends.
    var attempts = 0
    /// Counts intents of which nothing was sent.
    var intentsUnsent = 0
    /// The number of the attempt under way: no two intents of a request have the same, since their outcomes are told by
    /// it.
    var number: Int { self.attempts + self.intentsUnsent }
    /// A trial costs its request nothing: who is asked whether it is back may not be, and breakers keep trials few.
    var lastSendWasTrial = false
    /// True once the policy was asked again, since what it had said did not hold until the send.
    var wasWeighedAgain = false
    var excluding: [Exclusion] = []
    /// The place on the way.
    var rung = 0
    /// Why local would not do; set before anything outside is weighed.
    var trigger: Trigger?
    /// What the policy says of the place outside that is being tried.
    var verdict: Verdict?
    /// The first refusal of the policy that a caller must be told of.
    var denial: Verdict?
    /// What the policy said last.
    var lastVerdict: Verdict?
    /// True once the policy has let the request go somewhere.
    var mayLeave = false
    var detour = Detour.none
    /// What stood against each place outside, in words.
    var outside: [String] = []
    /// True once a seat was asked for.
    var wasAdmitted = false
    var tried: [Tried] = []
    /// The failure to tell if nobody else can be asked.
    var lastFailure: Failure?
    /// The place of the attempt under way or of the last one.
    var lastSeat: Seat?
    /// Since when the request waits for its present seat.
    var waitingSince = Instant.zero

    /// When what happened so far.
    public internal(set) var timings = Timings(begun: .zero)

    /// What the operator may set.
    public struct Limits: Equatable, Sendable {
        /// A longer wait for a local slot is a reason to look elsewhere.
        public var queueTarget = Bounds.queueTarget
        /// When a stream's first token is due.
        public var firstToken = FirstTokenLimits()

        /// The bounds of the program.
        public init() {}
    }

    /// A request that has not begun.
    ///
    /// - Parameters:
    ///   - rungs: its way; not empty.
    ///   - trouble: why it does not begin with the models that were asked for.
    ///   - deadline: when the caller's own patience ends, if it said so.
    ///   - holding: whether the answer is a stream or one piece.
    ///   - promptTokens: about how long its prompt is.
    public init(
        request: RequestID, rungs: [Rung], trouble: Resolution.Trouble? = nil,
        priority: RequestPriority = .interactive, deadline: Instant? = nil, holding: Holding,
        promptTokens: Tokens = Tokens(0), limits: Limits = Limits()
    ) {
        precondition(!rungs.isEmpty, "\(request) begins without a way")
        self.request = request
        self.rungs = rungs
        self.trouble = trouble
        self.trigger = trouble?.trigger
        self.priority = priority
        self.deadline = deadline
        self.holding = holding
        self.promptTokens = promptTokens
        self.limits = limits
    }

    /// A request that `models` may answer, and nobody else.
    public init(
        request: RequestID, models: [ModelName], priority: RequestPriority = .interactive, deadline: Instant? = nil,
        holding: Holding
    ) {
        self.init(
            request: request, rungs: [.local(models)], priority: priority, deadline: deadline, holding: holding)
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
        case .recording(let seat), .attempting(let seat), .holding(let seat), .collecting(let seat, _),
            .relaying(let seat):
            seat
        case .new, .entering, .queued, .weighing, .ended: nil
        }
    }

    // MARK: To a seat

    /// The request has been read.
    public mutating func begun(budget: inout RetryBudget, at now: Instant) -> [Action] {
        switch self.state {
        case .new: break
        case .ended: return []  // The client left while the request was being read.
        case .entering, .queued, .weighing, .recording, .attempting, .holding, .collecting, .relaying:
            self.impossible("begun")
        }
        self.timings.begun = now
        budget.requestBegan(at: now)
        if let trouble {
            self.lastFailure = Failure(
                reason: trouble.told.reason, message: trouble.told.message, retryAfter: trouble.told.retryAfter)
        }
        return self.tryRung(at: now)
    }

    /// The dispatcher has put the request in a queue, where it will wait for about `predictedWait`.
    public mutating func queued(predictedWait: Duration? = nil, at now: Instant) -> [Action] {
        guard case .entering = self.state else { self.impossible("queued") }
        self.state = .queued
        if let predictedWait, predictedWait > self.limits.queueTarget, self.mayLookElsewhere {
            return self.lookElsewhere(.localSaturated, at: now)
        }
        let target = self.timings.begun + self.limits.queueTarget
        return [.awaitSeat(until: self.mayLookElsewhere ? min(target, self.waitsUntil) : self.waitsUntil)]
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
        case .new, .weighing, .recording, .attempting, .holding, .collecting, .relaying:
            self.impossible("seated")
        }
        self.timings.queued += now - self.waitingSince
        self.lastSeat = seat
        if self.attempts > 0, !self.lastSendWasTrial, !budget.takeRetry(at: now) {
            return [.releaseSeat(seat, .neutral)] + self.giveUp(self.withoutBudget(), at: now)
        }
        self.attempts += 1
        self.progress = Progress()
        self.timings.attemptBegan = now
        self.timings.answerBegan = nil
        self.timings.firstContent = nil
        self.timings.lastBytes = nil
        if let verdict {
            self.state = .recording(seat)
            return [.recordIntent(seat, verdict, number: self.number)]
        }
        return self.attempt(seat)
    }

    /// Gives the request to the backend.
    mutating func attempt(_ seat: Seat) -> [Action] {
        self.state = .attempting(seat)
        guard self.holding == .stream, let began = self.timings.attemptBegan,
            let look = self.limits.firstToken.nextLook(
                seat, promptTokens: self.promptTokens, began: began, loadedSince: nil, now: began)
        else {
            return [.attempt(seat, number: self.number)]
        }
        // First, since an attempt may be refused, and the request be over, within its action.
        return [.awaitFirstToken(until: look), .attempt(seat, number: self.number)]
    }

    /// The dispatcher has neither seat nor queue for it, or has no more.
    public mutating func refused(_ refusal: DispatchRefusal, at now: Instant) -> [Action] {
        switch self.state {
        case .entering, .queued:
            break
        case .ended:
            return []  // It crossed with the end.
        case .new, .weighing, .recording, .attempting, .holding, .collecting, .relaying:
            self.impossible("refused")
        }
        self.timings.queued += now - self.waitingSince
        return self.nobodyHere(refusal, at: now)
    }

    /// The time for which the request may wait has passed. `retryAfter` is the dispatcher's.
    public mutating func queueWaitOver(retryAfter: Duration, at now: Instant) -> [Action] {
        guard case .queued = self.state else { return [] }  // A seat or an end came in the same turn as the timer.
        if now < self.waitsUntil {
            // The timer of an earlier wait, or the target.
            return self.mayLookElsewhere ? self.lookElsewhere(.localTimeout, at: now) : []
        }
        self.timings.queued += now - self.waitingSince
        return [.leaveQueue] + self.giveUp(self.waitedInVain(retryAfter: retryAfter), at: now)
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
                attempts: self.attempts, tried: self.tried, verdict: self.verdict ?? self.denial ?? self.lastVerdict,
                bytes: self.progress.bytes, timings: self.timings))
    }

    func impossible(_ event: StaticString) -> Never {
        preconditionFailure("\(self.request) is \(self.state.name) and cannot have \(event)")
    }
}
