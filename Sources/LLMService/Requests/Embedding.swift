/// Texts of which vectors are wanted.
public struct EmbeddingRequest: Hashable, Sendable {
    /// The model's name as the server knows it.
    public var model: String
    /// The texts.
    public var inputs: [String]
    /// The length of the vectors; `nil` is the model's own.
    public var dimensions: Int?
    /// How long the caller waits; `nil` is the service's own bound. Gatehouse is told.
    public var timeout: Duration?
    /// What Gatehouse gets to know about the request.
    public var tags = RequestTags()

    /// A request.
    public init(model: String, _ inputs: [String], dimensions: Int? = nil) {
        self.model = model
        self.inputs = inputs
        self.dimensions = dimensions
    }
}

/// The vectors.
public struct EmbeddingReply: Hashable, Sendable {
    /// One for each text, in their order.
    public var vectors: [[Float]]
    /// The model that served, as the server calls it.
    public var model: String?
    /// What it cost, as far as the server says.
    public var usage: TokenUsage
    /// Where it came from.
    public var origin: ReplyOrigin

    /// A reply.
    public init(
        vectors: [[Float]], model: String? = nil, usage: TokenUsage = TokenUsage(), origin: ReplyOrigin = ReplyOrigin()
    ) {
        self.vectors = vectors
        self.model = model
        self.usage = usage
        self.origin = origin
    }
}
