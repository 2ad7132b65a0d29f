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
        /// It is a model outside.
        case external
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

    /// Why none of those asked for can answer.
    public struct Trouble: Equatable, Sendable {
        /// As the policy calls it.
        public let trigger: Trigger
        /// What the client is told if nobody else answers either.
        public let told: Unresolved
    }

    /// Who answers where those asked for cannot: all that can do what the request needs.
    public struct Ladder: Equatable, Sendable {
        /// Other models that are installed, in order of preference.
        public var smaller: [Candidate] = []
        /// Models outside, in order of preference.
        public var external: [ExternalModel] = []
        /// What the client gets in place of an answer.
        public var fallbackReply: String?

        /// True if some model stands on it.
        var hasModels: Bool { !self.smaller.isEmpty || !self.external.isEmpty }
    }

    /// The name as the client wrote it.
    public let requested: String
    /// The alias that led on, as written in the manifest.
    public let alias: String?
    /// How the models were found.
    public let route: Route
    /// The models in order of preference; empty only where there is `trouble`, and then `ladder` has some.
    public let candidates: [Candidate]
    /// Who answers where these cannot.
    public let ladder: Ladder
    /// Why there are no candidates; `nil` if there are.
    public let trouble: Trouble?
    /// Why it is this tier, if `auto` led to it.
    public internal(set) var choice: AutoChoice?

    /// The tier that was asked for, or that `auto` has led to.
    public var tier: String? {
        switch self.route {
        case .tier(let name), .standIn(let name): name
        case .named, .discovered, .external: nil
        }
    }

    /// The candidates' names in order.
    public var models: [ModelName] { self.candidates.map(\.name) }

    /// Who is asked first.
    public var first: ModelName? {
        self.candidates.first?.name ?? self.ladder.smaller.first?.name ?? self.ladder.external.first?.model
    }

    /// The limits of one of the models that are installed here.
    public subscript(_ model: ModelName) -> Candidate? {
        self.candidates.first { $0.name == model } ?? self.ladder.smaller.first { $0.name == model }
    }

    /// The model outside that stands for `model` of `backend` on the ladder.
    public func external(_ model: ModelName, at backend: BackendID) -> ExternalModel? {
        self.ladder.external.first { $0.model == model && $0.backend == backend }
    }

    /// What one of the models can take, here or outside, if that is known.
    public func context(of model: ModelName) -> Tokens? {
        self[model]?.context ?? self.ladder.external.first { $0.model == model }?.context
    }

    /// The way that a request takes until somebody answers.
    public var rungs: [Rung] {
        var rungs: [Rung] = []
        if !self.candidates.isEmpty { rungs.append(.local(self.models)) }
        if !self.ladder.smaller.isEmpty { rungs.append(.local(self.ladder.smaller.map(\.name))) }
        for model in self.ladder.external { rungs.append(.external(model.backend, model.model)) }
        if let reply = self.ladder.fallbackReply { rungs.append(.reply(reply)) }
        return rungs
    }
}

/// One step on the way of a request. The next is taken where nobody on this one can answer.
public enum Rung: Equatable, Sendable {
    /// Any local backend with one of these models, in order of preference, or with one of a rung below.
    case local([ModelName])
    /// This model of this backend outside, if the policy allows it.
    case external(BackendID, ModelName)
    /// A reply that somebody has written.
    case reply(String)
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
