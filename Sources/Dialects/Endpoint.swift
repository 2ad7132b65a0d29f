import Vocabulary

/// The model APIs of the data plane (`DESIGN.md`, "Data plane").
public enum Endpoint: String, Hashable, Sendable, CaseIterable {
    /// `POST /v1/chat/completions`
    case openAIChat = "openai_chat"
    /// `POST /v1/completions`
    case openAICompletions = "openai_completions"
    /// `POST /v1/embeddings`
    case openAIEmbeddings = "openai_embeddings"
    /// `POST /v1/responses`
    case openAIResponses = "openai_responses"
    /// `GET /v1/models`
    case openAIModels = "openai_models"
    /// `GET /v1/models/{id}`
    case openAIModel = "openai_model"
    /// `POST /v1/messages`
    case anthropicMessages = "anthropic_messages"
    /// `POST /v1/messages/count_tokens`
    case anthropicCountTokens = "anthropic_count_tokens"
    /// `POST /api/chat`
    case ollamaChat = "ollama_chat"
    /// `POST /api/generate`
    case ollamaGenerate = "ollama_generate"
    /// `POST /api/embed`
    case ollamaEmbed = "ollama_embed"
    /// `POST /api/embeddings`
    case ollamaEmbeddings = "ollama_embeddings"
    /// `POST /api/show`
    case ollamaShow = "ollama_show"
    /// `GET` or `HEAD /api/tags`
    case ollamaTags = "ollama_tags"
    /// `GET /api/ps`
    case ollamaPs = "ollama_ps"
    /// `GET` or `HEAD /api/version`
    case ollamaVersion = "ollama_version"
    /// `GET` or `HEAD /`
    case ollamaRoot = "ollama_root"

    /// Whose shapes requests, answers and errors have.
    public var dialect: Dialect {
        switch self {
        case .openAIChat, .openAICompletions, .openAIEmbeddings, .openAIResponses, .openAIModels, .openAIModel:
            .openAI
        case .anthropicMessages, .anthropicCountTokens:
            .anthropic
        case .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings, .ollamaShow, .ollamaTags, .ollamaPs,
            .ollamaVersion, .ollamaRoot:
            .ollama
        }
    }

    /// The one spelling of the path that is served here, and the path at an Ollama backend. `openAIModel` has its
    /// id behind this.
    public var path: StaticString {
        switch self {
        case .openAIChat: "/v1/chat/completions"
        case .openAICompletions: "/v1/completions"
        case .openAIEmbeddings: "/v1/embeddings"
        case .openAIResponses: "/v1/responses"
        case .openAIModels: "/v1/models"
        case .openAIModel: "/v1/models/"
        case .anthropicMessages: "/v1/messages"
        case .anthropicCountTokens: "/v1/messages/count_tokens"
        case .ollamaChat: "/api/chat"
        case .ollamaGenerate: "/api/generate"
        case .ollamaEmbed: "/api/embed"
        case .ollamaEmbeddings: "/api/embeddings"
        case .ollamaShow: "/api/show"
        case .ollamaTags: "/api/tags"
        case .ollamaPs: "/api/ps"
        case .ollamaVersion: "/api/version"
        case .ollamaRoot: "/"
        }
    }

    /// The path at an Ollama backend. It is always this literal: nothing of a client's path is ever sent on.
    public var backendPath: String { self.path.description }

    /// The value of `Allow`: what Ollama's router accepts (`ollama.md` 2).
    public var allow: String {
        switch self {
        case .ollamaTags, .ollamaVersion, .ollamaRoot: "GET, HEAD"
        case .openAIModels, .openAIModel, .ollamaPs: "GET"
        case .openAIChat, .openAICompletions, .openAIEmbeddings, .openAIResponses, .anthropicMessages,
            .anthropicCountTokens, .ollamaChat, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings, .ollamaShow:
            "POST"
        }
    }

    /// Does a request carry a JSON body that names a model?
    public var hasBody: Bool { self.allow == "POST" }

    /// Does a model work for it, so that it takes a slot, a queue place and tokens?
    public var isInference: Bool {
        switch self {
        case .openAIChat, .openAICompletions, .openAIEmbeddings, .openAIResponses, .anthropicMessages, .ollamaChat,
            .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings:
            true
        case .anthropicCountTokens, .openAIModels, .openAIModel, .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion,
            .ollamaRoot:
            false
        }
    }

    /// Does it make text (which can be streamed and needs a bound), not vectors?
    public var generates: Bool {
        switch self {
        case .openAIChat, .openAICompletions, .openAIResponses, .anthropicMessages, .ollamaChat, .ollamaGenerate: true
        case .openAIEmbeddings, .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaEmbed, .ollamaEmbeddings,
            .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion, .ollamaRoot:
            false
        }
    }

    /// Is the answer a stream unless the request says otherwise? Only with Ollama's own API (`ollama.md` 2).
    public var streamsByDefault: Bool { self == .ollamaChat || self == .ollamaGenerate }

    /// Does an Ollama server answer this itself? It does not count tokens (`ollama.md` 2).
    public var existsAtOllama: Bool { self != .anthropicCountTokens }
}
