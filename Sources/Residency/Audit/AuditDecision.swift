import Vocabulary

/// What was decided about one request, and why. A request that leaves will have an intent and an outcome of the same
/// members; what is not known of a request is left out.
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
    /// The model, if it came so far that its canonical name was known.
    public var model: ModelName?
    /// The verdict.
    public var verdict: Verdict
    /// The residency reason.
    public var reason: Reason
    /// Those that were refused for residency's sake.
    public var candidates: [Candidate]
    /// Why the request ended as it did, which may be another reason.
    public var outcome: Reason
    /// The HTTP status sent.
    public var status: Int

    /// A decision of these values.
    public init(
        request: RequestID, endpoint: String, key: KeyID? = nil, project: ProjectName? = nil,
        feature: FeatureName? = nil, model: ModelName? = nil, verdict: Verdict, reason: Reason,
        candidates: [Candidate] = [], outcome: Reason, status: Int
    ) {
        self.request = request
        self.endpoint = endpoint
        self.key = key
        self.project = project
        self.feature = feature
        self.model = model
        self.verdict = verdict
        self.reason = reason
        self.candidates = candidates
        self.outcome = outcome
        self.status = status
    }

    var body: CanonicalJSON {
        let candidates = self.candidates.map { candidate in
            CanonicalJSON.object([
                "backend": .string(candidate.backend.rawValue), "model": .string(candidate.model.rawValue),
                "reason": .string(candidate.reason.rawValue), "verdict": .string(Verdict.deny.rawValue),
            ])
        }
        var members: [String: CanonicalJSON] = [
            "candidates": .array(candidates), "decision": .string(self.verdict.rawValue),
            "decision_id": .string("\(self.request)"), "endpoint": .string(self.endpoint),
            "outcome": .object([
                "reason": .string(self.outcome.rawValue), "status": .integer(Int64(self.status)),
            ]),
            "reason": .string(self.reason.rawValue), "request_id": .string("\(self.request)"),
        ]
        members["feature"] = self.feature.map { .string($0.rawValue) }
        members["key_id"] = self.key.map { .string($0.rawValue) }
        members["model"] = self.model.map { .string($0.rawValue) }
        members["project"] = self.project.map { .string($0.rawValue) }
        return .object(members)
    }
}
