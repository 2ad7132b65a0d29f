import Vocabulary

/// What was decided about one request, and why. A request that leaves has an intent instead, of the same members, and
/// an outcome; what is not known of a request is left out.
public struct AuditDecision: Hashable, Sendable {
    /// How it ended.
    public enum Verdict: String, Hashable, Sendable, CaseIterable {
        /// A backend in an intranet zone answered, another one was refused before.
        case local
        /// Nobody was given the request, or nobody's answer was shown.
        case deny
    }

    /// A backend that was weighed and refused.
    public struct Candidate: Hashable, Sendable {
        /// Which one.
        public var backend: BackendID
        /// With which model.
        public var model: ModelName
        /// Why not.
        public var reason: Reason

        /// A candidate of these values.
        public init(backend: BackendID, model: ModelName, reason: Reason) {
            self.backend = backend
            self.model = model
            self.reason = reason
        }

        var json: CanonicalJSON {
            .object([
                "backend": .string(self.backend.rawValue), "model": .string(self.model.rawValue),
                "reason": .string(self.reason.rawValue), "verdict": .string(Verdict.deny.rawValue),
            ])
        }
    }

    /// The request's id, which is the decision's too.
    public var request: RequestID
    /// The endpoint's own path; `none` if it is not served.
    public var endpoint: String
    /// Who called; `nil` without keys.
    public var key: KeyID?
    /// Who pays.
    public var project: ProjectName?
    /// For which function.
    public var feature: FeatureName?
    /// For which person.
    public var principal: PrincipalName?
    /// The model, if it came so far that its canonical name was known.
    public var model: ModelName?
    /// The verdict.
    public var verdict: Verdict
    /// The residency reason.
    public var reason: Reason
    /// Those that were refused for residency's sake.
    public var candidates: [Candidate]
    /// What the policy said and knew, if it was asked.
    public var judgement: AuditJudgement
    /// Why the request ended as it did, which may be another reason.
    public var outcome: Reason
    /// The HTTP status sent.
    public var status: Int

    /// A decision of these values.
    public init(
        request: RequestID, endpoint: String, key: KeyID? = nil, project: ProjectName? = nil,
        feature: FeatureName? = nil, principal: PrincipalName? = nil, model: ModelName? = nil, verdict: Verdict,
        reason: Reason, candidates: [Candidate] = [], judgement: AuditJudgement = AuditJudgement(), outcome: Reason,
        status: Int
    ) {
        self.request = request
        self.endpoint = endpoint
        self.key = key
        self.project = project
        self.feature = feature
        self.principal = principal
        self.model = model
        self.verdict = verdict
        self.reason = reason
        self.candidates = candidates
        self.judgement = judgement
        self.outcome = outcome
        self.status = status
    }

    var body: CanonicalJSON {
        var members = self.judgement.members
        members["candidates"] = .array(self.candidates.map(\.json))
        members["decision"] = .string(self.verdict.rawValue)
        members["decision_id"] = .string("\(self.request)")
        members["endpoint"] = .string(self.endpoint)
        members["outcome"] = .object([
            "reason": .string(self.outcome.rawValue), "status": .integer(Int64(self.status)),
        ])
        members["reason"] = .string(self.reason.rawValue)
        members["request_id"] = .string("\(self.request)")
        members["feature"] = self.feature.map { .string($0.rawValue) }
        members["key_id"] = self.key.map { .string($0.rawValue) }
        members["model"] = self.model.map { .string($0.rawValue) }
        members["principal"] = self.principal.map { .string($0.rawValue) }
        members["project"] = self.project.map { .string($0.rawValue) }
        return .object(members)
    }
}
