/// Texts of which vectors are wanted.
public struct EmbeddingRequest: Equatable, Sendable {
    /// The texts, in order. Lists of token numbers (OpenAI's API) are none: they mean something to one model only.
    public var inputs: [String]
    /// The length of the vectors; `nil` is the model's own.
    public var dimensions: Int?

    /// A request.
    public init(inputs: [String], dimensions: Int? = nil) {
        self.inputs = inputs
        self.dimensions = dimensions
    }
}

/// The vectors.
public struct EmbeddingAnswer: Equatable, Sendable {
    /// The model that the provider names.
    public var model: String?
    /// One for each input, in order.
    public var vectors: [EmbeddingVector]
    /// What it cost.
    public var usage: AnswerUsage

    /// An answer.
    public init(model: String? = nil, vectors: [EmbeddingVector], usage: AnswerUsage = AnswerUsage()) {
        self.model = model
        self.vectors = vectors
        self.usage = usage
    }
}

/// One vector as it came: numbers are only read where the caller wants the other form.
public enum EmbeddingVector: Equatable, Sendable {
    /// A JSON array of numbers.
    case json([UInt8])
    /// Base64 of 32-bit floats, little endian (OpenAI's `encoding_format: base64`).
    case base64([UInt8])
}
