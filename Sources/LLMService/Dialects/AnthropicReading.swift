import Foundation

/// What Anthropic's API answers. (Anthropic API reference, Create a message, Streaming.)
struct AnthropicReading: AnswerReading {
    var draft = ReplyDraft()
    private var usage = Usage()

    init() {}

    mutating func whole(_ data: Data) throws {
        let message = try JSONDecoder().decode(Message.self, from: data)
        guard let blocks = message.content else { throw LLMError(.malformedAnswer, "the answer has no content") }
        for (index, block) in blocks.enumerated() {
            try self.begin(block, at: index)
            self.draft.closeCall(index)
        }
        self.note(message)
        self.end(message.stop_reason ?? "end_turn")
    }

    mutating func record(_ data: Data) throws -> Bool {
        let event = try JSONDecoder().decode(Event.self, from: data)
        switch event.type {
        case "message_start":
            if let message = event.message { self.note(message) }
        case "content_block_start":
            if let block = event.content_block, let index = event.index { try self.begin(block, at: index) }
        case "content_block_delta":
            if let delta = event.delta { self.add(delta, to: event.index ?? 0) }
        case "content_block_stop":
            if let index = event.index { self.draft.closeCall(index) }
        case "message_delta":
            self.add(event.usage)
            if let reason = event.delta?.stop_reason { self.end(reason) }
        case "message_stop": return true
        case "error": throw LLMError(withinAnswer: data)
        default: break  // `ping`, and events that are yet to come.
        }
        return false
    }

    private mutating func note(_ message: Message) {
        if let model = message.model { self.draft.model = model }
        self.add(message.usage)
    }

    private mutating func begin(_ block: Block, at index: Int) throws(LLMError) {
        switch block.type {
        case "text": self.draft.say(block.text ?? "")
        case "thinking":
            self.draft.think(block.thinking ?? "")
            if let signature = block.signature, !signature.isEmpty { self.draft.seal(signature) }
        case "redacted_thinking": self.draft.thinkSealed(block.data ?? "")
        case "tool_use":
            self.draft.call(index, id: block.id, name: block.name ?? "")
            // In a stream it is empty, and the deltas have it.
            if let input = block.input, input != .object([]) { self.draft.addArguments(try input.text(), to: index) }
        default: break  // Blocks of a server's own tools, which nobody here asks for.
        }
    }

    private mutating func add(_ delta: Delta, to index: Int) {
        switch delta.type {
        case "text_delta": self.draft.say(delta.text ?? "")
        case "thinking_delta": self.draft.think(delta.thinking ?? "")
        case "signature_delta": if let signature = delta.signature { self.draft.seal(signature) }
        case "input_json_delta": self.draft.addArguments(delta.partial_json ?? "", to: index)
        default: break
        }
    }

    /// Later counts replace earlier ones, each by itself.
    private mutating func add(_ more: Usage?) {
        self.usage.merge(more ?? Usage())
        let cached = [self.usage.cache_read_input_tokens, self.usage.cache_creation_input_tokens].compactMap { $0 }
        self.draft.usage = TokenUsage(
            // The API counts what comes from a cache, or goes there, apart.
            inputTokens: self.usage.input_tokens.map {
                cached.reduce($0) { $0.addingReportingOverflow($1).partialValue }
            },
            cachedTokens: self.usage.cache_read_input_tokens, outputTokens: self.usage.output_tokens)
    }

    private mutating func end(_ reason: String) {
        switch reason {
        case "end_turn", "stop_sequence": self.draft.stop = .stop
        case "max_tokens", "model_context_window_exceeded": self.draft.stop = .length
        case "tool_use": self.draft.stop = .toolCalls
        case "refusal": self.draft.stop = .contentFilter
        default: self.draft.stop = .other(reason)
        }
    }

    private struct Message: Decodable {
        let model: String?
        let content: [Block]?
        let stop_reason: String?
        let usage: Usage?
    }

    private struct Block: Decodable {
        let type: String?
        let text: String?
        let thinking: String?
        let signature: String?
        let data: String?
        let id: String?
        let name: String?
        let input: JSON?
    }

    private struct Delta: Decodable {
        let type: String?
        let text: String?
        let thinking: String?
        let signature: String?
        let partial_json: String?
        let stop_reason: String?
    }

    private struct Event: Decodable {
        let type: String
        let index: Int?
        let message: Message?
        let content_block: Block?
        let delta: Delta?
        let usage: Usage?
    }

    private struct Usage: Decodable {
        var input_tokens: Int?
        var output_tokens: Int?
        var cache_read_input_tokens: Int?
        var cache_creation_input_tokens: Int?

        mutating func merge(_ more: Usage) {
            self.input_tokens = more.input_tokens ?? self.input_tokens
            self.output_tokens = more.output_tokens ?? self.output_tokens
            self.cache_read_input_tokens = more.cache_read_input_tokens ?? self.cache_read_input_tokens
            self.cache_creation_input_tokens = more.cache_creation_input_tokens ?? self.cache_creation_input_tokens
        }
    }
}
