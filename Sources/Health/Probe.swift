import Vocabulary

/// Which questions a round puts to a backend: what its software can be asked.
public enum ProbeRound: Hashable, Sendable {
    /// An Ollama server's: version, status, tags when due, ps.
    case ollama
    /// `/v1/models` alone: all that servers with OpenAI's API have in common. They have no cloud and tell no version, and
    /// what they list they have in memory.
    case compatible
}

/// A question put to a backend (`health.md` E4). All are GET but `show`, which posts the name.
public enum Probe: Hashable, Sendable {
    /// `GET /api/version`: the process is alive.
    case version
    /// `GET /api/status`: whether its cloud is off. A 404 is an answer: the server is too old to say.
    case status
    /// `GET /api/tags`: the models on disk.
    case tags
    /// `GET /api/ps`: the models in memory.
    case ps
    /// `POST /api/show`: one model's capabilities and context.
    case show(ModelName)
    /// `GET /v1/models`: the models of a server with OpenAI's API, all of them in memory.
    case models

    /// The backend's path.
    public var path: String {
        switch self {
        case .version: "/api/version"
        case .status: "/api/status"
        case .tags: "/api/tags"
        case .ps: "/api/ps"
        case .show: "/api/show"
        case .models: "/v1/models"
        }
    }

    /// A bounded label for metrics and logs.
    public var label: String {
        switch self {
        case .version: "version"
        case .status: "status"
        case .tags: "tags"
        case .ps: "ps"
        case .show: "show"
        case .models: "models"
        }
    }

    /// How long the answer may take. Lists are read from disk and get longer (`health.md` E4).
    public var timeout: Duration {
        switch self {
        case .version, .status, .ps: .seconds(2)
        case .tags, .show, .models: .seconds(5)
        }
    }
}

/// What a backend answered to a probe.
public enum ProbeAnswer: Equatable, Sendable {
    /// To `version`; `nil` for a text that is no version.
    case version(OllamaVersion?)
    /// To `status`; `.unknown` for a 404.
    case status(CloudState)
    /// To `tags`.
    case tags([InventoryModel])
    /// To `ps`.
    case ps([LoadedModel])
    /// To `show`.
    case show(ModelName, ShownModel)
    /// To `models`.
    case models([ServedModel])

    /// The question it answers.
    public var probe: Probe {
        switch self {
        case .version: .version
        case .status: .status
        case .tags: .tags
        case .ps: .ps
        case .show(let name, _): .show(name)
        case .models: .models
        }
    }
}
