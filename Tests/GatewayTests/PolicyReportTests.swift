import Foundation
import Residency
import Testing
import Vocabulary

@testable import Gateway

/// What `gatehouse policy lint` and `gatehouse policy test` print, letter by letter.
@Suite struct PolicyReportTests {
    static let tested = """
        schema: 1
        revision: r1
        defaults: {utc_offset: "+08:00"}
        external:
          euai: {jurisdiction: EU, prefixes: [192.0.32.0/20], tls: {ca: system}, models: [m-large]}
        sensitivity: {by_tag: [{project: marketing, is: internal}]}
        rules:
          - id: overflow
            effect: allow
            to: [euai]
            when: {sensitivity_max: internal, projects: [marketing], triggers: [local_saturated], time: {from: 08:00, to: 18:00}}
            limits: {bytes: 1000}
          - {id: letters, effect: deny, hard: true, when: {features: [payroll]}}
          - {id: night, effect: deny, when: {time: {from: 22:00, to: 06:00}}}
        shadow:
          - {id: tighter, effect: deny, when: {sensitivity_min: internal, features: [press]}}
        tests:
          - {name: goes at noon, input: {project: marketing, feature: press, trigger: local_saturated, to: euai}, expect: {decision: allow}}
          - {name: stays if it is secret, input: {project: marketing, feature: x, sensitivity: restricted, trigger: local_saturated, to: euai}, expect: {decision: deny, reason: sensitivity_too_high}}
          - {name: stays when all is well, input: {project: marketing, feature: x, trigger: local_down, to: euai}, expect: {decision: allow, reason: allow_rule}}
          - {name: payroll stays, input: {project: marketing, feature: payroll, trigger: local_saturated, to: euai, bytes: 2000}, expect: {decision: deny, reason: limit_bytes}}
          - {name: another model, input: {project: marketing, feature: x, trigger: local_saturated, to: euai, model: m}, expect: {decision: deny, reason: backend_forbidden}}

        """

    private func report(_ text: String) throws -> PolicyTestReport {
        PolicyTestReport(try PolicyFolder(text).read(), path: "policy.yaml")
    }

