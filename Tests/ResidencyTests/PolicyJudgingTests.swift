import Testing
import Vocabulary

@testable import Residency

/// What may leave: each rule of evaluation by an example, then small worlds whole and large ones by chance.
@Suite struct PolicyJudgingTests {
    // MARK: By example

    @Test func `without a policy nothing leaves, and no name may be resolved`() {
        #expect(Policy.none.essence(sampleQuestion(.public)) == Essence(false, .noMatchingAllow))
        #expect(!Policy.none.mayAsk("a"))
        #expect(Policy.none.source == nil)
        #expect(Policy.none.classify(PolicyCaller()).sensitivity == .restricted)
    }

    @Test func `a backend of which no allow rule speaks is never asked, whatever else there is`() throws {
        let policy = try samplePolicy([.allow("b-only", to: ["b"]), .deny("all")], shadow: [.allow("later")])
        #expect(policy.essence(sampleQuestion(declines: true)) == Essence(false, .noMatchingAllow))
        #expect(!policy.mayAsk("a"))
        #expect(policy.mayAsk("b"))
        #expect(!policy.mayAsk("c"))
    }

    @Test func `only what some rule could allow to somebody is offered`() throws {
        let policy = try samplePolicy([
            .allow("r1", triggers: [.localDown, .callerRequested]), .deny("r2", to: ["b"], triggers: [.localTimeout]),
        ])
        #expect(policy.mayAsk("a", for: "m-large", .callerRequested) && policy.mayAsk("a", for: "m-large", .localDown))
        #expect(!policy.mayAsk("a", for: "m-large", .localSaturated))
        #expect(!policy.mayAsk("a", for: "m-small", .callerRequested))
        #expect(!policy.mayAsk("b", for: "m-large", .localTimeout))
        #expect(!Policy.none.mayAsk("a", for: "m-large", .callerRequested))
    }

    @Test func `a rule that matches wholly allows, and is named`() throws {
        let verdict = try samplePolicy([.allow("two"), .allow("one")]).judge(
            sampleQuestion(), today: DayLedger(clock: .utc), at: now, wall: wednesdayNoon)
        #expect(Essence(verdict) == Essence(true, .allowRule, "one"))
        #expect(verdict.source == sampleSource)
        #expect(verdict.madeAt == now)
        #expect(verdict.model == "m-large" && verdict.backend == "a" && verdict.trigger == .localDown)
        #expect(verdict.sensitivity == .internal)
        #expect(verdict.shadow == nil)
    }

