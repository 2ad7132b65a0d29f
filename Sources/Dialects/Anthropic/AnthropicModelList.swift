import Vocabulary

extension OwnAnswers {
    /// The part of a list of models that a client of Anthropic's API asks for (Anthropic API reference, "List Models").
    public struct ModelPage: Equatable, Sendable {
        /// What the query says, as it came: `limit`, `after_id`, `before_id`.
        public struct Wishes: Equatable, Sendable {
            /// How many at most, from 1 to 1,000; 20 if it does not say.
            public var limit: String?
            /// Those behind this one.
            public var after: String?
            /// Those before this one, the nearest of them.
            public var before: String?

            /// Wishes of these values.
            public init(limit: String? = nil, after: String? = nil, before: String? = nil) {
                self.limit = limit
                self.after = after
                self.before = before
            }
        }

        /// How many without a wish, and at most.
        static let limitDefault = 20
        static let limitMax = 1000

        /// Those of the page, in the order of the list.
        public let models: [ListedModel]
        /// Whether there are more in the direction that was asked for.
        public let hasMore: Bool

        /// Cuts the page out of the whole list; a wish that means nothing is refused as Anthropic refuses it.
        public init(of all: [ListedModel], _ wishes: Wishes) throws(BodyRefusal) {
            let limit = try Self.limit(wishes.limit)
            let start = try wishes.after.map { id throws(BodyRefusal) in try Self.place(of: id, in: all, "after_id") + 1
            }
            let end = try wishes.before.map { id throws(BodyRefusal) in try Self.place(of: id, in: all, "before_id") }
            let found = all[(start ?? 0)..<max(start ?? 0, end ?? all.count)]
            self.models = Array(end == nil ? found.prefix(limit) : found.suffix(limit))
            self.hasMore = self.models.count < found.count
        }

        private static func limit(_ text: String?) throws(BodyRefusal) -> Int {
            guard let text else { return Self.limitDefault }
            guard let limit = Int(text), (1...Self.limitMax).contains(limit) else {
                throw BodyRefusal(
                    reason: .invalidField, message: "`limit` is no number from 1 to \(Self.limitMax)",
                    parameter: "limit")
            }
            return limit
        }

        private static func place(
            of id: String, in all: [ListedModel], _ name: String
        ) throws(BodyRefusal) -> Int {
            guard let place = all.firstIndex(where: { $0.id == id }) else {
                throw BodyRefusal(
                    reason: .invalidField, message: "`\(name)` is none of the models that this caller may use",
                    parameter: name)
            }
            return place
        }
    }

    /// `GET /v1/models` for who speaks Anthropic's API.
    public static func anthropicModels(_ page: ModelPage) -> [UInt8] {
        var json = JSONWriter(capacity: 96 + page.models.count * 128)
        json.object { list in
            list.key("data")
            list.array { data in
                for model in page.models { data.anthropicModel(model) }
            }
            list.key("has_more")
            list.bool(page.hasMore)
            list.id("first_id", page.models.first)
            list.id("last_id", page.models.last)
        }
        return json.bytes
    }

    /// `GET /v1/models/{id}` for who speaks Anthropic's API.
    public static func anthropicModel(_ model: ListedModel) -> [UInt8] {
        var json = JSONWriter()
        json.anthropicModel(model)
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func anthropicModel(_ model: OwnAnswers.ListedModel) {
        self.object { object in
            object.key("type")
            object.string("model")
            object.key("id")
            object.string(model.id)
            object.key("display_name")
            object.string(model.id)
            object.key("created_at")
            object.string(WallTime(microseconds: model.created * 1_000_000).rfc3339)
        }
    }

    /// `null` where the page is empty.
    fileprivate mutating func id(_ key: StaticString, _ model: OwnAnswers.ListedModel?) {
        self.key(key)
        if let model { self.string(model.id) } else { self.null() }
    }
}
