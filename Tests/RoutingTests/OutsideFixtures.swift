import Residency
import Routing
import Vocabulary

/// The policy's word on a model outside, for whatever reason a test needs. It comes from a real policy, since nothing
/// else can make one.
func verdict(
    _ reason: Reason, _ backend: BackendID = "cloud", _ model: ModelName = "m-large",
    because trigger: Trigger = .localDown, request: RequestID = id(1), at now: Instant = start
) -> Verdict {
    let rule = SpokenRule(reason, backend, model, trigger)
    var today = DayLedger(clock: .utc)
    if reason == .limitRate { today.reserve(rule: "r", bytes: 1, wall: .epoch) }
    let verdict = rule.policy.judge(
        PolicyQuestion(
            request: request, backend: backend, model: model.rawValue, trigger: trigger,
            classification: Classification(sensitivity: .internal, sources: ["default"]), caller: PolicyCaller(),
            bytes: 100, declinesExternal: reason == .externalDeclined), today: today, at: now, wall: .epoch)
    precondition(verdict.reason == reason, "the policy says \(verdict.reason), and was to say \(reason)")
    return verdict
}

extension WallTime {
    fileprivate static let epoch = WallTime(microseconds: 0)
}

/// One allow rule `r` that holds but for what a reason names.
private struct SpokenRule {
    let policy: Policy

    init(_ reason: Reason, _ backend: BackendID, _ model: ModelName, _ trigger: Trigger) {
        var allowance = PolicyRule.Allowance(sensitivityMax: .internal, triggers: Set(Trigger.allCases))
        if reason == .sensitivityTooHigh { allowance.sensitivityMax = .public }
        if reason == .triggerForbidden { allowance.triggers.remove(trigger) }
        if reason == .limitBytes { allowance.limits.bytes = 1 }
        if reason == .limitRate { allowance.limits.requestsPerDay = 1 }
        var rule = PolicyRule(id: "r", effect: .allow(allowance), to: [backend])
        if reason == .projectForbidden { rule.projects = ["marketing"] }
        if reason == .featureForbidden { rule.features = ["search"] }
        if reason == .timeForbidden { rule.time = DailyWindow(from: 60, to: 120) }
        let denial = PolicyRule(id: "d", effect: .deny(PolicyRule.Denial()), to: [backend])
        let terms = ExternalTerms(
            jurisdiction: "EU", prefixes: [try! CIDR(parsing: "8.8.0.0/16")], trust: .system,
            models: [reason == .backendForbidden ? "another" : model.rawValue])
        self.policy =
            reason == .noMatchingAllow
            ? .none
            : try! Policy(
                source: Verdict.Source(hash: .zero, revision: "1"), external: [backend: terms],
                rules: reason == .denyRule ? [rule, denial] : [rule])
    }
}

/// A backend outside with slots for `models`.
func outside(
    _ id: BackendID, _ models: String..., slots: Int = 1, availability: BackendView.Availability = .usable
) -> BackendView {
    BackendView(
        id: id, availability: availability, models: models.map { InstalledModel(name: ModelName($0)) },
        slots: SlotPolicy(perModel: slots), isExternal: true)
}

/// A way with every kind of rung.
let ladder: [Rung] = [
    .local(["a:latest"]), .local(["b:latest"]), .external("cloud", "m-large"), .external("far", "m-far"),
    .reply("come again"),
]

/// A request that has begun on the way of `rungs`.
func machine(
    climbing rungs: [Rung], trouble: Resolution.Trouble? = nil, deadline: Instant? = nil, holding: Holding = .stream,
    promptTokens: Tokens = Tokens(0), limits: RequestMachine.Limits = RequestMachine.Limits()
) -> MachineReferee {
    var referee = MachineReferee(
        RequestMachine(
            request: id(1), rungs: rungs, trouble: trouble, deadline: deadline, holding: holding,
            promptTokens: promptTokens, limits: limits))
    referee.take(referee.machine.begun(budget: &referee.budget, at: start))
    return referee
}

extension MachineReferee {
    /// Plays events at one time.
    mutating func play(_ events: MachineEvent..., at now: Instant = start) {
        for event in events { self.play(event, at: now) }
    }

    /// What the client was told last.
    var failure: RequestMachine.Failure? {
        for action in self.last {
            switch action {
            case .answer(let failure), .breakOff(let failure): return failure
            default: continue
            }
        }
        return nil
    }

    /// The order that was put last, if that is what was done last.
    var latestOrder: Dispatcher.Order? {
        if case .enterQueue(let order)? = self.last.last { order } else { nil }
    }

    /// The dispatcher of `fleet` refuses what was asked for.
    mutating func refuse(by fleet: Dispatcher, at now: Instant = start) {
        var fleet = fleet
        guard let order = self.order, let refusal = fleet.enter(order, at: now).refusal else { return }
        self.wait = .no
        self.take(self.machine.refused(refusal, at: now))
    }

    /// The reply it was given in place of an answer.
    var reply: String? {
        for case .reply(let text) in self.last { return text }
        return nil
    }
}
