import Vocabulary

/// One model of a server with OpenAI's API, from `/v1/models` (OpenAI API reference, "List models").
public struct ServedModel: Hashable, Sendable {
    /// The name as the server spells it, the only one that it answers to: `meta-llama/Llama-3.1-8B-Instruct`.
    public var spelling: String
    /// The context that it is served with; `nil` if not told.
    public var context: Tokens?
    /// The longest context that it was made for; `nil` if not told.
    public var contextMax: Tokens?

    /// A model as it is told.
    public init(spelling: String, context: Tokens? = nil, contextMax: Tokens? = nil) {
        self.spelling = spelling
        self.context = context
        self.contextMax = contextMax
    }

    /// The name by which it is looked up.
    var name: ModelName { ModelName(canonical: self.spelling) }
}

extension Inventory {
    /// Takes the whole list. Of two spellings of one name the first counts.
    mutating func take(_ served: [ServedModel]) {
        var known: Set<ModelName> = []
        let served = served.filter { known.insert($0.name).inserted }
        self.models = served.map { model in
            InventoryModel(
                name: model.name, spelling: model.spelling, digest: "", size: Bytes(0),
                contextMax: model.contextMax ?? model.context)
        }
        self.loaded = served.map { model in
            LoadedModel(name: model.name, size: Bytes(0), sizeVRAM: Bytes(0), context: model.context)
        }
    }
}
