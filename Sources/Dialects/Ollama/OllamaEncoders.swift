import Vocabulary

/// Writes an answer as `/api/chat` does.
struct OllamaChatEncoder: AnswerEncoder {
    private var records: OllamaRecords

    init(_ context: AnswerContext) {
        self.records = OllamaRecords(context, isChat: true)
    }

    mutating func encode(_ event: AnswerEvent, into out: inout [UInt8]) { self.records.encode(event, into: &out) }

    func whole(_ answer: ChatAnswer) -> [UInt8] { self.records.whole(answer) }
}

/// Writes an answer as `/api/generate` does, which has no place for calls: nothing there can declare a tool.
struct OllamaGenerateEncoder: AnswerEncoder {
    private var records: OllamaRecords

    init(_ context: AnswerContext) {
        self.records = OllamaRecords(context, isChat: false)
    }

    mutating func encode(_ event: AnswerEvent, into out: inout [UInt8]) { self.records.encode(event, into: &out) }

    func whole(_ answer: ChatAnswer) -> [UInt8] { self.records.whole(answer) }
}

/// The records of a native answer (`ollama.md` 3, "Answers"): one for each piece, one with all calls once their
/// arguments are complete, and the last with reason and counts. Durations that nobody has measured are left out, as are
/// counts that nobody has told. `created_at` is the same in all: the time is told once.
///
/// Seals and sealed thinking have no place. Why an answer was declined goes as its words. `content_filter` as a reason
/// is OpenAI's word: the server has none of its own, and `stop` would call a cut answer complete.
private struct OllamaRecords {
    private let context: AnswerContext
    private let createdAt: String
    private let isChat: Bool
    private var model: String?
    private var usage = AnswerUsage()
    private var calls: [Int: ToolCall] = [:]
    private var order: [Int] = []

    init(_ context: AnswerContext, isChat: Bool) {
        self.context = context
        self.createdAt = context.createdAt.rfc3339
        self.isChat = isChat
    }

    // MARK: A stream

    mutating func encode(_ event: AnswerEvent, into out: inout [UInt8]) {
        switch event {
        case .began(_, let model): self.model = model ?? self.model
        case .usage(let usage): self.usage = usage
        case .text(let more), .refusal(let more): self.piece(text: more, into: &out)
        case .thinking(let more): self.piece(thinking: more, into: &out)
        case .logProbabilities(let array):
            self.line(into: &out) { record in
                self.message(&record, text: "")
                record.member("done", false)
                record.key("logprobs")
                record.line(array)
            }
        case .toolCallBegan(let index, let id, let name):
            if self.calls[index] == nil { self.order.append(index) }
            self.calls[index] = ToolCall(id: id, name: name, arguments: [])
        case .toolArguments(let index, let more): self.calls[index]?.arguments += more
        case .ended(let reason):
            let calls = self.order.compactMap { self.calls[$0] }
            if self.isChat, !calls.isEmpty { self.piece(calls: self.named(calls), into: &out) }
            self.line(into: &out) { record in
                self.message(&record, text: "")
                self.end(&record, reason, self.usage)
            }
        case .thinkingSignature, .sealedThinking, .failed: break
        }
    }

    private func piece(
        text: String = "", thinking: String = "", calls: [ToolCall] = [], into out: inout [UInt8]
    ) {
        self.line(into: &out) { record in
            self.message(&record, text: text, thinking: thinking, calls: calls)
            record.member("done", false)
        }
    }

    private func line(into out: inout [UInt8], _ write: (inout JSONWriter) -> Void) {
        var json = JSONWriter()
        json.object { record in
            self.head(&record, self.model)
            write(&record)
        }
        out.append(contentsOf: json.bytes)
        out.append(0x0A)
    }

    // MARK: The whole answer

    func whole(_ answer: ChatAnswer) -> [UInt8] {
        var text = ""
        var thinking = ""
        var calls: [ToolCall] = []
        for block in answer.blocks {
            switch block {
            case .text(let more), .refusal(let more): text += more
            case .thinking(let more, _): thinking += more
            case .toolCall(let call): calls.append(call)
            case .sealedThinking: break
            }
        }
        var json = JSONWriter(capacity: 512 + text.utf8.count + thinking.utf8.count)
        json.object { record in
            self.head(&record, answer.model)
            self.message(&record, text: text, thinking: thinking, calls: self.isChat ? self.named(calls) : [])
            if !answer.logProbabilities.isEmpty {
                record.key("logprobs")
                record.array { list in
                    for element in answer.logProbabilities { list.raw(element) }
                }
            }
            if let stop = answer.stop {
                self.end(&record, stop, answer.usage)
            } else {
                record.member("done", false)
            }
        }
        return json.bytes
    }

    // MARK: Members

    private func head(_ record: inout JSONWriter, _ model: String?) {
        record.member("model", model ?? self.context.model)
        record.member("created_at", self.createdAt)
    }

    private func message(
        _ record: inout JSONWriter, text: String, thinking: String = "", calls: [ToolCall] = []
    ) {
        guard self.isChat else {
            record.member("response", text)
            if !thinking.isEmpty { record.member("thinking", thinking) }
            return
        }
        record.key("message")
        record.object { message in
            message.member("role", "assistant")
            message.member("content", text)
            if !thinking.isEmpty { message.member("thinking", thinking) }
            if !calls.isEmpty { message.ollamaCalls(calls) }
        }
    }

    /// A call's id, which the client's next turn may name; the provider may have none.
    private func named(_ calls: [ToolCall]) -> [ToolCall] {
        calls.enumerated().map { index, call in
            var call = call
            if call.id.isEmpty { call.id = "call_\(self.context.id)_\(index)" }
            return call
        }
    }

    private func end(_ record: inout JSONWriter, _ reason: StopReason, _ usage: AnswerUsage) {
        record.member("done", true)
        switch reason {
        case .stop, .toolCalls: record.member("done_reason", "stop")
        case .length: record.member("done_reason", "length")
        case .contentFilter: record.member("done_reason", "content_filter")
        }
        record.ollamaUsage(usage)
    }
}

extension JSONWriter {
    /// Counts and nanoseconds, as far as they are known.
    mutating func ollamaUsage(_ usage: AnswerUsage) {
        if let time = usage.totalDuration { self.member("total_duration", Int(time.nanoseconds)) }
        if let time = usage.loadDuration { self.member("load_duration", Int(time.nanoseconds)) }
        if let tokens = usage.promptTokens { self.member("prompt_eval_count", tokens) }
        if let time = usage.promptDuration { self.member("prompt_eval_duration", Int(time.nanoseconds)) }
        if let tokens = usage.outputTokens { self.member("eval_count", tokens) }
        if let time = usage.outputDuration { self.member("eval_duration", Int(time.nanoseconds)) }
    }
}
