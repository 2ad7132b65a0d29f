import Residency
import Routing
import Vocabulary

/// Plays the life of one request to its `RequestMachine`, with the dispatcher of a node in one `LocalCase`: what the
/// shell would do, without a wire. Whoever is allowed to be asked outside is taken to answer.
struct LadderPlay {
    /// One time that the policy was asked.
    struct Weighed {
        let backend: BackendID
        let model: ModelName
        let verdict: Verdict
    }

    private let order: RequestOrder
    private let fleet: AssumedFleet
    private let localCase: LocalCase
    private let queueTarget: Duration
    private let classification: Classification
    private let judge: (PolicyQuestion) -> Verdict

    private var machine: RequestMachine
    private var dispatcher = Dispatcher()
    private var budget = RetryBudget()
    private var now = Instant.zero
    private var failure: RequestMachine.Failure?
    private var outcome: Explanation.Outcome?
    /// Actions that have not been run.
    private var due: [RequestMachine.Action] = []
    /// What the policy was asked, in order.
    private(set) var weighed: [Weighed] = []

    init(
        _ order: RequestOrder, _ classification: Classification, in localCase: LocalCase, fleet: AssumedFleet,
        limits: RequestMachine.Limits, judge: @escaping (PolicyQuestion) -> Verdict
    ) {
        self.order = order
        self.fleet = fleet
        self.localCase = localCase
        self.queueTarget = limits.queueTarget
        self.classification = classification
        self.judge = judge
        self.machine = order.machine(.ofNobody, limits: limits)
        let local = fleet.localViews(localCase == .down ? Self.down : .usable)
        for view in local + fleet.externalViews { _ = self.dispatcher.update(view, at: self.now) }
    }

    private static let down = BackendView.Availability.unusable("taken to be down")

    /// What the client gets.
    mutating func run() -> Explanation.Outcome {
        self.due = self.machine.begun(budget: &self.budget, at: self.now)
        while self.outcome == nil, !self.due.isEmpty { self.perform(self.due.removeFirst()) }
        guard let outcome else { preconditionFailure("a request has no end") }
        return outcome
    }

    private mutating func perform(_ action: RequestMachine.Action) {
        switch action {
        case .enterQueue(let order): self.enter(order)
        case .awaitSeat(let until): self.waitInVain(until: until)
        case .weigh(let backend, let model, let trigger): self.weigh(backend, model, trigger)
        case .recordIntent: self.due += self.machine.intentRecorded(at: self.now)
        case .attempt(let seat, _): self.attempt(seat)
        case .releaseSeat(let seat, let outcome): _ = self.dispatcher.leave(seat, outcome, at: self.now)
        case .answer(let failure): self.failure = failure
        case .reply:
            self.outcome = Explanation.Outcome(
                status: Reason.fallbackReply.status, reason: Reason.fallbackReply.rawValue, route: "fallback")
        case .end(let ending): self.end(ending)
        // Nothing is sent, so that none of these means anything here; a queue is entered in words only.
        case .leaveQueue, .awaitFirstToken, .cancelTransfer, .discardHeld: break
        case .quarantine, .commit, .passOn, .finish, .breakOff, .cutClient:
            preconditionFailure("an answer has come where none was sent")
        }
    }

    private mutating func enter(_ order: Dispatcher.Order) {
        // In a queue nobody but the clock matters.
        if self.localCase == .saturated, order.external == nil {
            self.due += self.machine.queued(predictedWait: self.queueTarget + .seconds(1), at: self.now)
            return
        }
        switch self.dispatcher.enter(order, at: self.now) {
        case .seated(let seat): self.due += self.machine.seated(seat, budget: &self.budget, at: self.now)
        case .queued(let place): self.due += self.machine.queued(predictedWait: place.predictedWait, at: self.now)
        case .refused(let refusal): self.due += self.machine.refused(refusal, at: self.now)
        }
    }

    private mutating func waitInVain(until end: Instant) {
        self.now = end
        self.due += self.machine.queueWaitOver(
            retryAfter: self.dispatcher.retryAfter(for: self.order.resolution.models), at: end)
    }

    private mutating func weigh(_ backend: BackendID, _ model: ModelName, _ trigger: Trigger) {
        let weighing = self.order.weighing(
            .ofNobody, of: model, at: backend, as: self.fleet.manner(of: backend), for: trigger, self.classification)
        let verdict = self.judge(weighing.question)
        self.weighed.append(Weighed(backend: backend, model: model, verdict: verdict))
        self.due += weighing.tell(verdict, to: &self.machine, at: self.now)
    }

    private mutating func attempt(_ seat: Seat) {
        if seat.isExternal {
            self.outcome = Explanation.Outcome(
                status: Reason.allowRule.status, reason: Reason.allowRule.rawValue, route: "external:\(seat.backend)")
            return
        }
        guard self.localCase == .timedOut else {
            self.outcome = Explanation.Outcome(
                status: Reason.allowLocal.status, reason: Reason.allowLocal.rawValue, route: "local")
            return
        }
        for view in self.fleet.localViews(Self.down) { _ = self.dispatcher.update(view, at: self.now) }
        self.due += self.machine.attemptEnded(
            .failed(.upstreamFirstByteTimeout, detail: "gave no answer in time"), budget: &self.budget, at: self.now)
    }

    private mutating func end(_ ending: RequestMachine.Ending) {
        if self.outcome != nil { return }
        self.outcome = Explanation.Outcome(
            status: ending.status, reason: ending.reason.rawValue, route: "none",
            // Of a request that nobody made there is no record.
            message: self.failure?.message.replacing("; decision \(RequestID.ofNobody)", with: ""),
            retryAfter: self.failure?.retryAfter?.wholeSecondsUp)
    }
}
