import Vocabulary

/// A model outside that the manifest names: what ladders lead to, and what a caller may ask for by this name. Whether a
/// request may go there is the policy's to say, each time.
public struct ExternalModel: Equatable, Sendable {
    /// Its name here.
    public let name: String
    /// The backend that has it.
    public let backend: BackendID
    /// Its name there.
    public let model: ModelName
    /// The longest prompt and answer together; `nil`: not told, and taken to be long enough.
    public let context: Tokens?
    /// What it can do; `nil`: not told, and taken to be all that is asked.
    public let capabilities: Set<ModelCapability>?
    /// The bound on generated tokens; positive.
    public let outputTokensMax: Tokens

    /// A model of these values.
    public init(
        name: String, backend: BackendID, model: String? = nil, context: Tokens? = nil,
        capabilities: Set<ModelCapability>? = nil, outputTokensMax: Tokens = ManifestModel.outputTokensDefault
    ) {
        self.name = name
        self.backend = backend
        self.model = ModelName(model ?? name)
        self.context = context
        self.capabilities = capabilities
        self.outputTokensMax = outputTokensMax
    }
}

/// What follows where the models that were asked for cannot answer, in this order: a smaller one, one outside, a reply
/// that somebody has written. As the manifest has it; every part may be missing.
public struct LadderNames: Equatable, Sendable {
    /// Models that are installed here, in order of preference.
    public var smaller: [String]
    /// Names of `ExternalModel`, in order of preference.
    public var external: [String]
    /// What a caller is told in place of an answer.
    public var fallbackReply: String?

    /// A ladder of these rungs.
    public init(smaller: [String] = [], external: [String] = [], fallbackReply: String? = nil) {
        self.smaller = smaller
        self.external = external
        self.fallbackReply = fallbackReply
    }
}
