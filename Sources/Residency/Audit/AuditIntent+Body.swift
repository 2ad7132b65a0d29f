import Vocabulary

extension AuditIntent {
    /// What an intent says under `decision`: it stands between `local` and `deny` of a decision.
    static let decision = "external"

    /// What the record says. Of the body only its length and the keyed commitment: `bodyHash` stays out.
    var body: CanonicalJSON {
        var members = AuditJudgement(of: self.verdict, sensitivitySources: self.sensitivitySources).members
        members["addresses"] = .array(self.addresses.map { .string("\($0)") })
        members["attempt"] = .integer(Int64(self.attempt))
        members["backend"] = .string(self.verdict.backend.rawValue)
        members["body_hmac"] = .string("\(self.commitment)")
        members["bytes_out"] = .integer(Int64(self.bytes))
        members["candidates"] = .array(self.candidates.map(\.json))
        members["decision"] = .string(Self.decision)
        members["decision_id"] = .string("\(self.verdict.request)")
        members["endpoint"] = .string(self.endpoint)
        members["feature"] = self.feature.map { .string($0.rawValue) }
        members["jurisdiction"] = .string(self.jurisdiction)
        members["key_id"] = self.key.map { .string($0.rawValue) }
        members["model"] = .string(self.verdict.model)
        members["principal"] = self.principal.map { .string($0.rawValue) }
        members["project"] = self.project.map { .string($0.rawValue) }
        members["reason"] = .string(self.verdict.reason.rawValue)
        members["request_id"] = .string("\(self.verdict.request)")
        return .object(members)
    }
}
