/// What the records of each dialect show (`ollama.md` 3 to 5).
extension AnswerFacts {
    /// A record of `/api/chat` or `/api/generate`, streamed or not.
    mutating func readNative(_ record: JSONView, _ edit: ModelEdit?) {
        if let error = record["error"] { return self.fail(error) }
        self.noteRemote(record)
        self.noteModel(record, edit)
        let message = record["message"] ?? record
        for name: StaticString in ["content", "thinking", "tool_calls", "response", "image"] {
            if let value = message[name], !value.isEmpty { self.signs.insert(.content) }
        }
        guard record["done"]?.bool == true else { return }
        self.signs.insert(.terminal)
        self.usage.read(native: record)
    }

    /// A chunk of `/v1/chat/completions` or `/v1/completions`. Returns whether it has a `usage`.
    mutating func readChunk(_ chunk: JSONView, _ edit: ModelEdit?) -> Bool {
        if let error = chunk["error"] {
            self.fail(error)
            return false
        }
        self.noteModel(chunk, edit)
        if let choice = chunk["choices"]?.first { self.readChoice(choice["delta"] ?? choice) }
        guard let usage = chunk["usage"], usage.kind == .object else { return false }
        if chunk["choices"]?.first == nil || usage["completion_tokens"]?.integer ?? 0 > 0 {
            self.usage.read(usage: usage)
        }
        return true
    }

    private mutating func readChoice(_ words: JSONView) {
        for name: StaticString in [
            "content", "text", "reasoning", "reasoning_content", "tool_calls", "function_call", "refusal",
        ] {
            if let value = words[name], !value.isEmpty { self.signs.insert(.content) }
        }
    }

    /// An event of `/v1/messages`. The input tokens of `message_start` are a guess and not taken over.
    mutating func readAnthropic(_ event: JSONView, _ edit: ModelEdit?) {
        switch event["type"]?.string {
        case "message_start": event["message"].map { self.noteModel($0, edit) }
        case "content_block_delta": self.signs.insert(.content)
        case "content_block_start":
            // A tool call without arguments has no delta.
            if event["content_block"]?["type"]?.string?.hasSuffix("tool_use") == true { self.signs.insert(.content) }
        case "message_delta": event["usage"].map { self.usage.read(usage: $0) }
        case "message_stop": self.signs.insert(.terminal)
        case "error": self.fail(event["error"] ?? event)
        default: if event["type"] == nil, let error = event["error"] { self.fail(error) }
        }
    }

    /// An event of `/v1/responses`. `response.incomplete` is a whole answer, cut by its bound.
    mutating func readResponses(_ event: JSONView, _ edit: ModelEdit?) {
        guard let type = event["type"]?.string else {
            if let error = event["error"] { self.fail(error) }
            return
        }
        if let response = event["response"] {
            self.noteModel(response, edit)
            response["usage"].map { self.usage.read(usage: $0) }
        }
        switch type {
        case "response.completed", "response.incomplete": self.signs.insert(.terminal)
        case "response.failed", "response.cancelled": self.fail(event["response"]?["error"] ?? event)
        case "error": self.fail(event["error"] ?? event)
        default: if type.hasSuffix(".delta") { self.signs.insert(.content) }
        }
    }

    // MARK: Whole answers

    /// A whole answer of `endpoint`: `terminal` if it is complete by its own word.
    mutating func readWhole(_ answer: JSONView, _ endpoint: Endpoint, _ edit: ModelEdit?) {
        switch endpoint {
        case .ollamaChat, .ollamaGenerate:
            self.readNative(answer, edit)
            return
        case .openAIChat, .openAICompletions, .openAIEmbeddings, .openAIResponses, .openAIModels, .openAIModel,
            .anthropicMessages, .anthropicCountTokens, .ollamaEmbed, .ollamaEmbeddings, .ollamaShow, .ollamaTags,
            .ollamaPs, .ollamaVersion, .ollamaRoot:
            break
        }
        // A response that went well says `"error":null`.
        if let error = answer["error"] { return self.fail(error) }
        self.noteRemote(answer)
        self.noteModel(answer, edit)
        self.usage.read(native: answer)
        answer["usage"].map { self.usage.read(usage: $0) }
        if Self.isComplete(answer, endpoint) { self.signs.formUnion([.content, .terminal]) }
    }

    /// After many equal tokens Ollama stops silently (`ollama.md` 1.6): the reason to stop is missing then.
    private static func isComplete(_ answer: JSONView, _ endpoint: Endpoint) -> Bool {
        switch endpoint {
        case .openAIChat, .openAICompletions: answer["choices"]?.first?["finish_reason"] != nil
        case .openAIResponses: ["completed", "incomplete"].contains(answer["status"]?.string)
        case .anthropicMessages: answer["stop_reason"]?.isEmpty == false
        case .openAIEmbeddings: answer["data"] != nil
        case .ollamaEmbed: answer["embeddings"] != nil
        case .ollamaEmbeddings: answer["embedding"] != nil
        case .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion,
            .ollamaRoot, .ollamaChat, .ollamaGenerate:
            answer.kind == .object
        }
    }
}
