import Testing
import Vocabulary

@testable import Residency

/// What holds for every policy and every question; worlds are drawn from a seed, which a failure names.
@Suite struct PolicyPropertyTests {
    private static let worlds: UInt64 = 200
    private static let questions = 25

    /// Draws worlds and hands each question with its policy to `body`.
    private func play(
        _ body: (inout PolicyWorld, [PolicyRule], Policy, PolicyQuestion, DayLedger, WallTime, String) throws -> Void
    ) throws {
        for seed in 0..<Self.worlds {
            var world = PolicyWorld(seed: seed)
            let rules = world.rules()
            let policy = try samplePolicy(rules, clock: PolicyClock("+08:00") ?? .utc)
            for number in 0..<Self.questions {
                let wall = world.wall()
                let (ledger, _) = world.ledger(rules, policy.clock, at: wall)
                let question = world.question()
                try body(&world, rules, policy, question, ledger, wall, "seed \(seed), question \(number)")
            }
        }
    }

    @Test func `the policy says what the referee says`() throws {
        var reasons: [Reason: Int] = [:]
        for seed in 0..<Self.worlds {
            var world = PolicyWorld(seed: seed)
            let rules = world.rules()
            let clock = try #require(PolicyClock(world.one(of: ["+00:00", "+08:00", "-11:30"])))
            let policy = try samplePolicy(rules, clock: clock)
            let referee = PolicyReferee(
                rules: rules, models: ["a": ["m-large"], "b": ["m-large"]], offsetMinutes: clock.offsetMinutes)
            for number in 0..<Self.questions {
                let wall = world.wall()
                let (ledger, used) = world.ledger(rules, clock, at: wall)
                let question = world.question()
                let verdict = policy.judge(question, today: ledger, at: now, wall: wall)
                let expected = referee.judge(question, used: used, wall: wall)
                #expect(Essence(verdict) == expected, "seed \(seed), question \(number)")
                reasons[verdict.reason, default: 0] += 1
                let isPlain = verdict.reason == .allowRule || verdict.reason.isPolicyRefusal
                #expect(isPlain, "seed \(seed), question \(number)")
                #expect(verdict.isAllowed == (verdict.reason == .allowRule), "seed \(seed), question \(number)")
            }
        }
        // Worlds in which something never happens would prove nothing of it.
        let expected: Set<Reason> = [
            .allowRule, .noMatchingAllow, .denyRule, .sensitivityTooHigh, .projectForbidden, .featureForbidden,
            .triggerForbidden, .timeForbidden, .backendForbidden, .limitBytes, .limitRate, .externalDeclined,
        ]
        #expect(Set(reasons.keys) == expected)
        #expect(reasons.values.allSatisfy { $0 > 5 }, "\(reasons)")
    }

    @Test func `one more deny rule never turns a deny into an allow`() throws {
        var denied = 0
        try self.play { world, rules, policy, question, ledger, wall, place in
            let before = policy.judge(question, today: ledger, at: now, wall: wall)
            let more = try samplePolicy(rules + [world.rule("more", isAllowance: false)], clock: policy.clock)
            let after = more.judge(question, today: ledger, at: now, wall: wall)
            if !before.isAllowed { #expect(!after.isAllowed, "\(place)") }
            if after.isAllowed != before.isAllowed { denied += 1 }
        }
        #expect(denied > 20)
    }

    @Test func `the order of the rules never changes a verdict`() throws {
        try self.play { world, rules, policy, question, ledger, wall, place in
            let other = try samplePolicy(rules.shuffled(using: &world.generator), clock: policy.clock)
            #expect(
                other.judge(question, today: ledger, at: now, wall: wall)
                    == policy.judge(question, today: ledger, at: now, wall: wall), "\(place)")
        }
    }

    @Test func `shadow rules never change a decision`() throws {
        var noted = 0
        try self.play { world, rules, policy, question, ledger, wall, place in
            let shadowed = try samplePolicy(rules, shadow: world.rules("s"), clock: policy.clock)
            let verdict = shadowed.judge(question, today: ledger, at: now, wall: wall)
            let plain = policy.judge(question, today: ledger, at: now, wall: wall)
            #expect(Essence(verdict) == Essence(plain), "\(place)")
            #expect(verdict.weighed == plain.weighed && verdict.isHard == plain.isHard, "\(place)")
            if let shadow = verdict.shadow {
                noted += 1
                #expect(shadow.isAllowed != verdict.isAllowed && shadow.rule.rawValue.hasPrefix("s"), "\(place)")
            }
        }
        #expect(noted > 20)
    }

    @Test func `to know less of a request never allows what was denied`() throws {
        let mutations: [(String, (inout PolicyQuestion) -> Void)] = [
            ("project", { $0.caller.project = nil }), ("key", { $0.caller.key = nil }),
            ("key's name", { $0.caller.keyName = nil }), ("feature", { $0.caller.feature = nil }),
            ("caller", { $0.caller = PolicyCaller() }),
            ("sensitivity", { $0.classification.sensitivity = .restricted }),
            ("length", { $0.bytes = -1 }), ("length at its end", { $0.bytes = .max }), ("model", { $0.model = "" }),
            ("backend", { $0.backend = "nowhere" }), ("will", { $0.declinesExternal = true }),
        ]
        var changed: Set<String> = []
        try self.play { _, _, policy, question, ledger, wall, place in
            let before = policy.judge(question, today: ledger, at: now, wall: wall)
            for (name, mutate) in mutations {
                var less = question
                mutate(&less)
                let after = policy.judge(less, today: ledger, at: now, wall: wall)
                if !before.isAllowed { #expect(!after.isAllowed, "\(place), without its \(name)") }
                if before.isAllowed, !after.isAllowed { changed.insert(name) }
            }
        }
        #expect(changed == Set(mutations.map(\.0)), "each must matter somewhere")
    }

    @Test func `less sensitive and shorter never turns an allow into a deny`() throws {
        try self.play { _, _, policy, question, ledger, wall, place in
            guard policy.judge(question, today: ledger, at: now, wall: wall).isAllowed else { return }
            var less = question
            less.bytes /= 2
            for sensitivity in Sensitivity.allCases where sensitivity <= question.classification.sensitivity {
                less.classification.sensitivity = sensitivity
                #expect(policy.judge(less, today: ledger, at: now, wall: wall).isAllowed, "\(place)")
            }
        }
    }
}
