import Accounting
import Residency
import Vocabulary

@testable import Gateway

/// Files of a node with two backends inside and one outside, and questions about requests to it.
struct ExplainStage {
    static let gatehouse = """
        schema: 1
        state: /var/lib/gatehouse
        backends:
          gpu1: {url: http://127.0.0.1:11434, zone: loopback, slots: 4}
          gpu2: {url: http://127.0.0.1:11435, zone: loopback, slots: 4}
          euai: {kind: openai, url: https://api.example.com, zone: external, jurisdiction: EU}

        """
    static let manifest = """
        schema: 1
        discovered: serve
        models:
          llama3.2:3b: {capabilities: [completion, tools], context: 8192, external: [m-large]}
          llama3.2:1b: {capabilities: [completion], context: 100, backends: [gpu2]}
          llava:7b: {capabilities: [completion, vision], external: [m-large]}
        external:
          m-large: {backend: euai, model: m-large-2026}
          m-small: {backend: euai, context: 8}
        tiers:
          general: {models: [llama3.2:1b, llama3.2:3b], external: [m-small, m-large], fallback_reply: Not now.}
        aliases:
          "gpt-4*": general

        """
    static let policy = """
        schema: 1
        revision: first
        external:
          euai: {jurisdiction: EU, prefixes: [192.0.32.0/20], tls: {ca: system}, models: [m-large-2026]}
        sensitivity:
          by_tag: [{project: website, is: public}, {project: legal, is: public}]
        rules:
          - id: legal-stays
            effect: deny
            hard: true
            when: {projects: [legal]}
          - id: public-when-down
            effect: allow
            to: [euai]
            when: {sensitivity_max: public, triggers: [local_down, local_timeout, caller_requested, capability_missing]}
            limits: {bytes: 1000, requests_per_day: 2}
        shadow:
          - {id: not-by-name, effect: deny, when: {triggers: [caller_requested]}}

        """
    static let keys = """
        schema: 1
        keys:
          - id: v6qphqn2
            name: website
            environment: live
            project: website
            projects: [legal]
            models: [llama3.2:3b, general, m-large, "gpt-*", "llava*", other]
            created: "2026-11-01T00:00:00Z"
            expires: "2027-11-24"
            secrets:
              - hash: "215b600b426bc0e989e9b64ea10825e1f5d1e688782deb322475910fdbc2baac"
                created: "2026-11-01T00:00:00Z"

        """
    /// A Tuesday.
    static let noon = WallTime(microseconds: 1_795_521_600_000_000)

    let configuration: GatehouseConfiguration
    let key: Key?

    init(
        gatehouse: String = Self.gatehouse, manifest: String = Self.manifest, policy: String? = Self.policy,
        keys: String? = Self.keys
    ) throws {
        let installation = try Installation(
            gatehouse: gatehouse, manifest: manifest, keys: keys, pepper: String(repeating: "p", count: 32))
        if let policy { try installation.folder.write(policy, to: "policy.yaml") }
        self.configuration = try installation.load()
        self.key = try KeysFile(
            path: installation.folder["keys.yaml"], pepperPath: installation.folder["pepper"]
        ).readIfPresent()?.key(named: "website")
    }

    static func chat(_ model: String, _ content: String = "What are your opening hours?", _ more: String = "") -> String
    {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(content)"}]\#(more)}"#
    }

    func question(
        _ body: String, _ path: String = "/v1/chat/completions", _ wishes: RequestWishes = RequestWishes(),
        in localCase: LocalCase? = nil, at wall: WallTime = Self.noon
    ) -> Explainer.Question {
        Explainer.Question(
            bytes: Array(body.utf8), path: path, key: self.key, wishes: wishes, localCase: localCase, wall: wall)
    }

    func explain(
        _ body: String, _ path: String = "/v1/chat/completions", _ wishes: RequestWishes = RequestWishes(),
        in localCase: LocalCase? = nil, departures: Explainer.Departures = .known([]), at wall: WallTime = Self.noon
    ) -> Explanation {
        Explainer.explain(
            self.question(body, path, wishes, in: localCase, at: wall), under: self.configuration,
            departures: departures)
    }
}
