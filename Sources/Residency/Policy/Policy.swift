import Vocabulary

/// What may leave, under which conditions, and what must hold of each place outside: the whole of `policy.yaml`, checked
/// and ready to be asked.
///
/// Deny wins, the order of rules never matters, and what nothing allows is denied. A policy never changes; a reload
/// makes another one.
public struct Policy: Hashable, Sendable {
    /// The file it was read from; `nil` if there is none.
    public let source: Verdict.Source?
    /// What must hold of each backend outside, by its name.
    public let external: [BackendID: ExternalTerms]
    /// The sensitivity of a request for which no tag speaks.
    public let sensitivityDefault: Sensitivity
    /// The time in which its days and hours are meant.
    public let clock: PolicyClock
    /// The sensitivity of keys, projects and features.
    public let tags: [SensitivityTag]
    /// The rules in force, by id.
    public let rules: [PolicyRule]
    /// Rules that are weighed and noted, and decide nothing; by id.
    public let shadow: [PolicyRule]
    /// Whether some rule in force allows anything to anybody.
    public let allowsAnything: Bool
    /// What is said of a request for which no tag speaks.
    let untagged: Classification

    /// Without a file: nothing leaves, and everything is restricted.
    public static let none = Policy()

    private init() {
        self.source = nil
        self.external = [:]
        self.sensitivityDefault = .restricted
        self.clock = .utc
        self.tags = []
        self.rules = []
        self.shadow = []
        self.allowsAnything = false
        self.untagged = Classification(sensitivity: .restricted, sources: ["default"])
    }

    /// A policy of these parts, in any order. Throws everything that is wrong with them.
    public init(
        source: Verdict.Source, external: [BackendID: ExternalTerms], sensitivityDefault: Sensitivity = .restricted,
        clock: PolicyClock = .utc, tags: [SensitivityTag] = [], rules: [PolicyRule], shadow: [PolicyRule] = []
    ) throws(PolicyProblems) {
        self.source = source
        self.external = external
        self.sensitivityDefault = sensitivityDefault
        self.clock = clock
        self.tags = tags
        self.rules = rules.sorted { $0.id < $1.id }
        self.shadow = shadow.sorted { $0.id < $1.id }
        self.allowsAnything = rules.contains { $0.isAllowance }
        self.untagged = Classification(sensitivity: sensitivityDefault, sources: ["default"])
        let problems = Self.problems(external) + Self.problems(tags) + Self.problems(rules, shadow, external)
        guard problems.isEmpty else { throw PolicyProblems(problems: problems) }
    }

    /// Whether some rule in force allows `backend` to anybody. If none does, not even its name is resolved (L27 of
    /// `residency.md` A6).
    public func mayAsk(_ backend: BackendID) -> Bool {
        self.rules.contains { $0.isAllowance && $0.concerns(backend) }
    }

    /// Whether some rule in force could allow a model of `backend` to somebody for this trigger: what is not so is not
    /// offered. Only the policy's answer to a request says that it is.
    public func mayAsk(_ backend: BackendID, for model: String, _ trigger: Trigger) -> Bool {
        self.external[backend]?.models.contains(model) == true
            && self.rules.contains { rule in
                rule.isAllowance && rule.concerns(backend) && rule.triggers?.contains(trigger) ?? true
            }
    }
}
