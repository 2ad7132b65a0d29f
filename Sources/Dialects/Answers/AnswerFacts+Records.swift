/// What the records of each dialect show (`ollama.md` 3 to 5).
extension AnswerFacts {
    /// A record of `/api/chat` or `/api/generate`, streamed or not; `message` is opened.
    mutating func readNative(_ record: JSONMembers, _ edit: ModelEdit?) {
        if let name = record["model"] { self.noteName(name, edit) }
        self.noteOrigin(record)
        if Self.holdsWords(record) || Self.holdsWords(record.opened) { self.signs.insert(.content) }
        if let error = record.first("error", where: { $0.kind != .null }) { self.fail(error) }
        guard record["done"]?.bool == true, !self.signs.contains(.error) else { return }
        self.signs.insert(.terminal)
        self.usage.read(native: record)
    }

    /// An answer from elsewhere names its origin (`ollama.md` 1.3).
    private mutating func noteOrigin(_ record: JSONMembers) {
        if record.first("remote_host", where: \.isFilled) != nil
            || record.first("remote_model", where: \.isFilled) != nil
        {
            self.signs.insert(.remoteModel)
        }
    }

    private static func holdsWords(_ record: JSONMembers) -> Bool {
        record["content"]?.isFilled == true || record["thinking"]?.isFilled == true
            || record["tool_calls"]?.isFilled == true || record["response"]?.isFilled == true
            || record["image"]?.isFilled == true
    }

    /// A chunk of `/v1/chat/completions` or `/v1/completions`. Returns whether it has a choice, and a `usage`.
    mutating func readChunk(_ chunk: JSONView, _ edit: ModelEdit?) -> (hasChoice: Bool, hasUsage: Bool) {
        var choice: JSONView?
        var usage: JSONView?
        chunk.forEachMember { key, value in
            if key.equals("choices") {
                choice = value.first
            } else if key.equals("model") {
                self.noteName(value, edit)
            } else if key.equals("usage") {
                usage = value.kind == .object ? value : nil
            } else if key.equals("error"), value.kind != .null {
                self.fail(value)
            }
        }
        if let choice, !self.signs.contains(.content) { self.readChoice(choice["delta"] ?? choice) }
        guard let usage else { return (choice != nil, false) }
        // `/v1/completions` puts zeros into every chunk but the last (`ollama.md` 4).
        if choice == nil || usage["completion_tokens"]?.integer ?? 0 > 0 { self.usage.read(usage: usage) }
        return (choice != nil, true)
    }

    private mutating func readChoice(_ words: JSONView) {
        words.forEachMember { key, value in
            let isWords =
                key.equals("content") || key.equals("text") || key.equals("reasoning")
                || key.equals("reasoning_content") || key.equals("tool_calls") || key.equals("function_call")
                || key.equals("refusal")
            if isWords, value.isFilled { self.signs.insert(.content) }
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

    /// A whole answer of `endpoint`, with `endpoint.opened` opened: `terminal` if it is complete by its own word.
    mutating func readWhole(_ answer: JSONMembers, _ endpoint: Endpoint, _ edit: ModelEdit?) {
        if endpoint == .ollamaChat || endpoint == .ollamaGenerate { return self.readNative(answer, edit) }
        // A response that went well says `"error":null`.
        if let error = answer.first("error", where: { $0.kind != .null }) { return self.fail(error) }
        if let name = answer["model"] { self.noteName(name, edit) }
        self.noteOrigin(answer)
        if let usage = answer["usage"] { self.usage.read(usage: usage) }
        if endpoint.dialect == .ollama { self.usage.read(native: answer) }
        if Self.isComplete(answer, endpoint) { self.signs.formUnion([.content, .terminal]) }
    }

    /// After many equal tokens Ollama stops silently (`ollama.md` 1.6): the reason to stop is missing then.
    private static func isComplete(_ answer: JSONMembers, _ endpoint: Endpoint) -> Bool {
        switch endpoint {
        case .openAIChat, .openAICompletions: answer.opened["finish_reason"] != nil
        case .openAIResponses: ["completed", "incomplete"].contains(answer["status"]?.string)
        case .anthropicMessages: answer["stop_reason"]?.isEmpty == false
        case .openAIEmbeddings: answer["data"] != nil
        case .ollamaEmbed: answer["embeddings"] != nil
        case .ollamaEmbeddings: answer["embedding"] != nil
        case .ollamaChat, .ollamaGenerate: answer["done"]?.bool == true
        case .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion,
            .ollamaRoot:
            true
        }
    }
}

extension JSONView {
    /// Is there something: no `null`, no empty string, array or object?
    fileprivate var isFilled: Bool { self.kind != .null && !self.isEmpty }
}

extension Endpoint {
    /// The member of an answer whose own members are read.
    var opened: StaticString {
        switch self {
        case .openAIChat, .openAICompletions: "choices"
        case .ollamaChat: "message"
        case .openAIEmbeddings, .openAIResponses, .openAIModels, .openAIModel, .anthropicMessages,
            .anthropicCountTokens, .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings, .ollamaShow, .ollamaTags,
            .ollamaPs, .ollamaVersion, .ollamaRoot:
            ""
        }
    }
}
