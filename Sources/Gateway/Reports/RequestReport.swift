/// One request as the operator may see it: where the time went, never what was said.
public struct RequestReport: Codable, Sendable {
    /// The request's id, as in `x-gatehouse-request-id`.
    public var id: String
    /// When it arrived, RFC 3339.
    public var startedAt: String
    /// `waiting`, `running` or `ended`.
    public var state: String
    /// The path in its one spelling; `none` if it is not served.
    public var endpoint: String
    /// The key's name, where keys are used.
    public var key: String?
    /// The project that pays.
    public var project: String?
    /// The function it is for.
    public var feature: String?
    /// The person it is for, where the key may say so.
    public var principal: String?
    /// The tier that was asked for, or that `auto` has led to.
    public var tier: String?
    /// Why it is this tier, where `auto` led to it: the keys of a rule's conditions, or `default`.
    public var tierRule: String?
    /// The model that the caller's name stood for.
    public var model: String?
    /// The backend that served it, or tried last.
    public var backend: String?
    /// How sensitive it is; none if it was refused before that was asked.
    public var sensitivity: String?
    /// What the policy said last; none if it was not asked.
    public var verdict: Verdict?
    /// As `x-gatehouse-route`.
    public var route: String
    /// Why it ended as it did.
    public var reason: String?
    /// The HTTP status that the client saw; none while it runs.
    public var status: Int?
    /// The answer was a stream.
    public var streamed: Bool
    /// Tries of a backend, with how each ended.
    public var attempts: [Attempt]
    /// What was left out of the request (`x-gatehouse-dropped`).
    public var dropped: [String]
    /// Tokens, where the backend said.
    public var tokens: TokenCount
    /// Milliseconds by phase.
    public var phases: Phases

    /// What the policy said of one place outside.
    public struct Verdict: Codable, Sendable {
        /// The backend.
        public var backend: String
        /// Why local would not do.
        public var trigger: String
        /// `allow` or `deny`.
        public var decision: String
        /// A reason code.
        public var reason: String
        /// The rule that decided; none if none matched.
        public var rule: String?
    }

    /// One try of one backend.
    public struct Attempt: Codable, Sendable {
        /// The backend.
        public var backend: String
        /// The model, under the name it has there.
        public var model: String
        /// `completed`, or a reason code.
        public var outcome: String
    }

    /// What the backend counted.
    public struct TokenCount: Codable, Sendable {
        /// Tokens read; none if the backend did not say.
        public var prompt: Int?
        /// Tokens written; none if the backend did not say.
        public var output: Int?
    }

    /// Where the time went. What a dialect does not tell is missing, and shown as `unknown`.
    public struct Phases: Codable, Sendable {
        /// Waiting for a slot here.
        public var queue: Double?
        /// Loading the model, as the backend says.
        public var load: Double?
        /// Reading the prompt, as the backend says.
        public var prompt: Double?
        /// From arrival to the first content.
        public var firstToken: Double?
        /// Writing the answer, as the backend says.
        public var tokens: Double?
        /// From arrival to the end; up to now while it runs.
        public var total: Double
    }
}

/// One line of `gatehouse usage`.
public struct UsageReport: Codable, Sendable {
    /// The day in UTC, `2026-11-24`.
    public var day: String
    /// The model that served.
    public var model: String
    /// Requests.
    public var requests: Int
    /// Those that ended with an error.
    public var errors: Int
    /// Tokens read.
    public var promptTokens: Int
    /// Tokens written.
    public var outputTokens: Int
}

/// One line of `gatehouse models list`.
public struct ModelReport: Codable, Sendable {
    /// The name a caller may use.
    public var name: String
    /// `model`, `tier`, `alias`, `auto` or `discovered`.
    public var kind: String
    /// What the name stands for, in order of preference.
    public var models: [String]
    /// Backends that can serve it now.
    public var backends: [String]
}
