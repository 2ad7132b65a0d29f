import Vocabulary

/// What the policy says of one request and one backend outside, and why. Only `Policy.judge` makes one.
public struct Verdict: Hashable, Sendable {
    /// One rule that was looked at.
    public struct WeighedRule: Hashable, Sendable {
        /// Which one.
        public let rule: RuleID
        /// Whether it allows; else it denies.
        public let isAllowance: Bool
        /// The first of its conditions that does not hold; `nil` if it matches.
        public let unmet: PolicyCondition?

        /// A rule and what it came to.
        public init(rule: RuleID, isAllowance: Bool, unmet: PolicyCondition?) {
            self.rule = rule
            self.isAllowance = isAllowance
            self.unmet = unmet
        }

        /// What it came to: `allow_rule`, `deny_rule`, or why an allow rule does not match; `nil` for a deny rule that
        /// does not, which has nothing to say.
        public var reason: Reason? {
            if self.isAllowance { return self.unmet?.reason ?? .allowRule }
            return self.unmet == nil ? .denyRule : nil
        }
    }

    /// What would have been said if the shadow rules were in force.
    public struct Shadow: Hashable, Sendable {
        /// Whether the request might go then.
        public let isAllowed: Bool
        /// The reason for that.
        public let reason: Reason
        /// The shadow rule that makes the difference.
        public let rule: RuleID
    }

    /// Which policy has spoken.
    public struct Source: Hashable, Sendable {
        /// SHA-256 of the policy's file.
        public let hash: AuditHash
        /// The revision that it names.
        public let revision: String

        /// A policy of this file.
        public init(hash: AuditHash, revision: String) {
            self.hash = hash
            self.revision = revision
        }
    }

    /// The request.
    public let request: RequestID
    /// The backend.
    public let backend: BackendID
    /// The model's name there.
    public let model: String
    /// Why local would not do.
    public let trigger: Trigger
    /// The request's sensitivity.
    public let sensitivity: Sensitivity
    /// Whether it may go.
    public let isAllowed: Bool
    /// `allow_rule`, or why not.
    public let reason: Reason
    /// The rule that decided: the one that allows or denies, or of several allow rules that do not match the one that
    /// came nearest; `nil` if no rule was asked.
    public let rule: RuleID?
    /// Whether a deny rule decided to which there is never an exception.
    public let isHard: Bool
    /// All rules that speak of the backend, by id.
    public let weighed: [WeighedRule]
    /// What shadow rules would change; `nil` if nothing.
    public let shadow: Shadow?
    /// Which policy has spoken; `nil` if there is none.
    public let source: Source?
    /// When. A verdict is worth nothing after `Bounds.grantLife`.
    public let madeAt: Instant

    init(
        request: RequestID, backend: BackendID, model: String, trigger: Trigger, sensitivity: Sensitivity,
        isAllowed: Bool, reason: Reason, rule: RuleID?, isHard: Bool = false, weighed: [WeighedRule] = [],
        shadow: Shadow? = nil, source: Source?, madeAt: Instant
    ) {
        self.request = request
        self.backend = backend
        self.model = model
        self.trigger = trigger
        self.sensitivity = sensitivity
        self.isAllowed = isAllowed
        self.reason = reason
        self.rule = rule
        self.isHard = isHard
        self.weighed = weighed
        self.shadow = shadow
        self.source = source
        self.madeAt = madeAt
    }
}
