import Vocabulary

/// Every path of a backend that may be asked for, by name. Whatever pulls, pushes, creates, deletes, signs in or
/// searches the web is not among them (`residency.md` A5), so that no mistake above can ask for it.
public enum BackendPath: String, Hashable, Sendable, CaseIterable {
    case version = "/api/version"
    case status = "/api/status"
    case tags = "/api/tags"
    case ps = "/api/ps"
    case show = "/api/show"
    case chat = "/api/chat"
    case generate = "/api/generate"
    case embed = "/api/embed"
    case embeddings = "/api/embeddings"
    case openAIChat = "/v1/chat/completions"
    case openAICompletions = "/v1/completions"
    case openAIEmbeddings = "/v1/embeddings"
    case openAIResponses = "/v1/responses"
    case openAIModels = "/v1/models"
    case anthropicMessages = "/v1/messages"
    // Gemini has the model in its paths: the gate puts it in the place of `{model}`.
    case geminiGenerate = "/v1beta/models/{model}:generateContent"
    case geminiStream = "/v1beta/models/{model}:streamGenerateContent"
    case geminiEmbed = "/v1beta/models/{model}:batchEmbedContents"

    /// What a server with OpenAI's API is asked to work on, inside and outside.
    static let ofOpenAI: Set<BackendPath> = [.openAIChat, .openAICompletions, .openAIEmbeddings]

    private static let byText = Dictionary(uniqueKeysWithValues: Self.allCases.map { ($0.rawValue, $0) })

    /// The path that is written so; found by one look-up, since every request asks.
    init?(_ text: String) {
        guard let path = Self.byText[text] else { return nil }
        self = path
    }

    /// The one method that the path takes.
    public var method: OutboundRequest.Method {
        switch self {
        case .version, .status, .tags, .ps, .openAIModels: .get
        case .show, .chat, .generate, .embed, .embeddings, .openAIChat, .openAICompletions, .openAIEmbeddings,
            .openAIResponses, .anthropicMessages, .geminiGenerate, .geminiStream, .geminiEmbed:
            .post
        }
    }

    /// Whether the path is open to `purpose` at a server inside that speaks `api`: a client's request never asks for an
    /// inventory (those are answered here), a probe or an inspection never makes a model work.
    func isOpen(to purpose: Purpose, of api: ProviderAPI) -> Bool {
        switch api {
        case .ollama: self.isOpenAtOllama(to: purpose)
        case .openAI: self.isOpenAtCompatible(to: purpose)
        // They stand outside only, where another list holds (`ExternalSite.paths`).
        case .anthropic, .gemini: false
        }
    }

    /// A server with OpenAI's API has one inventory, and nothing that heals it.
    private func isOpenAtCompatible(to purpose: Purpose) -> Bool {
        switch purpose {
        case .request: Self.ofOpenAI.contains(self)
        case .probe, .inspection: self == .openAIModels
        case .healing, .administration: false
        }
    }

    private func isOpenAtOllama(to purpose: Purpose) -> Bool {
        switch (purpose, self) {
        case (.probe, .version), (.probe, .status), (.probe, .tags), (.probe, .ps), (.probe, .show): true
        case (.inspection, .version), (.inspection, .status), (.inspection, .tags), (.inspection, .ps),
            (.inspection, .show):
            true
        case (.healing, .generate): true
        case (.healing, _), (.probe, _), (.inspection, _), (.administration, _): false
        case (.request, .version), (.request, .status), (.request, .tags), (.request, .ps), (.request, .openAIModels):
            false
        case (.request, .show), (.request, .chat), (.request, .generate), (.request, .embed), (.request, .embeddings),
            (.request, .openAIChat), (.request, .openAICompletions), (.request, .openAIEmbeddings),
            (.request, .openAIResponses), (.request, .anthropicMessages):
            true
        // Gemini stands outside only, where another list holds (`Gate.externalPaths`).
        case (.request, .geminiGenerate), (.request, .geminiStream), (.request, .geminiEmbed): false
        }
    }
}
