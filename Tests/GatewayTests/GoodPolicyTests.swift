import Configuration
import Residency
import Testing
import Vocabulary

@testable import Gateway

/// Policies without mistakes, and what is made of them.
@Suite struct GoodPolicyTests {
    static let whole = """
        schema: 1
        revision: 2026-11-24.1
        mode: enforce
        defaults: {sensitivity: confidential, utc_offset: "+08:00"}
        external:
          euai:
            jurisdiction: EU
            prefixes: [192.0.32.0/20, "2600:1f00::/32"]
            tls: {ca: provider.pem, pins: ["sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]}
            models: [m-large, m-small]
          demo: {jurisdiction: lab, prefixes: [127.0.0.1/32], tls: {ca: system}, models: [m]}
        sensitivity:
          by_tag:
            - {project: marketing, is: internal}
            - {key: payroll, feature: "letters-*", is: restricted}
        rules:
          - id: overflow
            effect: allow
            to: [euai, demo]
            when:
              sensitivity_max: internal
              projects: [marketing, "press-*"]
              keys: [v6qphqn2]
              features: [letters]
              triggers: [context_overflow, local_saturated]
              time: {from: 08:00, to: 18:00, days: [mon, tue]}
            limits: {bytes: 65536, requests_per_day: 500, bytes_per_day: 1000000}
          - {id: legal, effect: deny, hard: true, when: {sensitivity_min: internal, projects: [legal], triggers: [local_down]}}
          - {id: stop, effect: deny, to: [demo], when: {time: {from: 22:00, to: 06:00}}}
        shadow:
          - {id: wider, effect: allow, to: [euai], when: {sensitivity_max: confidential, triggers: [local_down]}}
        tests:
          - name: card stays home
            input:
              project: marketing
              key: v6qphqn2
              feature: letters
              sensitivity: restricted
              trigger: local_saturated
              to: euai
              model: m-small
              bytes: 100
              time: 2026-11-24T10:00:00+08:00
              declines: true
            expect: {decision: deny, reason: external_declined}

        """

    @Test func `every key is taken on`() throws {
        let folder = try PolicyFolder(Self.whole)
        let file = try folder.read()
        let policy = file.policy
        #expect(policy.source?.revision == "2026-11-24.1")
        #expect(policy.source?.hash == AuditHash(of: Array(Self.whole.utf8)))
        #expect(policy.sensitivityDefault == .confidential)
        #expect(policy.clock.offsetMinutes == 480)
        let euai = try #require(policy.external["euai"])
        #expect(euai.jurisdiction == "EU")
        #expect(euai.prefixes.map(\.description) == ["192.0.32.0/20", "2600:1f00::/32"])
        #expect(euai.models == ["m-large", "m-small"])
        let pem = "# The authorities of the provider.\n" + PolicyFolder.certificate
        #expect(
            euai.trust
                == Trust(
                    roots: .bundle(Array(pem.utf8)), pins: ["47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]))
        #expect(policy.external["demo"]?.trust == .system)
        #expect(
            policy.tags == [
                SensitivityTag(project: "marketing", sensitivity: .internal),
                SensitivityTag(key: "payroll", feature: "letters-*", sensitivity: .restricted),
            ])
        #expect(
            policy.rules == [
                PolicyRule(
                    id: "legal",
                    effect: .deny(.init(sensitivityMin: .internal, triggers: [.localDown], isHard: true)), to: nil,
                    projects: ["legal"]),
                PolicyRule(
                    id: "overflow",
                    effect: .allow(
                        .init(
                            sensitivityMax: .internal, triggers: [.contextOverflow, .localSaturated],
                            limits: .init(bytes: 65_536, requestsPerDay: 500, bytesPerDay: 1_000_000))),
                    to: ["euai", "demo"], projects: ["marketing", "press-*"], keys: ["v6qphqn2"], features: ["letters"],
                    time: DailyWindow(from: 480, to: 1080, days: [.mon, .tue])),
                PolicyRule(
                    id: "stop", effect: .deny(.init()), to: ["demo"], time: DailyWindow(from: 1320, to: 360)),
            ])
        #expect(policy.shadow.map(\.id) == ["wider"])
    }

