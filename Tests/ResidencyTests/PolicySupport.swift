import Testing
import Vocabulary

@testable import Residency

/// Wednesday, 2026-11-25 at noon in UTC.
let wednesdayNoon = WallTime(microseconds: 1_795_608_000_000_000)

/// Terms that nothing is wrong with.
func sampleTerms(models: [String] = ["m-large"]) throws -> ExternalTerms {
    ExternalTerms(jurisdiction: "EU", prefixes: [try CIDR(parsing: "192.0.32.0/20")], trust: .system, models: models)
}

let sampleSource = Verdict.Source(hash: .zero, revision: "1")

/// A policy for two backends outside, `a` and `b`.
func samplePolicy(
    _ rules: [PolicyRule], shadow: [PolicyRule] = [], tags: [SensitivityTag] = [],
    sensitivityDefault: Sensitivity = .restricted, clock: PolicyClock = .utc
) throws -> Policy {
    try Policy(
        source: sampleSource, external: ["a": sampleTerms(), "b": sampleTerms()],
        sensitivityDefault: sensitivityDefault, clock: clock, tags: tags, rules: rules, shadow: shadow)
}

extension PolicyRule {
    /// An allow rule for `a` that takes everything but what is named.
    static func allow(
        _ id: RuleID, to: Set<BackendID> = ["a"], max: Sensitivity = .confidential,
        triggers: Set<Trigger> = Set(Trigger.allCases), projects: [NamePattern]? = nil, keys: [NamePattern]? = nil,
        features: [NamePattern]? = nil, time: DailyWindow? = nil, limits: Limits = Limits()
    ) -> PolicyRule {
        PolicyRule(
            id: id, effect: .allow(Allowance(sensitivityMax: max, triggers: triggers, limits: limits)), to: to,
            projects: projects, keys: keys, features: features, time: time)
    }

    /// A deny rule for every backend.
    static func deny(
        _ id: RuleID, to: Set<BackendID>? = nil, min: Sensitivity? = nil, triggers: Set<Trigger>? = nil,
        projects: [NamePattern]? = nil, keys: [NamePattern]? = nil, features: [NamePattern]? = nil,
        time: DailyWindow? = nil, isHard: Bool = false
    ) -> PolicyRule {
        PolicyRule(
            id: id, effect: .deny(Denial(sensitivityMin: min, triggers: triggers, isHard: isHard)), to: to,
            projects: projects, keys: keys, features: features, time: time)
    }
}

/// A question that an ordinary allow rule answers with yes.
func sampleQuestion(
    _ sensitivity: Sensitivity = .internal, to backend: BackendID = "a", trigger: Trigger = .localDown,
    key: KeyID? = "v6qphqn2", keyName: String? = "invoices", project: ProjectName? = "marketing",
    feature: FeatureName? = "letters", bytes: Int = 1000, model: String = "m-large", declines: Bool = false
) -> PolicyQuestion {
    var generator = SeededGenerator(seed: 1)
    return PolicyQuestion(
        request: RequestID(at: wednesdayNoon, using: &generator), backend: backend, model: model, trigger: trigger,
        classification: Classification(sensitivity: sensitivity, sources: ["project"]),
        caller: PolicyCaller(key: key, keyName: keyName, project: project, feature: feature), bytes: bytes,
        declinesExternal: declines)
}

/// What a verdict comes to, without what it only carries along.
struct Essence: Equatable, CustomStringConvertible {
    var isAllowed: Bool
    var reason: Reason
    var rule: RuleID?

    init(_ isAllowed: Bool, _ reason: Reason, _ rule: RuleID? = nil) {
        self.isAllowed = isAllowed
        self.reason = reason
        self.rule = rule
    }

    init(_ verdict: Verdict) { self.init(verdict.isAllowed, verdict.reason, verdict.rule) }

    var description: String { "\(self.isAllowed) \(self.reason.rawValue) \(self.rule?.rawValue ?? "-")" }
}

extension Policy {
    /// What it says on a day on which nothing has left.
    func essence(_ question: PolicyQuestion, at wall: WallTime = wednesdayNoon) -> Essence {
        Essence(self.judge(question, today: DayLedger(clock: self.clock), at: now, wall: wall))
    }
}
