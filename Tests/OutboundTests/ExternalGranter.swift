import Testing
import Vocabulary

// The door's tests need grants for backends outside, and nobody but the gate gives them: it is given a verdict and an
// intent that no policy and no store stand behind.
@_spi(Durable) @testable import Residency

/// Makes grants for one backend outside, whose name is `api.example.com` and never resolved.
struct ExternalGranter {
    static let host = "api.example.com"

    let gate: Gate
    let destination: CheckedAddresses

    init(
        addresses: [String] = ["127.0.0.1"], port: UInt16, trust: Trust, credential: String? = "sk-canary",
        proxy: SocketAddress? = nil, generation: UInt64 = 1
    ) throws {
        let prefixes = try ["127.0.0.0/8", "8.8.8.0/24"].map { try CIDR(parsing: $0) }
        let external = ExternalSite(
            jurisdiction: "EU", basePath: "/api/v1",
            credential: try credential.map { text throws(Refusal) in try BackendCredential(text) },
            proxy: proxy.map { ForwardProxy(address: $0, zone: .loopback) })
        let site = BackendSite(
            id: "cloud", endpoint: .tcp(host: Self.host, port: port), tls: true, zone: .external, external: external)
        self.gate = try Gate(
            zones: [], sites: [site],
            terms: [
                "cloud": ExternalTerms(jurisdiction: "EU", prefixes: prefixes, trust: trust, models: ["m"])
            ],
            policy: Self.policy, generation: generation)
        self.destination = try self.gate.judge(
            addresses.map { IPAddress($0)! }, of: "cloud", at: SettableTimersStart.now)
    }

    private static let policy = Verdict.Source(hash: .zero, revision: "1")

    func grant(_ request: OutboundRequest = .chat(), now: Instant = SettableTimersStart.now) throws -> Grant {
        let verdict = Verdict(
            request: RequestID("0190e3a0-0000-7000-8000-000000000000")!, backend: "cloud", model: "m",
            trigger: .localDown, sensitivity: .public, isAllowed: true, reason: .allowRule, rule: nil,
            source: Self.policy, madeAt: now)
        let intent = AuditIntent(
            verdict: verdict, attempt: 1, endpoint: request.path, key: nil, project: nil, feature: nil,
            sensitivitySources: [], jurisdiction: "EU", addresses: self.destination.addresses, candidates: [],
            bytes: request.body.count, bodyHash: AuditHash(of: request.body), commitment: .zero)
        return try self.gate.grant(
            request, at: self.destination, verdict: verdict, intent: DurableIntent(intent, sequence: 1), now: now)
    }
}

/// SHA-256 of `bytes`.
func sha256(_ bytes: [UInt8]) -> [UInt8] { AuditHash(of: bytes).bytes }
