import Vocabulary

/// What one request cost and how it went: written for every request, whatever its end. Never holds prompt or answer.
public struct UsageRow: Hashable, Sendable {
    /// When the request arrived.
    public var time: WallTime
    /// Its id, as in the log and in `x-gatehouse-request-id`.
    public var requestID: RequestID
    /// Who called; `nil` without keys.
    public var key: KeyID?
    /// Who pays.
    public var project: ProjectName?
    /// For which function.
    public var feature: FeatureName?
    /// For which person; `nil` unless the key may say so and the request did.
    public var principal: PrincipalName?
    /// The model that served, or would have.
    public var model: ModelName?
    /// The name the request gave, if it is another: a tier, an alias.
    public var modelAsked: String?
    /// The backend of the last attempt.
    public var backend: BackendID?
    /// As in `x-gatehouse-route`, without the backend: `local`, `none`.
    public var route: String
    /// The path called: `/v1/chat/completions`; `none` if it is not served.
    public var endpoint: String
    /// Tokens of the prompt, as the backend counted them; `nil` if it did not tell.
    public var promptTokens: Tokens?
    /// Tokens of the answer, as the backend counted them; `nil` if it did not tell.
    public var outputTokens: Tokens?
    /// Waiting for a slot.
    public var queued: Duration?
    /// Loading the model, as the backend told.
    public var loading: Duration?
    /// From arrival to the first content token.
    public var firstToken: Duration?
    /// From arrival to the end.
    public var total: Duration
    /// The HTTP status sent (499 if the client had gone).
    public var status: Int
    /// How it ended.
    public var reason: Reason
    /// Sends to backends.
    public var attempts: Int
    /// Whether the answer was streamed.
    public var isStreamed: Bool

    /// A row of these values.
    public init(
        time: WallTime, requestID: RequestID, key: KeyID? = nil, project: ProjectName? = nil,
        feature: FeatureName? = nil, principal: PrincipalName? = nil, model: ModelName? = nil,
        modelAsked: String? = nil, backend: BackendID? = nil, route: String, endpoint: String,
        promptTokens: Tokens? = nil, outputTokens: Tokens? = nil,
        queued: Duration? = nil, loading: Duration? = nil, firstToken: Duration? = nil, total: Duration, status: Int,
        reason: Reason, attempts: Int, isStreamed: Bool
    ) {
        self.time = time
        self.requestID = requestID
        self.key = key
        self.project = project
        self.feature = feature
        self.principal = principal
        self.model = model
        self.modelAsked = modelAsked
        self.backend = backend
        self.route = route
        self.endpoint = endpoint
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.queued = queued
        self.loading = loading
        self.firstToken = firstToken
        self.total = total
        self.status = status
        self.reason = reason
        self.attempts = attempts
        self.isStreamed = isStreamed
    }
}
