import Foundation

/// What Ollama's own API answers: records, of which the last says `done`. A whole answer is one. (`ollama.md` 3)
struct OllamaReading: AnswerReading {
    var draft = ReplyDraft()

    init() {}

    mutating func whole(_ data: Data) throws {
        // A model that repeats itself is stopped, and its answer comes without an end (`ollama.md` 1.6).
        guard try self.record(data) else { throw LLMError(.malformedAnswer, "the answer says that it is not done") }
    }

    mutating func record(_ data: Data) throws -> Bool {
        let record = try JSONDecoder().decode(Record.self, from: data)
        if record.error != nil { throw LLMError(withinAnswer: data) }
        if let model = record.model, !model.isEmpty { self.draft.model = model }
        self.draft.think(record.message?.thinking ?? "")
        self.draft.say(record.message?.content ?? "")
        for call in record.message?.tool_calls ?? [] {
            let index = self.draft.callCount
            self.draft.call(index, id: call.id, name: call.function?.name ?? "")
            self.draft.addArguments(try call.function?.arguments?.text() ?? "", to: index)
            self.draft.closeCall(index)
        }
        guard record.done == true else { return false }
        self.draft.usage = TokenUsage(inputTokens: record.prompt_eval_count, outputTokens: record.eval_count)
        switch record.done_reason ?? "stop" {
        case "stop": self.draft.stop = .stop
        case "length": self.draft.stop = .length
        case let other: self.draft.stop = .other(other)
        }
        return true
    }

    private struct Record: Decodable {
        struct Message: Decodable {
            let content: String?
            let thinking: String?
            let tool_calls: [Call]?
        }

        struct Call: Decodable {
            struct Function: Decodable {
                let name: String?
                let arguments: JSON?
            }

            let id: String?
            let function: Function?
        }

        let model: String?
        let message: Message?
        let done: Bool?
        let done_reason: String?
        let prompt_eval_count: Int?
        let eval_count: Int?
        /// Only that there is one counts: what it says is read apart.
        let error: JSON?
    }
}
