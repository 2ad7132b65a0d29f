import Testing
import Vocabulary

@testable import Residency

/// What keeps a policy from being made, however its parts came about.
@Suite struct PolicyCheckingTests {
    private func problems(
        _ rules: [PolicyRule], shadow: [PolicyRule] = [], tags: [SensitivityTag] = [], terms: ExternalTerms? = nil
    ) throws -> [String] {
        let terms = try terms ?? sampleTerms()
        do throws(PolicyProblems) {
            _ = try Policy(source: sampleSource, external: ["a": terms], tags: tags, rules: rules, shadow: shadow)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func `rules that fit together make a policy`() throws {
        #expect(try self.problems([.allow("r"), .deny("d")], shadow: [.deny("s")]) == [])
    }

    @Test func `ids are unique over rules and shadow rules, and fit for a header`() throws {
        #expect(
            try self.problems([.allow("r"), .deny("r")], shadow: [.deny("r")]) == [
                "rules[1]: another rule is called `r`, ids are unique",
                "shadow[0]: another rule is called `r`, ids are unique",
            ])
        for id: RuleID in ["", "with blank", "ünknown", "a/b", RuleID(String(repeating: "x", count: 65))] {
            #expect(
                try self.problems([.deny(id)]) == [
                    "rules[0]: a rule's id has 1 to 64 letters, digits, `-`, `_` and `.`: it stands in headers and records"
                ])
        }
    }

    @Test func `an allow rule names its backends, and only those that have terms`() throws {
        var everywhere = PolicyRule.allow("r")
        everywhere.to = nil
        #expect(try self.problems([everywhere]) == ["rules[0]: an allow rule names the backends that it is for"])
        #expect(
            try self.problems([.allow("r", to: ["a", "x"])])
                == ["rules[0]: `x` has no terms under `external`, which has `a`"])
    }

    @Test func `a list that would match nothing is a mistake`() throws {
        let empty: [PolicyRule] = [
            .allow("r", to: []), .allow("r", triggers: []), .allow("r", projects: []), .deny("r", keys: []),
            .deny("r", features: []), .deny("r", triggers: []), .deny("r", time: DailyWindow(from: 60, to: 60)),
            .deny("r", time: DailyWindow(days: [])), .deny("r", time: DailyWindow(from: 1440, to: 60)),
        ]
        for rule in empty {
            #expect(
                try self.problems([rule]) == ["rules[0]: nothing is listed, so that the rule matches nothing"],
                "\(rule)")
        }
        #expect(
            try self.problems([.allow("r", limits: .init(requestsPerDay: 0))])
                == ["rules[0]: a limit is a number from 1 up"])
        #expect(
            try self.problems([], tags: [SensitivityTag(sensitivity: .public)]) == [
                "sensitivity.by_tag[0]: this entry names no `key`, `project` or `feature`; what holds for everybody is "
                    + "`defaults.sensitivity`"
            ])
    }

    @Test func `there is an end to rules`() throws {
        let rules = (0...Bounds.policyRules).map { PolicyRule.deny(RuleID("r\($0)")) }
        #expect(try self.problems(Array(rules.dropLast())) == [])
        #expect(try self.problems(rules) == ["policy: there are 1001 rules, at most 1000 are read"])
    }

    @Test func `terms say what must hold, whole`() throws {
        let empty = ExternalTerms(
            jurisdiction: "", prefixes: [], trust: Trust(roots: .bundle([]), pins: ["x"]), models: [])
        #expect(
            try self.problems([], terms: empty) == [
                "external.a: the jurisdiction has no name",
                "external.a: no network is listed, so that no address can be right",
                "external.a: no model is listed, so that none may be asked for",
                "external.a: there is no certificate to trust", "external.a: `x` is no SHA-256 in base64",
            ])
        var metadata = try sampleTerms()
        metadata.prefixes = [try CIDR(parsing: "169.254.0.0/16")]
        #expect(try self.problems([], terms: metadata).count == 1)
    }

    @Test(arguments: [
        "10.0.0.0/8", "127.0.0.1/32", "::1/128", "fd00::/8", "100.64.0.0/10", "8.8.8.0/24", "2600::/12", "0.0.0.0/0",
        "::/0", "0.0.0.0/1",
    ])
    func `public, private and loopback networks may be listed`(text: String) throws {
        #expect(ExternalTerms.problem(withPrefix: try CIDR(parsing: text)) == nil)
    }

    @Test(arguments: [
        "169.254.169.254/32", "fe80::/64", "224.0.0.0/4", "ff02::/16", "168.63.129.16/32", "fd00:ec2::254/128",
        "240.0.0.0/8", "0.0.0.0/8", "203.0.113.0/24", "198.18.0.0/16", "2002::/16", "64:ff9b::/96", "4000::/8",
        "::ffff:1.2.3.0/120", "255.255.255.255/32", "2001:db8::/48",
    ])
    func `networks where nobody can stand may not`(text: String) throws {
        #expect(ExternalTerms.problem(withPrefix: try CIDR(parsing: text)) != nil)
    }

    @Test func `a pin is the base64 of 32 bytes, with or without curl's prefix`() {
        let pin = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        #expect(Trust.pin(pin) == pin)
        #expect(Trust.pin("sha256//" + pin) == pin)
        for text in [
            "", "sha256//", String(pin.dropLast()), pin + "=", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=",
            "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU=", "sha1//" + pin, "sha256//sha256//" + pin,
            String(repeating: "=", count: 44),
        ] {
            #expect(Trust.pin(text) == nil, "\(text)")
        }
    }
}
