/// What a caller wants said, whatever dialect it asked in: the form in the middle of every translation. It is made only
/// where the caller's dialect is not the backend's; else a body passes byte for byte.
///
/// It holds what at least two dialects can say. What only the caller's can say is noted in `Losses` by whoever reads it,
/// what the backend's cannot say by whoever writes it, so that nothing is lost without a word.
public struct ChatRequest: Equatable, Sendable {
    /// What has been said so far, in order; what the system says is among it.
    public var turns: [ChatTurn] = []
    /// What the model may call.
    public var tools: [ChatTool] = []
    /// Whether it must; `nil` leaves it to the server, which is `auto` everywhere.
    public var toolChoice: ToolChoice?
    /// Whether it may call several at once; `nil` leaves it to the server.
    public var callsInParallel: Bool?
    /// What form the answer must have; `nil` is text.
    public var format: AnswerFormat?
    /// How tokens are chosen.
    public var sampling = Sampling()
    /// How much the model shall think; `nil` leaves it to the server.
    public var reasoning: Reasoning?
    /// The most tokens of the answer, above 0; `nil` is no bound of the caller's.
    public var outputTokensMax: Int?
    /// Probabilities of the tokens; `nil` asks for none.
    public var logProbabilities: LogProbabilities?
    /// Is the answer to come as a stream?
    public var streams = false

    /// A request that says nothing yet.
    public init() {}
}

/// One thing that somebody said.
public struct ChatTurn: Equatable, Sendable {
    /// Who speaks. What a tool returned is said by `user`, as a `toolResult` part: of four APIs two see it so, and the
    /// other two give it a turn of its own.
    public enum Role: Equatable, Sendable {
        case system
        case user
        case assistant
    }

    /// Who.
    public var role: Role
    /// What, in order. Turns of one role that follow each other stay apart.
    public var parts: [ChatPart]

    /// A turn of these parts.
    public init(_ role: Role, _ parts: [ChatPart]) {
        self.role = role
        self.parts = parts
    }

    /// A turn of words alone.
    public init(_ role: Role, _ text: String) {
        self.init(role, [.text(text)])
    }
}

/// A piece of a turn.
public enum ChatPart: Equatable, Sendable {
    /// Words.
    case text(String)
    /// A picture.
    case image(ChatImage)
    /// What the model thought before it spoke, with the provider's seal on it if it had one.
    case thinking(String, signature: String?)
    /// The same, but legible for the provider alone.
    case sealedThinking(String)
    /// The assistant calls a tool.
    case toolCall(ToolCall)
    /// What the tool returned.
    case toolResult(ToolResult)
    /// The assistant declines.
    case refusal(String)
}

/// A picture within a request. Places to fetch one from are none: nobody here fetches anything, and a server that does
/// is told where to look by words of the request.
public struct ChatImage: Equatable, Sendable {
    /// `image/png`; `nil` where the dialect does not say (Ollama's own API).
    public var mediaType: String?
    /// Base64, as it came: a part of the request's own bytes, not a copy.
    public var base64: ArraySlice<UInt8>

    /// A picture of these bytes.
    public init(mediaType: String?, base64: ArraySlice<UInt8>) {
        self.mediaType = mediaType
        self.base64 = base64
    }
}

/// A call that the model made.
public struct ToolCall: Equatable, Sendable {
    /// What its result will name it by; empty where the dialect has none (older Ollama, Gemini).
    public var id: String
    /// The tool's name.
    public var name: String
    /// The arguments as JSON, usually an object. OpenAI's dialects carry them as a text that the model wrote, which need
    /// not be JSON.
    public var arguments: [UInt8]

    /// A call.
    public init(id: String, name: String, arguments: [UInt8]) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// What a tool returned.
public struct ToolResult: Equatable, Sendable {
    /// The call that it answers.
    public var id: String
    /// The tool's name, where the dialect says it or an earlier turn has told.
    public var name: String?
    /// `text` and `image` parts.
    public var parts: [ChatPart]
    /// Did it fail? Only Anthropic's dialect says so.
    public var isError: Bool

