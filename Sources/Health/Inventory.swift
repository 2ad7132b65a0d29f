import Vocabulary

/// What is known of one backend from its answers to probes. It stays while the backend is down, so that a model can be
/// told as absent for now from one that nobody has.
public struct Inventory: Equatable, Sendable {
    /// The models on its disk, in the order told (newest first); empty until `/api/tags` was answered.
    public var models: [InventoryModel]
    /// The models in its memory, from `/api/ps`. One that is still loading may be missing (`ollama.md` 3).
    public var loaded: [LoadedModel]
    /// What it calls itself, `nil` until told or when that is no version.
    public var version: OllamaVersion?
    /// Whether it can send prompts to its maker's cloud.
    public var cloud: CloudState

    /// An inventory of these parts; by default nothing is known.
    public init(
        models: [InventoryModel] = [], loaded: [LoadedModel] = [], version: OllamaVersion? = nil,
        cloud: CloudState = .unknown
    ) {
        self.models = models
        self.loaded = loaded
        self.version = version
        self.cloud = cloud
    }

    /// The model of this canonical name on the backend's disk.
    public func model(_ name: ModelName) -> InventoryModel? {
        self.models.first { $0.name == name }
    }

    /// The model of this canonical name in the backend's memory.
    public func loadedModel(_ name: ModelName) -> LoadedModel? {
        self.loaded.first { $0.name == name }
    }

    /// Whether a name should carry `:local` on its way to this backend: its cloud is not known to be off, and it
    /// knows the suffix (`ollama.md` 9).
    public var needsLocalSuffix: Bool {
        self.cloud != .off && self.version?.hasLocalSuffix == true
    }
}

/// What `/api/status` says of the server's own cloud (`ollama.md` 2).
public enum CloudState: String, Hashable, Sendable, CaseIterable {
    /// `cloud.disabled` is true.
    case off
    /// `cloud.disabled` is false.
    case on
    /// Not told: not asked yet, or the server is too old to say.
    case unknown
    /// It is no Ollama server, and has none.
    case absent = "none"
}

/// One model on a backend's disk.
public struct InventoryModel: Hashable, Sendable {
    /// The canonical name.
    public var name: ModelName
    /// The name as the server itself spells it, where that is another: what it is sent.
    public var spelling: String?
    /// The content hash of its manifest, which changes when the model does.
    public var digest: String
    /// Its files together.
    public var size: Bytes
    /// When it last changed, as the server wrote it (RFC 3339); empty if not told.
    public var modifiedAt: String
    /// What the server says of its making.
    public var details: ModelDetails
    /// What it can do (`completion`, `tools`, `vision`, `embedding`, `thinking` ...). `/api/tags` tells less than
    /// `/api/show` (`ollama.md` 3), so this grows once the model has been shown.
    public var capabilities: Set<String>
    /// The longest context it was made for; `nil` until told.
    public var contextMax: Tokens?
    /// Where it is answered from, if not by this server: such a model is never served.
    public var remoteHost: String?
    /// The name it has there.
    public var remoteModel: String?

    /// A model as `/api/tags` tells it.
    public init(
        name: ModelName, spelling: String? = nil, digest: String, size: Bytes, modifiedAt: String = "",
        details: ModelDetails = ModelDetails(), capabilities: Set<String> = [], contextMax: Tokens? = nil,
        remoteHost: String? = nil, remoteModel: String? = nil
    ) {
        self.name = name
        self.spelling = spelling
        self.digest = digest
        self.size = size
        self.modifiedAt = modifiedAt
        self.details = details
        self.capabilities = capabilities
        self.contextMax = contextMax
        self.remoteHost = remoteHost
        self.remoteModel = remoteModel
    }

    /// Can it think? `nil` until it has been shown, which is when its context is known: a list may tell less.
    public var thinks: Bool? {
        if self.capabilities.contains("thinking") { return true }
        return self.contextMax == nil ? nil : false
    }

    /// True if the server would answer from elsewhere: either of the two fields is enough (`ollama.md` 1.3).
    public var isRemote: Bool {
        self.remoteHost != nil || self.remoteModel != nil
    }
}

/// The `details` object of a model.
public struct ModelDetails: Hashable, Sendable {
    /// `gguf`, `safetensors`.
    public var format: String
    /// The architecture, `llama`.
    public var family: String
    /// All architectures in it.
    public var families: [String]
    /// `8.0B`.
    public var parameterSize: String
    /// `Q4_K_M`.
    public var quantization: String

    /// Details of these values, empty where not told.
    public init(
        format: String = "", family: String = "", families: [String] = [], parameterSize: String = "",
        quantization: String = ""
    ) {
        self.format = format
        self.family = family
        self.families = families
        self.parameterSize = parameterSize
        self.quantization = quantization
    }
}

/// What only `/api/show` tells of a model.
public struct ShownModel: Hashable, Sendable {
    /// What it can do.
    public var capabilities: Set<String>
    /// `model_info`'s `<architecture>.context_length`.
    public var contextMax: Tokens?
    /// Where it is answered from, if not here.
    public var remoteHost: String?
    /// The name it has there.
    public var remoteModel: String?

    /// A model as shown.
    public init(
        capabilities: Set<String> = [], contextMax: Tokens? = nil, remoteHost: String? = nil,
        remoteModel: String? = nil
    ) {
        self.capabilities = capabilities
        self.contextMax = contextMax
        self.remoteHost = remoteHost
        self.remoteModel = remoteModel
    }
}

/// One model in a backend's memory, from `/api/ps`.
public struct LoadedModel: Hashable, Sendable {
    /// The canonical name.
    public var name: ModelName
    /// The digest of the model that is loaded.
    public var digest: String
    /// Memory it takes altogether.
    public var size: Bytes
    /// Memory it takes on accelerators; less than `size` when a part runs on the CPU.
    public var sizeVRAM: Bytes
    /// Its context per slot, `nil` if not told.
    public var context: Tokens?
    /// When it will be unloaded, as the server wrote it (RFC 3339; the year 2319 means never).
    public var expiresAt: String

    /// A loaded model.
    public init(
        name: ModelName, digest: String = "", size: Bytes, sizeVRAM: Bytes, context: Tokens? = nil,
        expiresAt: String = ""
    ) {
        self.name = name
        self.digest = digest
        self.size = size
        self.sizeVRAM = sizeVRAM
        self.context = context
        self.expiresAt = expiresAt
    }
}
