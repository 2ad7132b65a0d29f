import Foundation

/// What OpenAI's API answers. (OpenAI API reference, The chat completion object, The chat completion chunk object.)
struct OpenAIReading: AnswerReading {
    var draft = ReplyDraft()

    init() {}

    mutating func whole(_ data: Data) throws {
        let answer = try JSONDecoder().decode(Answer.self, from: data)
        if answer.error != nil { throw LLMError(withinAnswer: data) }
        guard let choice = answer.choices?.first, let message = choice.message else {
            throw LLMError(.malformedAnswer, "the answer has no choice")
        }
        self.add(message)
        self.end(choice.finish_reason)
        self.note(answer)
        // A whole answer is complete, whatever it says.
        self.draft.stop = self.draft.stop ?? .stop
    }

    mutating func record(_ data: Data) throws -> Bool {
        if data.elementsEqual("[DONE]".utf8) { return true }
        let chunk = try JSONDecoder().decode(Answer.self, from: data)
        if chunk.error != nil { throw LLMError(withinAnswer: data) }
        self.note(chunk)
        guard let choice = chunk.choices?.first else { return false }
        if let delta = choice.delta { self.add(delta) }
        self.end(choice.finish_reason)
        return false
    }

    private mutating func note(_ answer: Answer) {
        if let model = answer.model, !model.isEmpty { self.draft.model = model }
        if let usage = answer.usage { self.draft.usage = usage.value }
    }

    private mutating func add(_ message: Words) {
        self.draft.think(message.reasoning ?? message.reasoning_content ?? "")
        self.draft.say(message.content ?? "")
        if let refusal = message.refusal, !refusal.isEmpty { self.draft.refusal = (self.draft.refusal ?? "") + refusal }
        for call in message.tool_calls ?? [] {
            let name = call.function?.name ?? ""
            // Some servers count the calls, some only name the new ones.
            let index = call.index ?? (name.isEmpty ? self.draft.callCount - 1 : self.draft.callCount)
            if !name.isEmpty { self.draft.call(index, id: call.id, name: name) }
            self.draft.addArguments(call.function?.arguments ?? "", to: index)
        }
    }

    private mutating func end(_ reason: String?) {
        guard let reason else { return }
        switch reason {
        case "stop": self.draft.stop = .stop
        case "length": self.draft.stop = .length
        case "tool_calls", "function_call": self.draft.stop = .toolCalls
        case "content_filter": self.draft.stop = .contentFilter
        default: self.draft.stop = .other(reason)
        }
    }

    private struct Answer: Decodable {
        struct Choice: Decodable {
            let message: Words?
            let delta: Words?
            let finish_reason: String?
        }

        let model: String?
        let choices: [Choice]?
        let usage: Usage?
        /// Only that there is one counts: what it says is read apart.
        let error: JSON?
    }

    private struct Words: Decodable {
        struct Call: Decodable {
            struct Function: Decodable {
                let name: String?
                let arguments: String?
            }

            let index: Int?
            let id: String?
            let function: Function?
        }

        let content: String?
        let refusal: String?
        /// Ollama's word (`ollama.md` 4), and that of vLLM and DeepSeek.
        let reasoning: String?
        let reasoning_content: String?
        let tool_calls: [Call]?
    }

    struct Usage: Decodable {
        struct Details: Decodable {
            let cached_tokens: Int?
            let reasoning_tokens: Int?
        }

        let prompt_tokens: Int?
        let completion_tokens: Int?
        let prompt_tokens_details: Details?
        let completion_tokens_details: Details?

        var value: TokenUsage {
            TokenUsage(
                inputTokens: self.prompt_tokens, cachedTokens: self.prompt_tokens_details?.cached_tokens,
                outputTokens: self.completion_tokens, reasoningTokens: self.completion_tokens_details?.reasoning_tokens)
        }
    }
}
