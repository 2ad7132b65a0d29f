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

    private struct Parts: Hashable, Sendable {
        let request: RequestID
        let backend: BackendID
        let model: String
        let trigger: Trigger
        let sensitivity: Sensitivity
        let isAllowed: Bool
        let reason: Reason
        let rule: RuleID?
        let isHard: Bool
        let weighed: [WeighedRule]
        let shadow: Shadow?
        let source: Source?
        let madeAt: Instant
    }

    /// Kept apart: each request under way has room for two verdicts, and nearly none has one.
    private indirect enum Storage: Hashable, Sendable {
        case parts(Parts)
    }

    private let storage: Storage
    private var parts: Parts {
        switch self.storage {
        case .parts(let parts): parts
        }
    }

    /// The request.
    public var request: RequestID { self.parts.request }
    /// The backend.
    public var backend: BackendID { self.parts.backend }
    /// The model's name there.
    public var model: String { self.parts.model }
    /// Why local would not do.
    public var trigger: Trigger { self.parts.trigger }
    /// The request's sensitivity.
    public var sensitivity: Sensitivity { self.parts.sensitivity }
    /// Whether it may go.
    public var isAllowed: Bool { self.parts.isAllowed }
    /// `allow_rule`, or why not.
    public var reason: Reason { self.parts.reason }
    /// The rule that decided: the one that allows or denies, or of several allow rules that do not match the one that
    /// came nearest; `nil` if no rule was asked.
    public var rule: RuleID? { self.parts.rule }
    /// Whether a deny rule decided to which there is never an exception.
    public var isHard: Bool { self.parts.isHard }
    /// All rules that speak of the backend, by id.
    public var weighed: [WeighedRule] { self.parts.weighed }
    /// What shadow rules would change; `nil` if nothing.
    public var shadow: Shadow? { self.parts.shadow }
    /// Which policy has spoken; `nil` if there is none.
    public var source: Source? { self.parts.source }
    /// When. A verdict is worth nothing after `Bounds.grantLife`.
    public var madeAt: Instant { self.parts.madeAt }

    init(
        request: RequestID, backend: BackendID, model: String, trigger: Trigger, sensitivity: Sensitivity,
        isAllowed: Bool, reason: Reason, rule: RuleID?, isHard: Bool = false, weighed: [WeighedRule] = [],
        shadow: Shadow? = nil, source: Source?, madeAt: Instant
    ) {
        self.storage = .parts(
            Parts(
                request: request, backend: backend, model: model, trigger: trigger, sensitivity: sensitivity,
                isAllowed: isAllowed, reason: reason, rule: rule, isHard: isHard, weighed: weighed, shadow: shadow,
                source: source, madeAt: madeAt))
    }
}
