import Vocabulary

/// What the configuration says of a backend outside, beside its place. What must hold of it stands in the policy
/// (`ExternalTerms`), and both must agree before anything is sent there.
public struct ExternalSite: Hashable, Sendable {
    private static let basePathMax = 256
    private static let jurisdictionMax = 64

    /// Where it stands in law: `EU`.
    public let jurisdiction: String
    /// What it speaks.
    public let api: ProviderAPI
    /// What stands in front of its paths: `/v1`, `/api/v1`.
    public let basePath: String
    /// Azure's older form has the model (as the name of a deployment) and this version of the API in each address:
    /// `2024-10-21`. `nil` for all others.
    public let azureVersion: String?
    /// The key that it knows us by; `nil` if it asks for none.
    public let credential: BackendCredential?
    /// Where the key is shown.
    public let credentialHeader: CredentialHeader
    /// The proxy that every connection must pass; `nil` if the backend is dialled itself.
    public let proxy: ForwardProxy?

    /// A backend in `jurisdiction`. What is wrong with these values is told by `Gate.init`.
    public init(
        jurisdiction: String, api: ProviderAPI = .openAI, basePath: String? = nil, azureVersion: String? = nil,
        credential: BackendCredential? = nil, credentialHeader: CredentialHeader? = nil, proxy: ForwardProxy? = nil
    ) {
        self.jurisdiction = jurisdiction
        self.api = api
        self.basePath = basePath ?? (azureVersion == nil ? api.basePathDefault : "/openai")
        self.azureVersion = azureVersion
        self.credential = credential
        self.credentialHeader =
            credentialHeader ?? (azureVersion == nil ? CredentialHeader(of: api) : .apiKey)
        self.proxy = proxy
    }

    /// The same with `credential`, which is read from a file of its own.
    public func with(_ credential: BackendCredential) -> ExternalSite {
        ExternalSite(
            jurisdiction: self.jurisdiction, api: self.api, basePath: self.basePath, azureVersion: self.azureVersion,
            credential: credential, credentialHeader: self.credentialHeader, proxy: self.proxy)
    }

    /// The key as it is shown there.
    var shownCredential: ShownCredential? {
        self.credential.map { ShownCredential($0, in: self.credentialHeader) }
    }

    /// The paths that it may be asked for.
    var paths: Set<BackendPath> {
        switch self.api {
        case .openAI: BackendPath.ofOpenAI
        case .anthropic: [.anthropicMessages]
        case .gemini: [.geminiGenerate, .geminiStream, .geminiEmbed]
        case .ollama: []
        }
    }

    /// What one of `paths` is there, with the query that belongs to it; `nil` where `model` has a part in it and cannot
    /// stand in a path as it is (RFC 3986 section 2.3).
    func target(_ path: BackendPath, model: String) -> String? {
        let tail = path.rawValue.dropFirst(self.api.basePathDefault.utf8.count)
        if let azureVersion {
            guard Self.isPlain(segment: model) else { return nil }
            return "\(self.basePath)/deployments/\(model)\(tail)?api-version=\(azureVersion)"
        }
        switch path {
        case .geminiGenerate, .geminiStream, .geminiEmbed:
            guard Self.isPlain(segment: model) else { return nil }
            // Gemini API reference, "streamGenerateContent": without `alt=sse` the stream is one JSON array.
            let query = path == .geminiStream ? "?alt=sse" : ""
            return self.basePath + tail.replacing("{model}", with: model) + query
        case .version, .status, .tags, .ps, .show, .chat, .generate, .embed, .embeddings, .openAIChat,
            .openAICompletions, .openAIEmbeddings, .openAIResponses, .openAIModels, .anthropicMessages:
            return self.basePath + tail
        }
    }

    /// What is wrong with jurisdiction and base path.
    var problems: [String] {
        var problems: [String] = []
        let isNamed =
            (1...Self.jurisdictionMax).contains(self.jurisdiction.utf8.count)
            && self.jurisdiction.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        if !isNamed {
            problems.append(
                "its jurisdiction has no name that can be recorded, expected 1 to \(Self.jurisdictionMax) ASCII "
                    + "characters, as in `EU`")
        }
        if !Self.isPlain(basePath: self.basePath) {
            problems.append(
                "its base path is not plain, expected segments of letters, digits, `-`, `_`, `.` and `~`, "
                    + "as in `/v1` or `/api/v1`")
        }
        if let azureVersion, !Self.isPlain(segment: azureVersion) || self.api != .openAI {
            problems.append("its `api_version` is none of Azure's, expected one as in `2024-10-21`")
        }
        if self.api == .ollama { problems.append("no Ollama server stands outside") }
        return problems
    }

    /// Whether `path` can be read in one way only: no escapes, no empty segments, no dots that lead elsewhere.
    public static func isPlain(basePath path: String) -> Bool {
        guard path.hasPrefix("/"), path.utf8.count <= Self.basePathMax else { return false }
        return path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            Self.isPlain(segment: $0)
        }
    }

    /// Unreserved characters alone (RFC 3986 section 2.3), and no step elsewhere.
    private static func isPlain(segment: some StringProtocol) -> Bool {
        (1...Self.basePathMax).contains(segment.utf8.count) && segment != "." && segment != ".."
            && segment.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-_.~".utf8.contains(byte)
            }
    }
}

extension ProviderAPI {
    /// In front of the paths of `BackendPath`, and of the servers' own unless the configuration says otherwise.
    public var basePathDefault: String {
        switch self {
        case .ollama: ""
        case .openAI, .anthropic: "/v1"
        case .gemini: "/v1beta"
        }
    }
}

/// An HTTP proxy of the organisation that must be passed on the way to a backend outside. It sees where a connection
/// goes and how much is sent; TLS ends at the backend, so it sees nothing of what.
public struct ForwardProxy: Hashable, Sendable {
    /// Where it is: an address, since a name could lead elsewhere.
    public let address: SocketAddress
    /// The zone that the address must be in.
    public let zone: ZoneName

    /// The proxy at `address`, said to stand in `zone`.
    public init(address: SocketAddress, zone: ZoneName) {
        self.address = address
        self.zone = zone
    }
}
