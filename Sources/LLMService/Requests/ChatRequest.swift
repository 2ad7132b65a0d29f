/// What is asked of a model.
public struct ChatRequest: Hashable, Sendable {
    /// The model's name as the server knows it; with Gatehouse also a tier (`general`), an alias or `auto`.
    public var model: String
    /// What has been said so far, in order.
    public var messages: [ChatMessage]
    /// What the model may call.
    public var tools: [ChatTool] = []
    /// Whether it must.
    public var toolChoice = ToolChoice.auto
    /// What form the answer must have. `chat(_:as:)` sets it.
    public var format = ReplyFormat.text
    /// How words are chosen.
    public var sampling = Sampling()
    /// How much the model shall think before it speaks; `nil` leaves it to the server.
    public var reasoning: Reasoning?
    /// The most tokens of the answer, above 0; `nil` leaves it to the server.
    public var outputTokensMax: Int?
    /// How long the caller waits for the whole answer; `nil` is the service's own bound. Gatehouse is told.
    public var timeout: Duration?
    /// What Gatehouse gets to know about the request.
    public var tags = RequestTags()

    /// The next answer in a conversation.
    public init(model: String, messages: [ChatMessage]) {
        self.model = model
        self.messages = messages
    }

    /// One question.
    public init(model: String, _ text: String) {
        self.init(model: model, messages: [.user(text)])
    }
}

/// A function that the model may call; the caller runs it.
public struct ChatTool: Hashable, Sendable {
    /// Its name: letters, digits, `_` and `-`.
    public var name: String
    /// What it is for, for the model to read.
    public var description: String
    /// What it takes: a schema of an object.
    public var parameters: JSONSchema

    /// A tool.
    public init(_ name: String, _ description: String, parameters: JSONSchema = .object([:])) {
        self.name = name
        self.description = description
        self.parameters = parameters
    }
}

/// Whether the model must call a tool.
public enum ToolChoice: Hashable, Sendable {
    /// As it likes.
    case auto
    /// It must not.
    case none
    /// It must call one.
    case required
    /// It must call the one of this name.
    case tool(String)
}

/// The form that an answer must have.
public enum ReplyFormat: Hashable, Sendable {
    /// Words.
    case text
    /// A JSON object, any. Say in the messages that it shall be JSON, and which.
    case json
    /// JSON of this schema. The name (letters, digits, `_`, `-`) is for the model to read.
    case schema(JSONSchema, name: String)
}

/// How words are chosen. `nil` leaves it to the server.
public struct Sampling: Hashable, Sendable {
    /// 0 is the likeliest word always; the Messages API goes to 1, others to 2.
    public var temperature: Double?
    /// Only the likeliest words that together have this probability, 0 to 1.
    public var topP: Double?
    /// For the same answer again, where the server can.
    public var seed: Int?
    /// Texts that end the answer and do not appear in it.
    public var stop: [String]

    /// All that is not named is left to the server.
    public init(temperature: Double? = nil, topP: Double? = nil, seed: Int? = nil, stop: [String] = []) {
        self.temperature = temperature
        self.topP = topP
        self.seed = seed
        self.stop = stop
    }
}

/// How much a model thinks before it speaks.
public enum Reasoning: String, Hashable, Sendable {
    /// Not at all.
    case off
    /// A little.
    case low
    /// More.
    case medium
    /// Much.
    case high
}
