import Testing
import Vocabulary

@_spi(Durable) @testable import Residency

/// One departure to a backend outside with all that its grant asks for, each part to be spoilt by itself.
struct Departure {
    static let policy = Verdict.Source(hash: AuditHash(of: Array("policy".utf8)), revision: "1")
    static let body = Array(#"{"model":"m-large","messages":[]}"#.utf8)

    static let id: RequestID = {
        var generator = SeededGenerator(seed: 3)
        return RequestID(at: WallTime(microseconds: 1), using: &generator)
    }()

    var backend: BackendID = "cloud"
    var model = "m-large"
    var isAllowed = true
    var source: Verdict.Source? = Self.policy
    var madeAt = now
    var request = OutboundRequest.post(.openAIChat, body: Self.body, model: "m-large")
    var at = now
    var found = ["8.8.8.8", "8.8.4.4"]

    /// What stands in the intent, if it is something else than what is asked for.
    var recordedModel: String?
    var recordedBody = Self.body
    var recordedBytes: Int?
    var recordedAddresses = ["8.8.4.4", "8.8.8.8", "8.8.8.9"]
    var jurisdiction = "EU"

    func verdict(model: String? = nil) -> Verdict {
        Verdict(
            request: Self.id, backend: self.backend, model: model ?? self.model, trigger: .localDown,
            sensitivity: .internal, isAllowed: self.isAllowed, reason: self.isAllowed ? .allowRule : .denyRule,
            rule: nil, source: self.source, madeAt: self.madeAt)
    }

    func intent() throws -> AuditIntent {
        AuditIntent(
            verdict: self.verdict(model: self.recordedModel), attempt: 2, endpoint: "/v1/chat/completions", key: nil,
            project: nil, feature: nil, sensitivitySources: ["default"], jurisdiction: self.jurisdiction,
            addresses: try self.recordedAddresses.map { SocketAddress(try address($0), port: 443) }, candidates: [],
            bytes: self.recordedBytes ?? self.recordedBody.count, bodyHash: AuditHash(of: self.recordedBody),
            commitment: .zero)
    }

    /// What `read` sees of the grant, if `gate` gives one.
    func ask<T>(_ gate: Gate, _ read: (borrowing Grant) -> T) throws -> Result<T, Refusal> {
        let found = try self.found.map { try address($0) }
        let intent = try self.intent()
        do throws(Refusal) {
            let destination = try gate.judge(found, of: self.backend, at: now)
            let grant = try gate.grant(
                self.request, at: destination, verdict: self.verdict(), intent: DurableIntent(intent, sequence: 1),
                now: self.at)
            return .success(read(grant))
        } catch {
            return .failure(error)
        }
    }

    /// Why the departure is refused; `nil` if it is not.
    func refusal(_ gate: Gate? = nil) throws -> Refusal? {
        switch try self.ask(gate ?? externalGate(), { $0.generation }) {
        case .success: nil
        case .failure(let refusal): refusal
        }
    }
}

/// The terms of `cloud`, or others.
func terms(_ prefixes: [String] = ["8.8.0.0/16"], jurisdiction: String = "EU") throws -> ExternalTerms {
    ExternalTerms(
        jurisdiction: jurisdiction, prefixes: try prefixes.map { try CIDR(parsing: $0) },
        trust: Trust(roots: .bundle([1, 2, 3]), pins: ["pin"]), models: ["m-large", "m-small"])
}

/// A gate with a backend outside of which the policy speaks, one of which it does not, and one inside.
func externalGate(
    _ external: ExternalSite? = nil, terms own: ExternalTerms? = nil, policy: Verdict.Source? = Departure.policy,
    generation: UInt64 = 7, ownListeners: [SocketAddress] = []
) throws -> Gate {
    let credential = try BackendCredential("sk-canary")
    return try Gate(
        zones: [Zone(name: "lab", networks: [CIDR(parsing: "10.20.0.0/16")])],
        sites: [
            BackendSite(
                id: "cloud", endpoint: .tcp(host: "api.example.com", port: 443), tls: true, zone: .external,
                external: external ?? ExternalSite(jurisdiction: "EU", credential: credential)),
            BackendSite(
                id: "unspoken", endpoint: .tcp(host: "8.8.8.8", port: 443), tls: true, zone: .external,
                external: ExternalSite(jurisdiction: "EU")),
            BackendSite(id: "gpu1", endpoint: .tcp(host: "gpu1.lab", port: 11434), zone: "lab"),
        ],
        ownListeners: ownListeners, terms: ["cloud": try own ?? terms()], policy: policy, generation: generation)
}
