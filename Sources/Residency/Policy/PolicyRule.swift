import Vocabulary

/// One rule of the policy. All of its conditions must hold; one that is `nil` always holds.
public struct PolicyRule: Hashable, Sendable {
    /// What the rule says when it matches.
    public enum Effect: Hashable, Sendable {
        /// It may go.
        case allow(Allowance)
        /// It must not, whatever others allow.
        case deny(Denial)
    }

    /// What an allow rule must say: how sensitive at most, and for which reasons.
    public struct Allowance: Hashable, Sendable {
        /// The highest sensitivity that may go.
        public var sensitivityMax: Sensitivity
        /// What must have happened here.
        public var triggers: Set<Trigger>
        /// How much may go.
        public var limits: Limits

        /// An allowance of these values.
        public init(sensitivityMax: Sensitivity, triggers: Set<Trigger>, limits: Limits = Limits()) {
            self.sensitivityMax = sensitivityMax
            self.triggers = triggers
            self.limits = limits
        }
    }

    /// What a deny rule may say beside the common conditions.
    public struct Denial: Hashable, Sendable {
        /// The lowest sensitivity that is denied; `nil` for every one.
        public var sensitivityMin: Sensitivity?
        /// What must have happened; `nil` for whatever did.
        public var triggers: Set<Trigger>?
        /// Nothing may ever make an exception.
        public var isHard: Bool

        /// A denial of these values.
        public init(sensitivityMin: Sensitivity? = nil, triggers: Set<Trigger>? = nil, isHard: Bool = false) {
            self.sensitivityMin = sensitivityMin
            self.triggers = triggers
            self.isHard = isHard
        }
    }

    /// How much an allow rule lets go; `nil` is without bound.
    public struct Limits: Hashable, Sendable {
        /// The longest body.
        public var bytes: Int?
        /// Requests of one day of the policy.
        public var requestsPerDay: Int?
        /// Bytes of their bodies together.
        public var bytesPerDay: Int?

        /// Limits of these values.
        public init(bytes: Int? = nil, requestsPerDay: Int? = nil, bytesPerDay: Int? = nil) {
            self.bytes = bytes
            self.requestsPerDay = requestsPerDay
            self.bytesPerDay = bytesPerDay
        }

        /// True if nothing is limited.
        public var isEmpty: Bool { self.bytes == nil && self.requestsPerDay == nil && self.bytesPerDay == nil }

        var isPositive: Bool {
            [self.bytes, self.requestsPerDay, self.bytesPerDay].allSatisfy { $0.map { $0 > 0 } ?? true }
        }
    }

    /// Its name, unique among all rules.
    public var id: RuleID
    /// What it says.
    public var effect: Effect
    /// The backends it is about; `nil` for all, which only a deny rule may be about.
    public var to: Set<BackendID>?
    /// Whose projects.
    public var projects: [NamePattern]?
    /// Whose keys, by id or name.
    public var keys: [NamePattern]?
    /// For which features.
    public var features: [NamePattern]?
    /// When.
    public var time: DailyWindow?

    /// A rule of these values.
    public init(
        id: RuleID, effect: Effect, to: Set<BackendID>?, projects: [NamePattern]? = nil, keys: [NamePattern]? = nil,
        features: [NamePattern]? = nil, time: DailyWindow? = nil
    ) {
        self.id = id
        self.effect = effect
        self.to = to
        self.projects = projects
        self.keys = keys
        self.features = features
        self.time = time
    }

    /// Whether it allows.
    public var isAllowance: Bool {
        switch self.effect {
        case .allow: true
        case .deny: false
        }
    }

    /// Whether it denies, and nothing may ever make an exception.
    public var isHard: Bool {
        switch self.effect {
        case .allow: false
        case .deny(let denial): denial.isHard
        }
    }

    /// What must have happened; `nil` for whatever did.
    public var triggers: Set<Trigger>? {
        switch self.effect {
        case .allow(let allowance): allowance.triggers
        case .deny(let denial): denial.triggers
        }
    }

    /// How much it lets go; `nil` for a deny rule.
    public var limits: Limits? {
        switch self.effect {
        case .allow(let allowance): allowance.limits
        case .deny: nil
        }
    }

    /// Whether it speaks of `backend`.
    public func concerns(_ backend: BackendID) -> Bool { self.to?.contains(backend) ?? true }
}