    @Test func `every key of a test is taken on`() throws {
        let test = try #require(try PolicyFolder(Self.whole).read().tests.first)
        #expect(test.name == "card stays home")
        #expect(
            test.caller
                == PolicyCaller(key: "v6qphqn2", keyName: "v6qphqn2", project: "marketing", feature: "letters"))
        #expect(test.sensitivity == .restricted)
        #expect(test.backend == "euai" && test.model == "m-small" && test.trigger == .localSaturated)
        #expect(test.bytes == 100 && test.declines)
        #expect(test.time == WallTime(microseconds: 1_795_485_600_000_000))
        #expect(test.expected == .init(isAllowed: false, reason: .externalDeclined))
    }

    @Test func `what nobody says denies`() throws {
        let file = try PolicyFolder("schema: 1\nrevision: empty\n").read()
        #expect(file.policy.sensitivityDefault == .restricted)
        #expect(file.policy.clock == .utc)
        #expect(file.policy.external.isEmpty && file.policy.rules.isEmpty && file.policy.shadow.isEmpty)
        #expect(file.tests.isEmpty)
        #expect(!file.policy.mayAsk("euai"))
        let rule =
            "rules: [{id: r, effect: allow, to: [euai], when: {sensitivity_max: public, triggers: [local_down]}}]\n"
        let policy = try PolicyFolder(BadPolicy.base + rule).read().policy
        #expect(policy.mayAsk("euai") && !policy.mayAsk("demo"))
        #expect(policy.rules.first?.limits == .init())
        #expect(policy.rules.first?.time == nil)
    }

    @Test func `a certificate may stand at an absolute path`() throws {
        let folder = try PolicyFolder("")
        let text = BadPolicy.base.replacing("ca: system", with: "ca: \(folder.folder["provider.pem"])")
        #expect(try PolicyFolder(text).mistakes == [])
    }

    // MARK: With the other files

    private func installation(_ policy: String?, _ lines: String = "", name: String = "policy.yaml") throws
        -> Installation
    {
        let installation = try Installation(gatehouse: Installation.gatehouse + lines)
        if let policy { try installation.folder.write(policy, to: name) }
        return installation
    }

    @Test func `without a file nothing leaves, and that is no mistake`() throws {
        let configuration = try self.installation(nil).load()
        #expect(configuration.policy == .none)
        #expect(configuration.files["policy"] == nil)
    }

    @Test func `a file beside gatehouse.yaml is read unasked, and its hash is kept`() throws {
        let text = "schema: 1\nrevision: r7\n"
        let configuration = try self.installation(text).load()
        #expect(configuration.policy.source?.revision == "r7")
        #expect(configuration.files["policy"] == AuditHash(of: Array(text.utf8)))
        #expect(configuration.files["policy"] == configuration.policy.source?.hash)
    }

    @Test func `a file that is named is read, and must be there`() throws {
        let named = try self.installation("schema: 1\nrevision: r8\n", "policy: gate.yaml\n", name: "gate.yaml")
        #expect(try named.load().policy.source?.revision == "r8")
        #expect(
            try self.installation(nil, "policy: gate.yaml\n").mistakes == [
                "gate.yaml: file is missing; name another one with `policy` in gatehouse.yaml, or leave `policy` out: "
                    + "without a policy nothing leaves"
            ])
    }

    @Test func `mistakes in the policy are told with those of the other files`() throws {
        let installation = try self.installation("schema: 1\n", "nodes: x\n")
        #expect(
            installation.mistakes == [
                "gatehouse.yaml:5:1: unknown key `nodes`, did you mean `node`?",
                "policy.yaml:1:1: key `revision` is missing",
            ])
    }
}
