import Vocabulary

/// How one request is sent to one backend: what the manifest and the backend decide, not the caller.
public struct RewritePlan: Equatable, Sendable {
    /// What becomes of `keep_alive`, which would let any client pin or throw out a model (`ollama.md` 7).
    public enum KeepAlive: Equatable, Sendable {
        /// Left out: the server's own setting holds.
        case backend
        /// So many seconds after each answer; negative is for ever.
        case seconds(Int)
        /// As the caller asks.
        case caller
    }

    /// Who reads it: which of the lists of changes is made, `Splice`, `CompatibleSplice`, `ExternalSplice` or a translation.
    public let api: ProviderAPI
    /// Does it stand outside, so that only what is listed goes there?
    public let isOutside: Bool
    /// What becomes of a request that cannot be carried over as a whole.
    public var losses: LossRule
    /// What is known of a server with OpenAI's API.
    public var traits = ProviderTraits()
    /// The name that the backend knows the model by.
    public var servedModel: String
    /// Is `:local` added, so that the server itself refuses to ask elsewhere (`ollama.md` 9)? Known from 0.17.6 on.
    public var appendsLocal: Bool
    /// What becomes of `keep_alive`.
    public var keepAlive: KeepAlive
    /// The most tokens of one answer; `nil` leaves the caller's bound as it is, even if there is none.
    public var outputTokensMax: Int?
    /// Is that bound sent where the caller has none, by `CompatibleSplice` and in translation?
    public var addsBound = true
    /// Can the model think? `nil` if nobody knows.
    public var thinks: Bool?

    /// A plan for an Ollama server, with all its parts.
    public init(
        servedModel: String, appendsLocal: Bool = false, keepAlive: KeepAlive = .backend, outputTokensMax: Int? = nil,
        losses: LossRule = .dropHints
    ) {
        self.api = .ollama
        self.isOutside = false
        self.losses = losses
        self.servedModel = servedModel
        self.appendsLocal = appendsLocal
        self.keepAlive = keepAlive
        self.outputTokensMax = outputTokensMax
    }

    /// A plan for a server outside that speaks `api`, and knows the model as `model`.
    public init(
        outside model: String, api: ProviderAPI = .openAI, outputTokensMax: Int? = nil, losses: LossRule = .dropHints
    ) {
        self.api = api
        self.isOutside = true
        self.losses = losses
        self.servedModel = model
        self.appendsLocal = false
        self.keepAlive = .backend
        self.outputTokensMax = outputTokensMax
    }

    /// A plan for a server inside with OpenAI's API, which spells the model `spelling`.
    public init(
        compatible spelling: String, outputTokensMax: Int? = nil, addsBound: Bool = false,
        losses: LossRule = .dropHints
    ) {
        self.api = .openAI
        self.isOutside = false
        self.losses = losses
        self.servedModel = spelling
        self.appendsLocal = false
        self.keepAlive = .backend
        self.outputTokensMax = outputTokensMax
        self.addsBound = addsBound
    }

    /// The name as it is sent, which is how Ollama's answers will call the model.
    public var sentModel: String { self.appendsLocal ? self.servedModel + ":local" : self.servedModel }
}

/// What servers with OpenAI's API do not agree on.
public struct ProviderTraits: Hashable, Sendable {
    /// The bound on the answer is called `max_completion_tokens`. OpenAI's and Azure's newer models refuse the older
    /// `max_tokens`, which all others know.
    public var takesNewerBound = false
    /// `top_k` and `min_p` are known, as to vLLM and llama.cpp. OpenAI's own servers refuse what they do not know.
    public var takesTopK = false

    /// A server that knows what nearly all know.
    public init(takesNewerBound: Bool = false, takesTopK: Bool = false) {
        self.takesNewerBound = takesNewerBound
        self.takesTopK = takesTopK
    }
}

/// What becomes of what a backend's API cannot say: `translation.unsupported`.
public enum LossRule: String, Equatable, Sendable, CaseIterable {
    /// The request is refused, `unsupported_parameter`, whatever it is.
    case refuse
    /// Hints are left out and named in `x-gatehouse-dropped`; demands are refused.
    case dropHints = "drop_hints"
    /// All is left out and named.
    case drop
}
