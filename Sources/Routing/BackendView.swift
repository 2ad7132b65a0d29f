import Health
import Vocabulary

/// One model in a backend's inventory.
public struct InstalledModel: Equatable, Sendable {
    /// The canonical name.
    public let name: ModelName
    /// Its SHA-256, if told.
    public let digest: String?
    /// What it can do; `nil` when the backend does not say (`ollama.md` 3: old versions, and lists that lack some).
    public let capabilities: Set<ModelCapability>?
    /// The context it has when loaded, or could have; `nil` when not told.
    public let context: Tokens?
    /// Why this backend must not serve it, in words; `nil` if it may. See `Manifest.offer(_:of:)`.
    public var withheld: String?

    /// A model as an inventory shows it.
    public init(
        name: ModelName, digest: String? = nil, capabilities: Set<ModelCapability>? = nil, context: Tokens? = nil,
        withheld: String? = nil
    ) {
        self.name = name
        self.digest = digest
        self.capabilities = capabilities
        self.context = context
        self.withheld = withheld
    }
}

/// How many requests one backend takes at a time, per model. Ollama tells nobody its `OLLAMA_NUM_PARALLEL`, so the
/// number is the operator's to set, and assumed until then.
public struct SlotPolicy: Equatable, Sendable {
    /// For a model without a number of its own; at least 1.
    public let perModel: Int
    /// True while nobody has set it: worth a warning.
    public let isAssumed: Bool
    /// Numbers of single models; each at least 1.
    public let byModel: [ModelName: Int]

    /// Configured numbers.
    public init(perModel: Int, byModel: [ModelName: Int] = [:]) {
        self.init(perModel: perModel, isAssumed: false, byModel: byModel)
    }

    /// One slot, Ollama's own default (`ollama.md` 7), because nobody said otherwise.
    public static let assumed = SlotPolicy(perModel: 1, isAssumed: true, byModel: [:])

    /// Numbers for single models only, the rest assumed.
    public static func assumed(except byModel: [ModelName: Int]) -> SlotPolicy {
        SlotPolicy(perModel: 1, isAssumed: true, byModel: byModel)
    }

    private init(perModel: Int, isAssumed: Bool, byModel: [ModelName: Int]) {
        precondition(perModel >= 1 && byModel.values.allSatisfy { $0 >= 1 }, "a slot number below 1")
        self.perModel = perModel
        self.isAssumed = isAssumed
        self.byModel = byModel
    }

    func slots(of model: ModelName) -> Int { self.byModel[model] ?? self.perModel }
    func isAssumed(for model: ModelName) -> Bool { self.isAssumed && self.byModel[model] == nil }
}

/// What routing needs to know of one backend, put together by whoever probes and configures it.
public struct BackendView: Equatable, Sendable {
    /// Whether new requests may go there.
    public enum Availability: Equatable, Sendable {
        /// Work may be sent.
        case usable
        /// Down, unknown, quarantined; the text says which and why, for the client's error message: no secrets.
        case unusable(String)
    }

    /// Its configured name.
    public let id: BackendID
    /// Whether it may get work.
    public var availability: Availability
    /// The last known inventory, kept while the backend is down; `nil` until it has been seen once.
    public var models: [InstalledModel]?
    /// The models in its memory.
    public var loaded: Set<ModelName>
    /// How many requests it takes at a time.
    public var slots: SlotPolicy
    /// True while an operator has it drained: what runs there may finish, nothing new begins.
    public var isDraining: Bool
    /// When its breakers open and close.
    public var breaker: Breaker.Options
    /// True if it stands outside: only an order for it alone goes there.
    public var isExternal: Bool

    /// A backend as it stands now.
    public init(
        id: BackendID, availability: Availability, models: [InstalledModel]?, loaded: Set<ModelName> = [],
        slots: SlotPolicy = .assumed, isDraining: Bool = false, breaker: Breaker.Options = Breaker.Options(),
        isExternal: Bool = false
    ) {
        self.id = id
        self.availability = availability
        self.models = models
        self.loaded = loaded
        self.slots = slots
        self.isDraining = isDraining
        self.breaker = breaker
        self.isExternal = isExternal
    }
}
