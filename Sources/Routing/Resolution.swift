import Vocabulary

/// Which models may answer a request, and why these.
public struct Resolution: Equatable, Sendable {
    /// How the requested name led to the models.
    public enum Route: Equatable, Sendable {
        /// It is a model of the manifest.
        case named
        /// It is a model that some backend has and the manifest does not name.
        case discovered
        /// It is a tier.
        case tier(String)
        /// It is a tier of which nothing is installed; another installed model stands in (`Manifest.tierStandIn`).
        case standIn(tier: String)
    }

    /// One model that may answer, with the limits that go with it.
    public struct Candidate: Equatable, Sendable {
        /// The canonical name, as it is sent to the backend.
        public let name: ModelName
        /// The bound on generated tokens; always sent.
        public let outputTokensMax: Tokens
        /// How long the backend keeps it in memory.
        public let keepAlive: ManifestModel.KeepAlive
        /// The context that manifest or backends give it, if either says.
        public let context: Tokens?
    }

    /// The name as the client wrote it.
    public let requested: String
    /// The alias that led on, as written in the manifest.
    public let alias: String?
    /// How the models were found.
    public let route: Route
    /// The models in order of preference; never empty.
    public let candidates: [Candidate]

    /// The candidates' names in order.
    public var models: [ModelName] { self.candidates.map(\.name) }

    /// The limits of one of the models.
    public subscript(_ model: ModelName) -> Candidate? {
        self.candidates.first { $0.name == model }
    }
}

/// A requested name that no model answers to.
public struct Unresolved: Error, Equatable, Sendable {
    /// `model_unknown`, `model_unavailable`, `backends_unavailable`, `key_forbidden` or `remote_model`.
    public let reason: Reason
    /// What was asked, what was found, what would help.
    public let message: String
    /// When asking again may help.
    public let retryAfter: Duration?
}
