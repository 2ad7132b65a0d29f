/// What the model answered.
public struct ChatReply: Hashable, Sendable {
    /// What was said, thought and called, in order.
    public var parts: [ChatMessage.Part]
    /// Why it is over.
    public var stop: StopReason
    /// Why the model declined, in its words, if it did so in a form of its own.
    public var refusal: String?
    /// The model that served, as the server calls it.
    public var model: String?
    /// What it cost, as far as the server says.
    public var usage: TokenUsage
    /// Where it came from.
    public var origin: ReplyOrigin

    /// A reply.
    public init(
        parts: [ChatMessage.Part], stop: StopReason = .stop, refusal: String? = nil, model: String? = nil,
        usage: TokenUsage = TokenUsage(), origin: ReplyOrigin = ReplyOrigin()
    ) {
        self.parts = parts
        self.stop = stop
        self.refusal = refusal
        self.model = model
        self.usage = usage
        self.origin = origin
    }

    /// All words of it.
    public var text: String { self.message.text }

    /// What the model wants called, in order.
    public var toolCalls: [ToolCall] {
        self.parts.compactMap { if case .toolCall(let call) = $0 { call } else { nil } }
    }

    /// To go on with: the next request's messages are the last one's, this, and what the user or the tools say.
    public var message: ChatMessage { ChatMessage(.assistant, self.parts) }
}

/// Why an answer is over.
public enum StopReason: Hashable, Sendable {
    /// The model was done, or came to one of the caller's stop texts.
    case stop
    /// The bound on the answer, or the end of the context, was reached: it is cut.
    case length
    /// The model waits for what its calls return.
    case toolCalls
    /// The provider's filter cut it, or the model declined.
    case contentFilter
    /// Another word of the server's.
    case other(String)
}

/// What an answer cost in tokens; `nil` where the server does not say.
public struct TokenUsage: Hashable, Sendable {
    /// Tokens read, those from a cache included.
    public var inputTokens: Int?
    /// Of these, from a cache.
    public var cachedTokens: Int?
    /// Tokens written, thoughts included.
    public var outputTokens: Int?
    /// Of these, thoughts.
    public var reasoningTokens: Int?

    /// A usage.
    public init(
        inputTokens: Int? = nil, cachedTokens: Int? = nil, outputTokens: Int? = nil, reasoningTokens: Int? = nil
    ) {
        self.inputTokens = inputTokens
        self.cachedTokens = cachedTokens
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
    }
}

/// Where an answer came from, as Gatehouse tells it. Other servers say at most what they call the request.
public struct ReplyOrigin: Hashable, Sendable {
    /// What the server calls the request (`gatehouse requests show ID`).
    public var requestID: String?
    /// Who answered: `local:gpu1`, `external:provider`, `cache:exact`, `fallback`.
    public var route: String?
    /// Why there: `allow_local`, `allow_rule`.
    public var reason: String?
    /// What of the request was left out, by Gatehouse or by this library, because who answered cannot be told so:
    /// `seed`.
    public var dropped: [String]

    /// An origin.
    public init(requestID: String? = nil, route: String? = nil, reason: String? = nil, dropped: [String] = []) {
        self.requestID = requestID
        self.route = route
        self.reason = reason
        self.dropped = dropped
    }
}
