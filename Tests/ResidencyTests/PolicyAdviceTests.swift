import Testing
import Vocabulary

@testable import Residency

@Suite struct PolicyAdviceTests {
    private static let limits = PolicyRule.Limits(requestsPerDay: 10)

    /// The advice on a policy in which all else is well.
    private func advice(
        _ rules: [PolicyRule], shadow: [PolicyRule] = [], tags: [SensitivityTag] = [],
        sensitivityDefault: Sensitivity = .restricted, prefixes: [String] = ["192.0.32.0/20"]
    ) throws -> [String] {
        var terms = try sampleTerms()
        terms.prefixes = try prefixes.map { try CIDR(parsing: $0) }
        let policy = try Policy(
            source: sampleSource, external: ["a": terms], sensitivityDefault: sensitivityDefault,
            tags: [SensitivityTag(project: "open", sensitivity: .public)] + tags,
            rules: [.allow("base", limits: Self.limits)] + rules, shadow: shadow)
        return policy.advice.map(\.message)
    }

    @Test func `a policy in which all is well gets none`() throws {
        #expect(try self.advice([.deny("d", projects: ["legal"], isHard: true)]) == [])
    }

    @Test func `an allow rule without limits, or for what nobody has classified`() throws {
        #expect(
            try self.advice([.allow("r")]) == [
                "rule `r` has no `limits`, a program that runs wild may send any amount"
            ])
        #expect(
            try self.advice([.allow("r", max: .restricted, limits: Self.limits)]) == [
                "rule `r` lets go what is `restricted`, which is also what nobody has classified"
            ])
    }

    @Test func `an allow rule below all that is ever asked`() throws {
        let policy = try Policy(
            source: sampleSource, external: ["a": sampleTerms()],
            tags: [SensitivityTag(project: "p", sensitivity: .confidential)],
            rules: [.allow("r", max: .internal, limits: Self.limits)],
            shadow: [.allow("s", max: .public, limits: Self.limits)])
        #expect(
            policy.advice == [
                PolicyAdvice(
                    .rule("r"),
                    "rule `r` can never match: it takes `internal` at most, and no request is less than `confidential`"),
                PolicyAdvice(
                    .rule("s"),
                    "rule `s` can never match: it takes `public` at most, and no request is less than `confidential`"),
            ])
    }

    @Test func `an allow rule that a deny rule covers`() throws {
        let never = ["rule `r` can never match: `d` denies all that it allows"]
        let narrow = PolicyRule.allow(
            "r", triggers: [.localDown], projects: ["legal-eu"], features: ["x*"], limits: Self.limits)
        #expect(try self.advice([narrow, .deny("d", projects: ["legal-*"])]) == never)
        #expect(try self.advice([narrow, .deny("d", triggers: [.localDown], projects: ["legal-eu", "b"])]) == never)
        #expect(try self.advice([narrow, .deny("d", features: ["x*"])]) == never)
        #expect(try self.advice([narrow, .deny("d", min: .public, features: ["*"])]) == never)
        for partial: PolicyRule in [
            .deny("d", projects: ["legal"]), .deny("d", min: .internal, projects: ["legal-*"]),
            .deny("d", features: ["xy*"]), .deny("d", keys: ["*"]), .deny("d", triggers: [.localTimeout]),
            .deny("d", projects: ["legal-*"], time: DailyWindow(days: [.sun])),
        ] {
            #expect(try self.advice([narrow, partial]) == [], "\(partial)")
        }
    }

    @Test func `a deny rule that another one covers`() throws {
        let nothing = ["rule `e` adds nothing: `d` denies all that it does"]
        #expect(
            try self.advice([.deny("d", projects: ["x*"]), .deny("e", min: .internal, projects: ["xy"])]) == nothing)
        #expect(try self.advice([.deny("e", projects: ["x"]), .deny("d", projects: ["x"])]) == nothing)
        #expect(
            try self.advice([.deny("d", projects: ["x"]), .deny("e", projects: ["x"], isHard: true)]) == [
                "rule `d` adds nothing: `e` denies all that it does"
            ])
        #expect(try self.advice([.deny("d", projects: ["x*"]), .deny("e", projects: ["xy"], isHard: true)]) == [])
        #expect(
            try self.advice([.deny("d", min: .confidential, projects: ["x"]), .deny("e", projects: ["x"])]) == [
                "rule `d` adds nothing: `e` denies all that it does"
            ])
    }

    @Test func `networks wider than any provider's`() throws {
        #expect(
            try self.advice([], prefixes: ["0.0.0.0/0", "::/0", "10.0.0.0/8", "fc00::/7", "8.0.0.0/8", "2600::/12"])
                == [
                    "`0.0.0.0/0` is the whole Internet, list the networks of the provider",
                    "`::/0` is the whole Internet, list the networks of the provider",
                    "`2600::/12` is wider than any provider's network, list those in use",
                ])
    }

    @Test func `a backend of which no allow rule speaks`() throws {
        let policy = try Policy(
            source: sampleSource, external: ["a": sampleTerms()], rules: [.deny("d")], shadow: [.allow("s")])
        #expect(
            policy.advice.map(\.message) == [
                "no rule allows `a` to anybody, so it is never asked",
                "rule `s` can never match: it takes `confidential` at most, and no request is less than `restricted`",
            ])
    }

    @Test func `a default below restricted`() throws {
        #expect(
            try self.advice([], sensitivityDefault: .internal) == [
                "what nobody has classified is `internal` here, a project that was forgotten too; leave "
                    + "`defaults.sensitivity` out, and classify under `sensitivity`"
            ])
    }

    @Test func `a feature that raises, which a caller may leave out`() throws {
        func feature(_ tags: [SensitivityTag]) throws -> Int { try self.advice([], tags: tags).count }
        let review = SensitivityTag(feature: "review", sensitivity: .confidential)
        #expect(
            try self.advice([], tags: [review]) == [
                "a caller that leaves its feature out is only `public`, not `confidential`: a feature is the caller's own "
                    + "word, raise by key or project"
            ])
        #expect(try feature([SensitivityTag(project: "dev", feature: "review", sensitivity: .confidential)]) == 0)
        let dev = SensitivityTag(project: "dev", sensitivity: .internal)
        #expect(try feature([dev, SensitivityTag(project: "dev", feature: "r", sensitivity: .confidential)]) == 1)
        #expect(try feature([dev, SensitivityTag(project: "dev", feature: "r", sensitivity: .internal)]) == 0)
        #expect(try feature([dev, SensitivityTag(project: "dev", feature: "r", sensitivity: .public)]) == 0)
    }

    /// What advice calls certain is never refuted by a question.
    @Test func `a rule that is said never to match does not, and one that adds nothing can go`() throws {
        var said = 0
        for seed in 0..<400 as Range<UInt64> {
            var world = PolicyWorld(seed: seed)
            let rules = world.rules()
            let policy = try samplePolicy(rules, sensitivityDefault: .public)
            for advice in policy.advice where advice.message.contains("never match") || advice.message.contains("adds")
            {
                guard case .rule(let id) = advice.subject else { continue }
                said += 1
                let without = try samplePolicy(rules.filter { $0.id != id }, sensitivityDefault: .public)
                for _ in 0..<40 {
                    let question = world.question()
                    let wall = world.wall()
                    #expect(
                        policy.essence(question, at: wall).rule != id || !policy.essence(question, at: wall).isAllowed)
                    #expect(
                        policy.essence(question, at: wall).isAllowed == without.essence(question, at: wall).isAllowed,
                        "seed \(seed), \(advice.message)")
                }
            }
        }
        #expect(said > 50)
    }
}