    @Test func `each test says what was found, and the story of one that failed`() throws {
        let report = try self.report(Self.tested)
        #expect(report.failed == 2)
        #expect(
            report.text == """
                ok    goes at noon: allow, allow_rule
                ok    stays if it is secret: deny, sensitivity_too_high
                FAIL  stays when all is well: expected allow, allow_rule, found deny, trigger_forbidden
                      the request is `internal` (project)
                      `letters` would deny it but for its feature
                      `night` would deny it but for its time
                      `overflow` would allow it but for its trigger
                FAIL  payroll stays: expected deny, limit_bytes, found deny, deny_rule
                      the request is `internal` (project)
                      `letters` denies it
                      `night` would deny it but for its time
                      `overflow` would allow it but for its bytes
                ok    another model: deny, backend_forbidden
                3 of 5 tests passed
                no test is decided by `night`
                """)
    }

    @Test func `what a shadow rule would do is part of the story`() throws {
        let text = Self.tested.replacing("expect: {decision: allow}", with: "expect: {decision: deny}")
        let test = try #require(try self.report(text).tests.first)
        #expect(!test.passed)
        #expect(test.why.last == "in force, the shadow rule `tighter` would deny it")
    }

    @Test func `the same as JSON`() throws {
        let report = try self.report(Self.tested)
        let json = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(report)) as? [String: Any])
        #expect(Set(json.keys) == ["file", "revision", "sha256", "tests", "failed", "undecided"])
        #expect(json["sha256"] as? String == "\(AuditHash(of: Array(Self.tested.utf8)))")
        let tests = try #require(json["tests"] as? [[String: Any]])
        #expect(tests.count == 5)
        #expect(tests[0]["rule"] as? String == "overflow" && tests[0]["passed"] as? Bool == true)
    }

    @Test func `a policy without tests says so`() throws {
        let report = try self.report("schema: 1\nrevision: r\n")
        #expect(report.text == "there are no `tests` in policy.yaml")
        #expect(report.failed == 0)
    }

    @Test func `a test without a time is asked at noon of a Monday in the policy's time`() throws {
        for (offset, hours) in [("+00:00", "12:00"), ("+08:00", "12:00"), ("-11:30", "12:00")] {
            let text = """
                \(BadPolicy.base)defaults: {utc_offset: "\(offset)"}
                sensitivity: {by_tag: [{project: p, is: public}]}
                rules:
                  - id: r
                    effect: allow
                    to: [euai]
                    when: {sensitivity_max: public, triggers: [local_down], time: {from: "\(hours)", to: "12:01", days: [mon]}}
                tests:
                  - {name: t, input: {project: p, trigger: local_down, to: euai}, expect: {decision: allow}}

                """
            #expect(try self.report(text).failed == 0, "\(offset)")
        }
    }

    // MARK: Lint

    private func lint(_ text: String) throws -> PolicyLint {
        let folder = try PolicyFolder(text)
        let path = folder.folder["policy.yaml"]
        return PolicyLint(try folder.read(), backends: [("euai", "EU")], path: path)
    }

    @Test func `advice stands at its place, in the order of the file`() throws {
        let text = """
            schema: 1
            revision: r
            defaults: {sensitivity: internal}
            external:
              euai: {jurisdiction: EU, prefixes: [0.0.0.0/0], tls: {ca: system}, models: [m]}
              demo: {jurisdiction: lab, prefixes: [127.0.0.1/32], tls: {ca: system}, models: [m]}
            sensitivity: {by_tag: [{feature: review, is: confidential}]}
            rules:
              - {id: z, effect: deny, when: {projects: [legal]}}
              - {id: a, effect: allow, to: [euai], when: {sensitivity_max: public, triggers: [local_down]}}
            shadow:
              - {id: s, effect: allow, to: [euai], when: {sensitivity_max: public, triggers: [local_down]}}

            """
        let lines = try self.lint(text).lines.map { $0.split(separator: "/").last.map { String($0) } ?? "" }
        let places = try self.lint(text).lines.compactMap { line in
            line.split(separator: "policy.yaml:").last?.split(separator: ": ").first.map { String($0) }
        }
        #expect(places == ["1:1", "1:1", "5:9", "6:9", "7:24", "10:5", "10:5", "12:5"])
        #expect(lines.contains { $0.hasSuffix("there are no `tests`, write down what must leave and what must not") })
        #expect(try self.lint(text).text.hasSuffix("\nno mistakes, 8 pieces of advice"))
    }

    @Test func `a backend outside of which the policy says nothing`() throws {
        let text = Self.tested.replacing("euai", with: "demo").replacing("EU,", with: "lab,")
        let lint = try self.lint(text)
        #expect(lint.lines.count == 1)
        #expect(lint.lines[0].hasSuffix("backend `euai` stands outside and has no terms here, so it is never asked"))
        #expect(lint.text.hasSuffix("\nno mistakes, one piece of advice"))
    }

    @Test func `a policy in which all is well`() throws {
        #expect(try self.lint(Self.tested).text == "no mistakes, no advice")
    }

    // MARK: Commands

    private func installation(_ policy: String?) throws -> Installation {
        let installation = try Installation()
        if let policy { try installation.folder.write(policy, to: "policy.yaml") }
        return installation
    }

    @Test func `commands end as they say`() throws {
        let plain = try self.installation("schema: 1\nrevision: r\n")
        let path = plain.folder["gatehouse.yaml"]
        #expect(lintPolicy(configurationPath: path, isStrict: false) == ExitStatus.done)
        #expect(lintPolicy(configurationPath: path, isStrict: true) == ExitStatus.failed)
        #expect(testPolicy(configurationPath: path, asJSON: false) == ExitStatus.done)
        let none = try self.installation(nil)
        #expect(lintPolicy(configurationPath: none.folder["gatehouse.yaml"], isStrict: false) == ExitStatus.failed)
        #expect(testPolicy(configurationPath: none.folder["gatehouse.yaml"], asJSON: true) == ExitStatus.failed)
        let bad = try self.installation("schema: 1\n")
        #expect(
            lintPolicy(configurationPath: bad.folder["gatehouse.yaml"], isStrict: false) == ExitStatus.misconfigured)
        #expect(testPolicy(configurationPath: bad.folder["gatehouse.yaml"], asJSON: false) == ExitStatus.misconfigured)
    }
}
