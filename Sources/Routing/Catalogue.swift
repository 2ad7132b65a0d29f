import Vocabulary

/// All models of all backends, whether these can be reached now or not: what names can be resolved against.
public struct Catalogue: Equatable, Sendable {
    /// One model over all backends that have it.
    public struct Entry: Equatable, Sendable {
        /// The canonical name.
        public let name: ModelName
        /// The backends that may serve it, in the order of configuration.
        public internal(set) var backends: [BackendID] = []
        /// What it can do on any of them; `nil` if none says.
        public internal(set) var capabilities: Set<ModelCapability>?
        /// The smallest context that one of them gives it; `nil` if none says.
        public internal(set) var context: Tokens?
        /// True if it is in the memory of one of them.
        public internal(set) var isLoaded = false
        /// Backends that have it and must not serve it, with the reason in words.
        public internal(set) var withheld: [Withheld] = []
    }

    /// A backend that has a model and must not serve it.
    public struct Withheld: Equatable, Sendable {
        /// The backend.
        public let backend: BackendID
        /// Why, in words.
        public let why: String
    }

    private var entries: [ModelName: Entry] = [:]
    /// The backends whose inventory has never been seen: while there are some, an unknown name may still turn up.
    public private(set) var unseen: [BackendID] = []

    /// Nothing installed anywhere.
    public init() {}

    /// The inventories of `views`, in the order of configuration.
    public init(_ views: some Sequence<BackendView>) {
        for view in views {
            guard let models = view.models else {
                self.unseen.append(view.id)
                continue
            }
            for model in models { self.add(model, of: view) }
        }
    }

    private mutating func add(_ model: InstalledModel, of view: BackendView) {
        var entry = self.entries[model.name] ?? Entry(name: model.name)
        defer { self.entries[model.name] = entry }
        if let why = model.withheld {
            entry.withheld.append(Withheld(backend: view.id, why: why))
            return
        }
        entry.backends.append(view.id)
        entry.isLoaded = entry.isLoaded || view.loaded.contains(model.name)
        if let capabilities = model.capabilities {
            entry.capabilities = (entry.capabilities ?? []).union(capabilities)
        }
        if let context = model.context {
            entry.context = entry.context.map { min($0, context) } ?? context
        }
    }

    /// What is known of `name`, also if no backend may serve it.
    public subscript(_ name: ModelName) -> Entry? { self.entries[name] }

    /// True if a backend has the model and may serve it.
    public func serves(_ name: ModelName) -> Bool {
        self.entries[name].map { !$0.backends.isEmpty } ?? false
    }

    /// The models that a backend may serve, by name.
    public var served: [Entry] {
        self.entries.values.filter { !$0.backends.isEmpty }.sorted { $0.name < $1.name }
    }
}
