/// Writes an answer as `POST /v1/chat/completions` does. The thinking goes into `reasoning_content`, as DeepSeek's and
/// vLLM's servers have it, which clients look for; seals on it have no place here.
///
/// Source: OpenAI API reference, "The chat completion object" and "The chat completion chunk object".
struct OpenAIChatEncoder: AnswerEncoder {
    private let context: AnswerContext
    private var chunks: OpenAIChunks
    private var hasBegun = false
    private var usage = AnswerUsage()
    /// Calls that have no arguments yet: clients read them as JSON, so that none are an empty object.
    private var withoutArguments: [Int] = []

    init(_ context: AnswerContext) {
        self.context = context
        self.chunks = OpenAIChunks(context, kind: "chat.completion.chunk", prefix: "chatcmpl-")
    }

    mutating func encode(_ event: AnswerEvent, into out: inout [UInt8]) {
        if !self.hasBegun { self.begin(event, into: &out) }
        switch event {
        case .began, .thinkingSignature, .sealedThinking, .failed: break
        case .text(let text): self.delta(into: &out) { $0.member("content", text) }
        case .thinking(let text): self.delta(into: &out) { $0.member("reasoning_content", text) }
        case .refusal(let text): self.delta(into: &out) { $0.member("refusal", text) }
        case .toolCallBegan(let index, let id, let name):
            self.withoutArguments.append(index)
            let id = self.context.callID(id, index)
            self.call(index, into: &out) { call in
                call.member("id", id)
                call.member("type", "function")
                call.key("function")
                call.object {
                    $0.member("name", name)
                    $0.member("arguments", "")
                }
            }
        case .toolArguments(let index, let more):
            self.withoutArguments.removeAll { $0 == index }
            self.arguments(index, more, into: &out)
        case .logProbabilities(let array):
            self.chunk(finish: nil, probabilities: array, into: &out) { $0.member("content", "") }
        case .usage(let usage): self.usage = usage
        case .ended(let reason):
            for index in self.withoutArguments { self.arguments(index, Array("{}".utf8), into: &out) }
            self.chunk(finish: reason.openAIWord, into: &out) { _ in }
            self.chunks.end(self.usage, into: &out)
        }
    }

    /// The first chunk says who speaks.
    private mutating func begin(_ event: AnswerEvent, into out: inout [UInt8]) {
        self.hasBegun = true
        if case .began(_, let model) = event { self.chunks.begin(model: model) }
        self.delta(into: &out) { delta in
            delta.member("role", "assistant")
            delta.member("content", "")
            delta.key("refusal")
            delta.null()
        }
    }

    private mutating func arguments(_ index: Int, _ more: [UInt8], into out: inout [UInt8]) {
        self.call(index, into: &out) { call in
            call.key("function")
            call.object { function in
                function.key("arguments")
                function.string(utf8: more)
            }
        }
    }

    private mutating func call(_ index: Int, into out: inout [UInt8], _ members: (inout JSONWriter) -> Void) {
        self.delta(into: &out) { delta in
            delta.key("tool_calls")
            delta.array { calls in
                calls.object { call in
                    call.member("index", index)
                    members(&call)
                }
            }
        }
    }

    private mutating func delta(into out: inout [UInt8], _ members: (inout JSONWriter) -> Void) {
        self.chunk(finish: nil, into: &out, members)
    }

    private mutating func chunk(
        finish: String?, probabilities: [UInt8]? = nil, into out: inout [UInt8], _ members: (inout JSONWriter) -> Void
    ) {
        self.chunks.chunk(into: &out) { choice in
            choice.member("index", 0)
            choice.key("delta")
            choice.object(members)
            choice.openAIProbabilities(probabilities)
            choice.openAIFinish(finish)
        }
    }

    func whole(_ answer: ChatAnswer) -> [UInt8] {
        let said = OpenAISaid(answer, self.context)
        var json = JSONWriter(capacity: 512 + said.size)
        json.object { body in
            self.chunks.writeMembers(model: answer.model, kind: "chat.completion", to: &body)
            body.key("choices")
            body.array { choices in
                choices.object { choice in
                    choice.member("index", 0)
                    choice.key("message")
                    choice.object { said.write(to: &$0) }
                    choice.openAIProbabilities(Self.array(answer.logProbabilities))
                    choice.openAIFinish((answer.stop ?? .stop(text: nil)).openAIWord)
                }
            }
            body.key("usage")
            body.openAIUsage(answer.usage)
        }
        return json.bytes
    }

    private static func array(_ elements: [[UInt8]]) -> [UInt8]? {
        if elements.isEmpty { return nil }
        return Array("[".utf8) + elements.joined(separator: CollectionOfOne(UInt8(ascii: ","))) + Array("]".utf8)
    }
}

/// The message of a whole answer: what chat keeps apart, put together.
private struct OpenAISaid {
    private var text: String?
    private var thinking: String?
    private var refusal: String?
    private var calls: [ToolCall] = []

    init(_ answer: ChatAnswer, _ context: AnswerContext) {
        for block in answer.blocks {
            switch block {
            case .text(let more): self.text.add(more)
            case .thinking(let more, _): self.thinking.add(more)
            case .refusal(let more): self.refusal.add(more)
            case .toolCall(var call):
                call.id = context.callID(call.id, self.calls.count)
                self.calls.append(call)
            case .sealedThinking: break
            }
        }
        // Nothing at all was said: an empty text, since clients read one where there is neither call nor refusal.
        if self.calls.isEmpty, self.refusal == nil { self.text = self.text ?? "" }
    }

    /// A guess at its length.
    var size: Int {
        let texts = [self.text, self.thinking, self.refusal].reduce(0) { $0 + ($1?.utf8.count ?? 0) }
        return texts + self.calls.reduce(0) { $0 + $1.arguments.count + 128 }
    }

    func write(to message: inout JSONWriter) {
        message.member("role", "assistant")
        message.openAIText("content", self.text)
        message.openAIText("refusal", self.refusal)
        if let thinking = self.thinking { message.member("reasoning_content", thinking) }
        message.openAICalls(self.calls)
    }
}

extension AnswerContext {
    /// The id of a call, made of this answer's where the provider has none.
    func callID(_ id: String, _ index: Int) -> String {
        id.isEmpty ? "call_\(self.id)_\(index)" : id
    }
}

extension JSONWriter {
    fileprivate mutating func openAIText(_ key: StaticString, _ text: String?) {
        self.key(key)
        if let text { self.string(text) } else { self.null() }
    }

    fileprivate mutating func openAIProbabilities(_ array: [UInt8]?) {
        self.key("logprobs")
        guard let array else { return self.null() }
        self.object { object in
            object.key("content")
            object.line(array)
            object.key("refusal")
            object.null()
        }
    }

    /// Writes why a choice is over, or that it is not.
    mutating func openAIFinish(_ word: String?) {
        self.key("finish_reason")
        if let word { self.string(word) } else { self.null() }
    }
}
