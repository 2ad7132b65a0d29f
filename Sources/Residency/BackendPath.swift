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
    case anthropicMessages = "/v1/messages"

    private static let byText = Dictionary(uniqueKeysWithValues: Self.allCases.map { ($0.rawValue, $0) })

    /// The path that is written so; found by one look-up, since every request asks.
    init?(_ text: String) {
        guard let path = Self.byText[text] else { return nil }
        self = path
    }

    /// The one method that the path takes.
    public var method: OutboundRequest.Method {
        switch self {
        case .version, .status, .tags, .ps: .get
        case .show, .chat, .generate, .embed, .embeddings, .openAIChat, .openAICompletions, .openAIEmbeddings,
            .openAIResponses, .anthropicMessages:
            .post
        }
    }

    /// Whether the path is open to `purpose`: a client's request never asks for an inventory (those are answered
    /// here), a probe or an inspection never makes a model work.
    func isOpen(to purpose: Purpose) -> Bool {
        switch (purpose, self) {
        case (.probe, .version), (.probe, .status), (.probe, .tags), (.probe, .ps), (.probe, .show): true
        case (.inspection, .version), (.inspection, .status), (.inspection, .tags), (.inspection, .ps),
            (.inspection, .show):
            true
        case (.healing, .generate): true
        case (.healing, _), (.probe, _), (.inspection, _), (.administration, _): false
        case (.request, .version), (.request, .status), (.request, .tags), (.request, .ps): false
        case (.request, .show), (.request, .chat), (.request, .generate), (.request, .embed), (.request, .embeddings),
            (.request, .openAIChat), (.request, .openAICompletions), (.request, .openAIEmbeddings),
            (.request, .openAIResponses), (.request, .anthropicMessages):
            true
        }
    }
}
