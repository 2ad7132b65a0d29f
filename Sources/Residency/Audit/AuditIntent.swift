import Vocabulary

/// What is about to leave: recorded, and durable, before the first byte does.
public struct AuditIntent: Hashable, Sendable {
    /// What the policy said.
    public var verdict: Verdict
    /// The number of the send, from 1.
    public var attempt: Int
    /// The endpoint's own path.
    public var endpoint: String
    /// Who called; `nil` without keys.
    public var key: KeyID?
    /// Who pays.
    public var project: ProjectName?
    /// For which function.
    public var feature: FeatureName?
    /// For which person.
    public var principal: PrincipalName?
    /// Where the sensitivity comes from: `default`, `project`, `key`, `feature`, `caller`, `conversation`.
    public var sensitivitySources: [String]
    /// The backend's jurisdiction, as the configuration has it.
    public var jurisdiction: String
    /// The addresses that it may be sent to.
    public var addresses: [SocketAddress]
    /// Places that were weighed before and refused.
    public var candidates: [AuditDecision.Candidate]
    /// The length of the body.
    public var bytes: Int
    /// SHA-256 of the body. It is compared with what is sent and never recorded: a short prompt could be guessed by it.
    public var bodyHash: AuditHash
    /// HMAC-SHA-256 of the body under the node's own key: what is recorded.
    public var commitment: AuditHash

    /// An intent of these values.
    public init(
        verdict: Verdict, attempt: Int, endpoint: String, key: KeyID?, project: ProjectName?, feature: FeatureName?,
        principal: PrincipalName? = nil, sensitivitySources: [String], jurisdiction: String, addresses: [SocketAddress],
        candidates: [AuditDecision.Candidate], bytes: Int, bodyHash: AuditHash, commitment: AuditHash
    ) {
        self.verdict = verdict
        self.attempt = attempt
        self.endpoint = endpoint
        self.key = key
        self.project = project
        self.feature = feature
        self.principal = principal
        self.sensitivitySources = sensitivitySources
        self.jurisdiction = jurisdiction
        self.addresses = addresses
        self.candidates = candidates
        self.bytes = bytes
        self.bodyHash = bodyHash
        self.commitment = commitment
    }
}

/// The proof that an intent is in the audit chain and on the disk. Single use, like the grant that it is given for.
///
/// Only the store that has committed the record makes one: nobody else may import this (`HouseRulesTests`).
public struct DurableIntent: ~Copyable, Sendable {
    /// What was recorded.
    public let intent: AuditIntent
    /// The number of its record.
    public let sequence: Int64

    /// The proof of a committed record.
    @_spi(Durable) public init(_ intent: AuditIntent, sequence: Int64) {
        self.intent = intent
        self.sequence = sequence
    }
}
