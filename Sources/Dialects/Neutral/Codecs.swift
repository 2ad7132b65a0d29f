import Vocabulary

/// How a neutral request is put to one backend: what the manifest decides, not the caller.
public struct TranslationTarget: Equatable, Sendable {
    /// The name that the backend knows the model by.
    public var model: String
    /// The most tokens of one answer; `nil` sets no bound beside the caller's.
    public var outputTokensMax: Int?
    /// Does a request without a bound get that one?
    public var addsBound = true
    /// What is known of a server with OpenAI's API.
    public var traits = ProviderTraits()
    /// Does the model think before it speaks, if it is told to? `nil` if nobody knows. Ollama refuses the wish of a
    /// model that does not.
    public var thinks: Bool?

    /// A target.
    public init(model: String, outputTokensMax: Int? = nil) {
        self.model = model
        self.outputTokensMax = outputTokensMax
    }

    /// The bound to send for what the caller asked: the lower of the two, and none if neither says so. A wish that is cut is noted as `name`.
    func bound(_ asked: Int?, named name: String, _ losses: inout Losses) -> Int? {
        guard let most = self.outputTokensMax else { return asked }
        guard let asked else { return self.addsBound ? most : nil }
        if asked > most { losses.note(name, .hint) }
        return min(asked, most)
    }
}

/// Reads the answer of one provider. A value for one answer.
protocol AnswerDecoder: Sendable {
    /// A whole answer, as one JSON value.
    mutating func whole(_ body: JSONView, into events: inout [AnswerEvent])

    /// One record of a stream: the event's name (empty where the API names none) and its data, or one line. `[DONE]` is
    /// the only data that is no JSON.
    mutating func record(
        name: ArraySlice<UInt8>, _ data: ArraySlice<UInt8>, into events: inout [AnswerEvent]
    ) throws(JSONProblem)

    /// The clean end of a stream: an API without a terminal event has `ended` to tell here, if the answer was complete.
    mutating func finish(into events: inout [AnswerEvent])
}

/// What a caller's answer needs to say that no event tells.
public struct AnswerContext: Sendable {
    /// What ids are made of, so that they are the same in all records.
    public var id: String
    /// The model's name, where the provider names none.
    public var model: String
    /// Told as the time of creation.
    public var createdAt: WallTime
    /// Did the client of an OpenAI stream ask for the chunk with its usage?
    public var wantsUsage: Bool

    /// A context.
    public init(id: String, model: String, createdAt: WallTime, wantsUsage: Bool = false) {
        self.id = id
        self.model = model
        self.createdAt = createdAt
        self.wantsUsage = wantsUsage
    }
}

/// Writes a caller's answer. A value for one answer.
protocol AnswerEncoder: Sendable {
    /// Appends the records of a stream that tell `event`; at `ended` everything that ends it. `failed` never comes.
    mutating func encode(_ event: AnswerEvent, into out: inout [UInt8])

    /// The whole answer.
    func whole(_ answer: ChatAnswer) -> [UInt8]

    /// The number of the next record; 0 where records have none.
    var sequenceNumber: Int { get }
}

extension AnswerEncoder {
    var sequenceNumber: Int { 0 }
}
