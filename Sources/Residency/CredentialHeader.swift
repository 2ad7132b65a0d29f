import Vocabulary

/// The header line in which a provider takes its key.
public enum CredentialHeader: String, Hashable, Sendable, CaseIterable {
    /// `Authorization: Bearer KEY` (RFC 6750 section 2.1): OpenAI and nearly all that are like it.
    case authorization
    /// `api-key: KEY`: Azure (Azure OpenAI REST API reference, "Authentication").
    case apiKey = "api-key"
    /// `x-api-key: KEY`: Anthropic (Anthropic API reference, "Authentication").
    case xAPIKey = "x-api-key"
    /// `x-goog-api-key: KEY`: Gemini (Gemini API reference, "Authentication"). Its other way, a query, ends up in logs.
    case xGoogAPIKey = "x-goog-api-key"

    /// That of `api`, unless the configuration says otherwise.
    public init(of api: ProviderAPI) {
        switch api {
        case .ollama, .openAI: self = .authorization
        case .anthropic: self = .xAPIKey
        case .gemini: self = .xGoogAPIKey
        }
    }
}

/// A key as it is shown to a server.
public struct ShownCredential: Hashable, Sendable {
    /// The key.
    public let credential: BackendCredential
    /// Where it stands.
    public let header: CredentialHeader

    init(_ credential: BackendCredential, in header: CredentialHeader) {
        self.credential = credential
        self.header = header
    }

    /// The whole header line. Only the door may ask for it.
    @_spi(Door) public var line: String {
        switch self.header {
        case .authorization: "Authorization: Bearer \(self.credential.revealed)"
        case .apiKey, .xAPIKey, .xGoogAPIKey: "\(self.header.rawValue): \(self.credential.revealed)"
        }
    }
}