    /// A result.
    public init(id: String, name: String? = nil, parts: [ChatPart], isError: Bool = false) {
        self.id = id
        self.name = name
        self.parts = parts
        self.isError = isError
    }
}

/// A function that the model may call; the caller runs it.
public struct ChatTool: Equatable, Sendable {
    /// Its name.
    public var name: String
    /// What it is for.
    public var description: String?
    /// A JSON Schema of its arguments, as it came; `nil` is a function without any.
    public var parameters: [UInt8]?
    /// Whether the arguments must follow the schema exactly; `nil` leaves it to the server.
    public var isStrict: Bool?

    /// A tool.
    public init(name: String, description: String? = nil, parameters: [UInt8]? = nil, isStrict: Bool? = nil) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.isStrict = isStrict
    }
}

/// Whether the model must call a tool.
public enum ToolChoice: Equatable, Sendable {
    /// As it likes.
    case auto
    /// It must not.
    case none
    /// It must call one.
    case required
    /// It must call this one.
    case tool(String)
}

/// The form that an answer must have.
public enum AnswerFormat: Equatable, Sendable {
    /// A JSON object, any.
    case jsonObject
    /// JSON of this schema.
    case schema(AnswerSchema)
}

/// A JSON Schema that an answer must follow.
public struct AnswerSchema: Equatable, Sendable {
    /// Its name; `nil` where the dialect gives it none.
    public var name: String?
    /// What it is for.
    public var description: String?
    /// The schema, as it came.
    public var schema: [UInt8]
    /// Whether the answer must follow it exactly; `nil` leaves it to the server.
    public var isStrict: Bool?

    /// A schema.
    public init(name: String? = nil, description: String? = nil, schema: [UInt8], isStrict: Bool? = nil) {
        self.name = name
        self.description = description
        self.schema = schema
        self.isStrict = isStrict
    }
}

/// How tokens are chosen. `nil` leaves it to the server.
public struct Sampling: Equatable, Sendable {
    /// 0 to 2; Anthropic's goes to 1.
    public var temperature: Double?
    /// 0 to 1.
    public var topP: Double?
    /// At least 1.
    public var topK: Int?
    /// 0 to 1; only some local servers know it.
    public var minP: Double?
    /// -2 to 2.
    public var frequencyPenalty: Double?
    /// -2 to 2.
    public var presencePenalty: Double?
    /// For the same answer again.
    public var seed: Int?
    /// Texts that end the answer and do not appear in it.
    public var stop: [String] = []

    /// All left to the server.
    public init() {}
}

/// How much the model shall think before it speaks.
public enum Reasoning: Equatable, Sendable {
    /// Not at all.
    case off
    /// It shall; how much is the server's to say.
    case on
    /// By a word. OpenAI's API reference, `reasoning_effort`; Ollama's `think` (`ollama.md` 3).
    case effort(Effort)
    /// At most so many tokens (Anthropic's `thinking.budget_tokens`, Gemini's `thinkingBudget`).
    case budget(Int)

    /// From little to much.
    public enum Effort: String, CaseIterable, Sendable {
        case minimal
        case low
        case medium
        case high
        case xhigh
        case max
    }
}

extension Reasoning.Effort: Comparable {
    /// Less is thought.
    public static func < (less: Self, more: Self) -> Bool { less.tokens < more.tokens }

    /// The most tokens that a model thinks which is told a number and not a word.
    var tokens: Int {
        switch self {
        case .minimal: 1_024
        case .low: 2_048
        case .medium: 8_192
        case .high: 16_384
        case .xhigh: 24_576
        case .max: 32_000
        }
    }

    /// The least effort that thinks so many.
    init(tokens: Int) {
        self = Self.allCases.first { $0.tokens >= tokens } ?? .max
    }
}

/// Which probabilities are asked for.
public struct LogProbabilities: Equatable, Sendable {
    /// So many of the likeliest tokens at each place, 0 to 20.
    public var top: Int

    /// With the likeliest `top`.
    public init(top: Int = 0) {
        self.top = top
    }
}
