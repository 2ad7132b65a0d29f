import Vocabulary

@testable import Residency

/// Policies and questions drawn from a few words, so that they meet often.
struct PolicyWorld {
    var generator: SeededGenerator

    init(seed: UInt64) { self.generator = SeededGenerator(seed: seed) }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self.generator) < percent }

    mutating func one<T>(of words: [T]) -> T { words[Int.random(in: 0..<words.count, using: &self.generator)] }

    mutating func some<T: Hashable>(of words: [T]) -> Set<T> {
        var found: Set<T> = [self.one(of: words)]
        for word in words where self.chance(40) { found.insert(word) }
        return found
    }

    mutating func maybe<T>(_ percent: Int, _ make: (inout PolicyWorld) -> T) -> T? {
        self.chance(percent) ? make(&self) : nil
    }

    mutating func patterns(_ words: [NamePattern]) -> [NamePattern]? {
        self.maybe(40) { $0.some(of: words).sorted { $0.text < $1.text } }
    }

    mutating func window() -> DailyWindow? {
        self.maybe(30) { world in
            let from = world.one(of: [0, 8 * 60, 18 * 60, 22 * 60])
            let to = world.one(of: [6 * 60, 12 * 60, 17 * 60, 1440])
            return DailyWindow(from: from, to: to, days: world.some(of: PolicyClock.Weekday.allCases))
        }
    }

    mutating func rule(_ id: RuleID, isAllowance: Bool) -> PolicyRule {
        let sensitivity = self.one(of: Sensitivity.allCases)
        let effect: PolicyRule.Effect
        if isAllowance {
            effect = .allow(
                .init(
                    sensitivityMax: sensitivity, triggers: self.some(of: Trigger.allCases),
                    limits: .init(
                        bytes: self.maybe(30) { $0.one(of: [10, 100, 1000]) },
                        requestsPerDay: self.maybe(30) { $0.one(of: [1, 2, 3]) },
                        bytesPerDay: self.maybe(30) { $0.one(of: [50, 500]) })))
        } else {
            effect = .deny(
                .init(
                    sensitivityMin: self.maybe(60) { _ in sensitivity },
                    triggers: self.maybe(50) { $0.some(of: Trigger.allCases) }, isHard: self.chance(30)))
        }
        let to: Set<BackendID> = self.some(of: ["a", "b"])
        return PolicyRule(
            id: id, effect: effect, to: isAllowance || self.chance(50) ? to : nil,
            projects: self.patterns(["p", "q", "*", "p*", "*q"]), keys: self.patterns(["k1", "name*", "k*"]),
            features: self.patterns(["f", "g", "f*"]), time: self.window())
    }

    /// Up to eight rules; ids in no order.
    mutating func rules(_ prefix: String = "r") -> [PolicyRule] {
        var ids = (0..<9).map { RuleID("\(prefix)\($0)") }
        ids.shuffle(using: &self.generator)
        return ids.prefix(Int.random(in: 0..<9, using: &self.generator)).map { id in
            let isAllowance = self.chance(65)
            return self.rule(id, isAllowance: isAllowance)
        }
    }

    mutating func question() -> PolicyQuestion {
        sampleQuestion(
            self.one(of: Sensitivity.allCases), to: self.one(of: ["a", "b"]), trigger: self.one(of: Trigger.allCases),
            key: self.maybe(80) { $0.one(of: ["k1", "k2"]) }, keyName: self.maybe(80) { $0.one(of: ["name1", "x"]) },
            project: self.maybe(85) { $0.one(of: ["p", "q", "pq", "z"]) },
            feature: self.maybe(70) { $0.one(of: ["f", "g", "fg"]) }, bytes: self.one(of: [0, 10, 11, 60, 900, 2000]),
            model: self.chance(95) ? "m-large" : "m-other", declines: self.chance(3))
    }

    /// What has left today, and the ledger that says so.
    mutating func ledger(
        _ rules: [PolicyRule], _ clock: PolicyClock, at wall: WallTime
    ) -> (DayLedger, [RuleID: DayLedger.Use]) {
        var ledger = DayLedger(clock: clock)
        var used: [RuleID: DayLedger.Use] = [:]
        for rule in rules where rule.isAllowance {
            for _ in 0..<Int.random(in: 0..<3, using: &self.generator) {
                let bytes = self.one(of: [5, 40, 300])
                ledger.reserve(rule: rule.id, bytes: bytes, wall: wall)
                used[rule.id, default: .init()].requests += 1
                used[rule.id, default: .init()].bytes += bytes
            }
        }
        return (ledger, used)
    }

    /// A moment of some week.
    mutating func wall() -> WallTime {
        wednesdayNoon + .seconds(Int.random(in: 0..<7 * 86_400, using: &self.generator))
    }
}
