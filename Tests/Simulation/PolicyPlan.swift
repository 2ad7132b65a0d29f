import Residency
import Vocabulary

/// A policy as plain data: of it the real one is made, and by it the referee judges on its own.
struct PolicyPlan {
    struct Rule {
        let id: RuleID
        let isAllowance: Bool
        /// `nil`: all, which only a denial may say.
        var backends: [BackendID]?
        /// The most that an allowance lets go, or the least that a denial denies.
        var sensitivity: Sensitivity?
        /// `nil`: whatever happened, which only a denial may say.
        var triggers: [Trigger]?
        var projects: [String]?
        var features: [String]?
        var hours: Hours?
        var bytes: Int?
        var requestsPerDay: Int?
        var bytesPerDay: Int?
        var isHard = false
    }

    /// Whole hours of some days; one that ends before it begins goes over midnight.
    struct Hours {
        let from: Int
        let to: Int
        /// From Monday, 0.
        let days: [Int]
    }

    let number: Int
    /// The backends outside of which it speaks, with the models that it lists.
    let spoken: [BackendID: [String]]
    let rules: [Rule]
    let shadow: [Rule]
    let sensitivityDefault: Sensitivity
    let projects: [String: Sensitivity]
    /// Hours east of UTC.
    let offset: Int

    var source: Verdict.Source {
        Verdict.Source(hash: AuditHash(of: Array("policy \(self.number)".utf8)), revision: "\(self.number)")
    }

    /// The real one.
    func made() throws -> Policy {
        try Policy(
            source: self.source, external: try self.terms(), sensitivityDefault: self.sensitivityDefault,
            clock: PolicyClock(Self.text(offset: self.offset)) ?? .utc,
            tags: self.projects.sorted { $0.key < $1.key }.map { name, sensitivity in
                SensitivityTag(project: NamePattern(name), sensitivity: sensitivity)
            }, rules: self.rules.map(\.made), shadow: self.shadow.map(\.made))
    }

    /// What a shell that is up to no good asks in its place: the same name, and everything allowed.
    func loosened() throws -> Policy {
        let all = Rule(
            id: "all", isAllowance: true, backends: self.spoken.keys.sorted(), sensitivity: .restricted,
            triggers: Trigger.allCases)
        return try Policy(
            source: self.source, external: try self.terms(), rules: self.spoken.isEmpty ? [] : [all.made])
    }

    private func terms() throws -> [BackendID: ExternalTerms] {
        try self.spoken.reduce(into: [:]) { terms, entry in
            terms[entry.key] = ExternalTerms(
                jurisdiction: "EU", prefixes: [try CIDR(parsing: WorldPlan.External.prefix(of: entry.key))],
                trust: .system, models: entry.value)
        }
    }

    private static func text(offset: Int) -> String {
        let hours = abs(offset)
        return "\(offset < 0 ? "-" : "+")\(hours < 10 ? "0" : "")\(hours):00"
    }
}

extension PolicyPlan.Rule {
    fileprivate var made: PolicyRule {
        let effect: PolicyRule.Effect =
            self.isAllowance
            ? .allow(
                PolicyRule.Allowance(
                    sensitivityMax: self.sensitivity ?? .public, triggers: Set(self.triggers ?? []),
                    limits: PolicyRule.Limits(
                        bytes: self.bytes, requestsPerDay: self.requestsPerDay, bytesPerDay: self.bytesPerDay)))
            : .deny(
                PolicyRule.Denial(
                    sensitivityMin: self.sensitivity, triggers: self.triggers.map(Set.init), isHard: self.isHard))
        return PolicyRule(
            id: self.id, effect: effect, to: self.backends.map(Set.init),
            projects: self.projects.map { $0.map { NamePattern($0) } },
            features: self.features.map { $0.map { NamePattern($0) } },
            time: self.hours.map { hours in
                DailyWindow(
                    from: hours.from * 60, to: hours.to * 60,
                    days: Set(hours.days.map { PolicyClock.Weekday.allCases[$0] }))
            })
    }
}

extension PolicyPlan {
    static let projectNames = ["marketing", "legal"]
    static let featureNames = ["search", "review"]

    /// Any policy that speaks of some of `external`.
    init(_ number: Int, speakingOf external: [WorldPlan.External], offset: Int, _ dice: inout Dice) {
        var spoken: [BackendID: [String]] = [:]
        for backend in external where dice.chance(90) {
            spoken[backend.id] = dice.chance(85) ? backend.models : [dice.pick(backend.models)]
        }
        self.number = number
        self.spoken = spoken
        self.offset = offset
        self.sensitivityDefault = dice.pick(Sensitivity.allCases)
        self.projects = Dictionary(
            uniqueKeysWithValues: Self.projectNames.map { ($0, dice.pick(Sensitivity.allCases)) })
        let backends = spoken.keys.sorted()
        let rules = (0..<dice.number(1...4)).compactMap { Self.rule("r\($0)", backends, &dice) }
        // Else little would leave.
        var open = Rule(id: "open", isAllowance: true, backends: backends, sensitivity: .restricted)
        open.triggers = Trigger.allCases
        if dice.chance(50) { open.requestsPerDay = dice.number(1...4) }
        self.rules = rules + (!backends.isEmpty && dice.chance(50) ? [open] : [])
        self.shadow = (0..<dice.number(0...2)).compactMap { Self.rule("s\($0)", backends, &dice) }
    }

    private static func rule(_ id: String, _ backends: [BackendID], _ dice: inout Dice) -> Rule? {
        let isAllowance = dice.chance(75)
        if isAllowance, backends.isEmpty { return nil }
        var rule = Rule(id: RuleID(id), isAllowance: isAllowance)
        if isAllowance || !backends.isEmpty && dice.chance(50) {
            rule.backends = dice.chance(50) ? backends : [dice.pick(backends)]
        }
        if isAllowance {
            rule.sensitivity = dice.chance(50) ? .restricted : dice.pick(Sensitivity.allCases)
            rule.triggers = dice.chance(60) ? Trigger.allCases : dice.some(Trigger.allCases)
            if dice.chance(25) { rule.bytes = dice.number(2...15) * 100 }
            if dice.chance(30) { rule.requestsPerDay = dice.number(1...4) }
            if dice.chance(15) { rule.bytesPerDay = dice.number(5...40) * 100 }
        } else {
            if dice.chance(60) { rule.sensitivity = dice.pick(Sensitivity.allCases) }
            if dice.chance(60) { rule.triggers = dice.some(Trigger.allCases) }
            rule.isHard = dice.chance(30)
        }
        if dice.chance(25) { rule.projects = dice.some(Self.projectNames) }
        if dice.chance(20) { rule.features = dice.some(Self.featureNames) }
        if dice.chance(25) {
            let from = dice.number(0...23)
            let to = (from + dice.number(1...23)) % 24
            rule.hours = Hours(from: from, to: to == 0 ? 24 : to, days: dice.some(Array(0...6)))
        }
        return rule
    }
}

extension Dice {
    /// One or more of `all`, in their order.
    mutating func some<Element>(_ all: [Element]) -> [Element] {
        let some = all.filter { _ in self.chance(60) }
        return some.isEmpty ? [self.pick(all)] : some
    }
}
