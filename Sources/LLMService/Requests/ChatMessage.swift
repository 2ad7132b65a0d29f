import Foundation

/// One thing that somebody said.
public struct ChatMessage: Hashable, Sendable {
    /// Who speaks. What a tool returned is said by `user`, in a part of its own.
    public enum Role: String, Hashable, Sendable {
        /// Who sets the model's task.
        case system
        /// Who asks.
        case user
        /// The model.
        case assistant
    }

    /// A piece of it.
    public enum Part: Hashable, Sendable {
        /// Words.
        case text(String)
        /// A picture.
        case image(ChatImage)
        /// What the model thought before it spoke, with the provider's seal on it if it had one.
        case thinking(String, signature: String?)
        /// The same, but legible for the provider alone.
        case sealedThinking(String)
        /// The model calls a tool.
        case toolCall(ToolCall)
        /// What the tool returned.
        case toolResult(ToolResult)
    }

    /// Who.
    public var role: Role
    /// What, in order.
    public var parts: [Part]

    /// What `role` says.
    public init(_ role: Role, _ parts: [Part]) {
        self.role = role
        self.parts = parts
    }

    /// The model's task.
    public static func system(_ text: String) -> ChatMessage { ChatMessage(.system, [.text(text)]) }

    /// A question, about these pictures if there are any.
    public static func user(_ text: String, images: [ChatImage] = []) -> ChatMessage {
        ChatMessage(.user, images.map(Part.image) + [.text(text)])
    }

    /// What the model said. A `ChatReply` has it ready as `message`, calls and thoughts included.
    public static func assistant(_ text: String) -> ChatMessage { ChatMessage(.assistant, [.text(text)]) }

    /// What tools returned; all results of one answer's calls belong into one message.
    public static func results(_ results: [ToolResult]) -> ChatMessage {
        ChatMessage(.user, results.map(Part.toolResult))
    }

    /// All words of it.
    public var text: String {
        self.parts.map { if case .text(let text) = $0 { text } else { "" } }.joined()
    }
}

/// A picture, sent with the request: no address is ever handed to a server to fetch it from.
public struct ChatImage: Hashable, Sendable {
    /// Its bytes.
    public var data: Data
    /// `image/png`, `image/jpeg` ...
    public var mediaType: String

    /// A picture of these bytes.
    public init(_ data: Data, mediaType: String) {
        self.data = data
        self.mediaType = mediaType
    }
}

/// A call that the model made; the caller runs the tool and answers with a `ToolResult`.
public struct ToolCall: Hashable, Sendable {
    /// What its result names it by.
    public var id: String
    /// The tool's name.
    public var name: String
    /// The arguments as the model wrote them: a JSON object, if it did as it was told.
    public var arguments: String

    /// A call.
    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }

    /// The arguments as a value. Throws `unreadableOutput` if they are not one.
    public func arguments<Value: Decodable>(as type: Value.Type) throws(LLMError) -> Value {
        try ModelOutput(self.arguments).value(of: type, from: "the call of `\(self.name)`")
    }
}

/// What a tool returned.
public struct ToolResult: Hashable, Sendable {
    /// The call that it answers.
    public var call: ToolCall
    /// What the model gets to read.
    public var text: String
    /// Did the tool fail? Only the Messages API says so to the model; say it in `text` too.
    public var isError: Bool

    /// A result.
    public init(of call: ToolCall, _ text: String, isError: Bool = false) {
        self.call = call
        self.text = text
        self.isError = isError
    }
}