    @Test func `deny wins, a hard one first, then by id`() throws {
        let allow = PolicyRule.allow("a")
        #expect(try samplePolicy([allow, .deny("z")]).essence(sampleQuestion()) == Essence(false, .denyRule, "z"))
        #expect(
            try samplePolicy([allow, .deny("z"), .deny("y")]).essence(sampleQuestion())
                == Essence(false, .denyRule, "y"))
        let hard = try samplePolicy([allow, .deny("y"), .deny("z", isHard: true)]).judge(
            sampleQuestion(), today: DayLedger(clock: .utc), at: now, wall: wednesdayNoon)
        #expect(Essence(hard) == Essence(false, .denyRule, "z"))
        #expect(hard.isHard)
        #expect(AuditJudgement(of: hard, sensitivitySources: []).isHard)
    }

    @Test func `a caller who declines and a model that is not named go before all rules`() throws {
        let policy = try samplePolicy([.allow("a"), .deny("d")])
        #expect(policy.essence(sampleQuestion(model: "x", declines: true)) == Essence(false, .externalDeclined))
        #expect(policy.essence(sampleQuestion(model: "m-large:latest")) == Essence(false, .backendForbidden))
    }

    /// Each question fails for one thing alone, in the order in which they are asked.
    @Test(arguments: [
        (PolicyRule.allow("r", max: .public), Reason.sensitivityTooHigh),
        (.allow("r", projects: ["legal"]), .projectForbidden),
        (.allow("r", keys: ["other"]), .projectForbidden),
        (.allow("r", features: ["code-*"]), .featureForbidden),
        (.allow("r", triggers: [.localSaturated]), .triggerForbidden),
        (.allow("r", time: DailyWindow(from: 13 * 60, to: 18 * 60)), .timeForbidden),
        (.allow("r", time: DailyWindow(days: [.tue, .thu])), .timeForbidden),
        (.allow("r", limits: .init(bytes: 999)), .limitBytes),
        (.allow("r", limits: .init(bytesPerDay: 999)), .limitRate),
    ])
    func `the condition that does not hold is the reason`(rule: PolicyRule, reason: Reason) throws {
        #expect(try samplePolicy([rule]).essence(sampleQuestion()) == Essence(false, reason, "r"))
        #expect(try samplePolicy([.allow("r")]).essence(sampleQuestion()) == Essence(true, .allowRule, "r"))
    }

    @Test func `of several allow rules the one that came farthest gives the reason`() throws {
        let rules: [PolicyRule] = [
            .allow("a", max: .public), .allow("b", projects: ["legal"]), .allow("c", features: ["x"]),
            .allow("d", triggers: [.localTimeout]), .allow("e", time: DailyWindow(days: [.sun])),
            .allow("f", limits: .init(bytes: 1)), .allow("g", limits: .init(bytesPerDay: 1)),
        ]
        for count in 1...rules.count {
            let verdict = try samplePolicy(rules.prefix(count).reversed()).essence(sampleQuestion())
            #expect(verdict.rule == rules[count - 1].id)
            #expect(!verdict.isAllowed)
        }
        #expect(
            try samplePolicy([.allow("y", projects: ["x"]), .allow("x", keys: ["x"])]).essence(sampleQuestion())
                == Essence(false, .projectForbidden, "x"))
    }

    @Test func `keys are meant by id or by name`() throws {
        for pattern: NamePattern in ["v6qphqn2", "invoices", "inv*", "v6*"] {
            #expect(try samplePolicy([.allow("r", keys: [pattern])]).essence(sampleQuestion()).isAllowed)
            #expect(
                try samplePolicy([.allow("r"), .deny("d", keys: [pattern])]).essence(sampleQuestion()).reason
                    == .denyRule)
        }
    }

    @Test func `who is not known does not pass a rule that names somebody, and is kept back by one that does`() throws {
        let nobody = sampleQuestion(key: nil, keyName: nil, project: nil, feature: nil)
        #expect(try samplePolicy([.allow("r")]).essence(nobody).isAllowed)
        for rule: PolicyRule in [.allow("r", projects: ["*"]), .allow("r", keys: ["*"]), .allow("r", features: ["*"])] {
            #expect(try !samplePolicy([rule]).essence(nobody).isAllowed)
        }
        for rule: PolicyRule in [.deny("d", projects: ["x"]), .deny("d", keys: ["x"]), .deny("d", features: ["x"])] {
            #expect(try samplePolicy([.allow("r"), rule]).essence(nobody) == Essence(false, .denyRule, "d"))
            #expect(try samplePolicy([.allow("r"), rule]).essence(sampleQuestion()).isAllowed)
        }
    }

    @Test func `every rule that speaks of the backend is weighed, by id`() throws {
        let verdict = try samplePolicy([
            .deny("z", min: .restricted), .allow("y", max: .public), .allow("x"), .allow("w", to: ["b"]),
            .deny("v", to: ["a"], projects: ["legal"]),
        ]).judge(sampleQuestion(), today: DayLedger(clock: .utc), at: now, wall: wednesdayNoon)
        #expect(verdict.weighed.map(\.rule) == ["v", "x", "y", "z"])
        #expect(verdict.weighed.map(\.unmet) == [.caller, nil, .sensitivity, .sensitivity])
        #expect(verdict.weighed.map(\.reason) == [nil, .allowRule, .sensitivityTooHigh, nil])
        #expect(verdict.weighed.map(\.isAllowance) == [false, true, true, false])
    }

    @Test func `the limits of a day count what has left, and the last that fits still goes`() throws {
        let policy = try samplePolicy([.allow("r", limits: .init(requestsPerDay: 3, bytesPerDay: 2500))])
        var ledger = DayLedger(clock: .utc)
        func ask() -> Essence { Essence(policy.judge(sampleQuestion(), today: ledger, at: now, wall: wednesdayNoon)) }
        #expect(ask().isAllowed)
        ledger.reserve(rule: "r", bytes: 1000, wall: wednesdayNoon)
        ledger.reserve(rule: "other", bytes: 9000, wall: wednesdayNoon)
        #expect(ask().isAllowed)
        ledger.reserve(rule: "r", bytes: 500, wall: wednesdayNoon)
        #expect(ask() == Essence(true, .allowRule, "r"))
        ledger.reserve(rule: "r", bytes: 0, wall: wednesdayNoon)
        #expect(ask() == Essence(false, .limitRate, "r"))
        var heavy = DayLedger(clock: .utc)
        heavy.reserve(rule: "r", bytes: 1501, wall: wednesdayNoon)
        #expect(
            Essence(policy.judge(sampleQuestion(), today: heavy, at: now, wall: wednesdayNoon))
                == Essence(false, .limitRate, "r"))
    }

    // MARK: Shadow

    @Test func `a shadow rule is noted where it would change the decision, and changes nothing`() throws {
        func judge(_ rules: [PolicyRule], _ shadow: [PolicyRule]) throws -> Verdict {
            try samplePolicy(rules, shadow: shadow).judge(
                sampleQuestion(), today: DayLedger(clock: .utc), at: now, wall: wednesdayNoon)
        }
        let denied = try judge([.allow("r")], [.deny("s")])
        #expect(Essence(denied) == Essence(true, .allowRule, "r"))
        #expect(denied.shadow.map { Essence($0.isAllowed, $0.reason, $0.rule) } == Essence(false, .denyRule, "s"))
        let allowed = try judge([.allow("r", max: .public)], [.allow("s")])
        #expect(Essence(allowed) == Essence(false, .sensitivityTooHigh, "r"))
        #expect(allowed.shadow.map { Essence($0.isAllowed, $0.reason, $0.rule) } == Essence(true, .allowRule, "s"))
        #expect(allowed.weighed.map(\.rule) == ["r"])
        #expect(try judge([.allow("r")], [.allow("a")]).shadow == nil)
        #expect(try judge([.allow("r"), .deny("d")], [.deny("s"), .allow("t")]).shadow == nil)
        #expect(try judge([], [.allow("s")]).shadow?.isAllowed == true)
    }

    // MARK: Small worlds, whole

    @Test func `every sensitivity, trigger and pair of rules comes out as the sentence says`() throws {
        var asked = 0
        for max in Sensitivity.allCases {
            for allowed in Trigger.allCases {
                for min in Sensitivity.allCases.map({ Sensitivity?.some($0) }) + [nil] {
                    let rules = [PolicyRule.allow("r", max: max, triggers: [allowed])]
                    let policy = try samplePolicy(rules + (min.map { [.deny("d", min: $0)] } ?? []))
                    for sensitivity in Sensitivity.allCases {
                        for trigger in Trigger.allCases {
                            let found = policy.essence(sampleQuestion(sensitivity, trigger: trigger))
                            let expected =
                                if let min, sensitivity >= min {
                                    Essence(false, .denyRule, "d")
                                } else if sensitivity > max {
                                    Essence(false, .sensitivityTooHigh, "r")
                                } else if trigger != allowed {
                                    Essence(false, .triggerForbidden, "r")
                                } else {
                                    Essence(true, .allowRule, "r")
                                }
                            #expect(found == expected, "\(max) \(allowed) \(String(describing: min)) \(sensitivity)")
                            asked += 1
                        }
                    }
                }
            }
        }
        #expect(asked == 4 * 6 * 5 * 4 * 6)
    }
}
