import Vocabulary

/// What was known when the policy was asked about a request: the members that intents and decisions share. What is not
/// known is left out.
public struct AuditJudgement: Hashable, Sendable {
    /// The request's sensitivity.
    public var sensitivity: Sensitivity?
    /// Where that comes from, as in `AuditIntent.sensitivitySources`.
    public var sensitivitySources: [String] = []
    /// Why local would not do.
    public var trigger: Trigger?
    /// Which policy has spoken.
    public var source: Verdict.Source?
    /// The rule that decided.
    public var rule: RuleID?
    /// Whether that is a deny rule to which there is never an exception.
    public var isHard = false
    /// All rules that were looked at.
    public var weighed: [Verdict.WeighedRule] = []
    /// What shadow rules would change.
    public var shadow: Verdict.Shadow?

    /// Nothing is known: the request did not come so far.
    public init() {}

    /// What a verdict tells of a request whose sensitivity comes from `sensitivitySources`.
    public init(of verdict: Verdict, sensitivitySources: [String]) {
        self.sensitivity = verdict.sensitivity
        self.sensitivitySources = sensitivitySources
        self.trigger = verdict.trigger
        self.source = verdict.source
        self.rule = verdict.rule
        self.isHard = verdict.isHard
        self.weighed = verdict.weighed
        self.shadow = verdict.shadow
    }

    var members: [String: CanonicalJSON] {
        var members: [String: CanonicalJSON] = [:]
        members["sensitivity"] = self.sensitivity.map { .string($0.rawValue) }
        if !self.sensitivitySources.isEmpty {
            members["sensitivity_sources"] = .array(self.sensitivitySources.map { .string($0) })
        }
        members["trigger"] = self.trigger.map { .string($0.rawValue) }
        members["policy_sha256"] = self.source.map { .string("\($0.hash)") }
        members["revision"] = self.source.map { .string($0.revision) }
        members["rule_id"] = self.rule.map { .string($0.rawValue) }
        if self.isHard { members["hard"] = .bool(true) }
        if !self.weighed.isEmpty { members["weighed"] = .array(self.weighed.map(Self.json)) }
        members["shadow"] = self.shadow.map(Self.json)
        return members
    }

    private static func json(_ weighed: Verdict.WeighedRule) -> CanonicalJSON {
        var members: [String: CanonicalJSON] = ["rule": .string(weighed.rule.rawValue)]
        members["reason"] = weighed.reason.map { .string($0.rawValue) }
        members["unmet"] = weighed.unmet.map { .string($0.rawValue) }
        return .object(members)
    }

    private static func json(_ shadow: Verdict.Shadow) -> CanonicalJSON {
        .object([
            "decision": .string(shadow.isAllowed ? AuditIntent.decision : AuditDecision.Verdict.deny.rawValue),
            "reason": .string(shadow.reason.rawValue), "rule_id": .string(shadow.rule.rawValue),
        ])
    }
}
