import Vocabulary

/// What the policy says of one request and one backend outside, and why. Only `Policy.judge` makes one.
public struct Verdict: Hashable, Sendable {
    /// One rule that was looked at.
    public struct WeighedRule: Hashable, Sendable {
        /// Which one.
        public let rule: RuleID
        /// What it came to: `allow_rule`, `deny_rule`, or why it does not hold here.
        public let reason: Reason

        /// A rule and what it came to.
        public init(rule: RuleID, reason: Reason) {
            self.rule = rule
            self.reason = reason
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
    /// The rule that decided; `nil` if none matched.
    public let rule: RuleID?
    /// All rules that speak of the backend, in the order written.
    public let weighed: [WeighedRule]
    /// What shadow rules would change; `nil` if nothing.
    public let shadow: Shadow?
    /// Which policy has spoken; `nil` if there is none.
    public let source: Source?
    /// When. A verdict is worth nothing after `Bounds.grantLife`.
    public let madeAt: Instant

    init(
        request: RequestID, backend: BackendID, model: String, trigger: Trigger, sensitivity: Sensitivity,
        isAllowed: Bool, reason: Reason, rule: RuleID?, weighed: [WeighedRule] = [], shadow: Shadow? = nil,
        source: Source?, madeAt: Instant
    ) {
        self.request = request
        self.backend = backend
        self.model = model
        self.trigger = trigger
        self.sensitivity = sensitivity
        self.isAllowed = isAllowed
        self.reason = reason
        self.rule = rule
        self.weighed = weighed
        self.shadow = shadow
        self.source = source
        self.madeAt = madeAt
    }
}
