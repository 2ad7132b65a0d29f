/// Writes an answer as Anthropic's Messages API does, whole or streamed (Anthropic API reference, "Streaming
/// messages").
///
/// The events of a stream come in the API's order: `message_start`, `ping`, blocks one behind the other, each with
/// start, deltas and stop, then `message_delta` with reason and counts, and `message_stop`. Blocks never overlap: a
/// call stays open until its arguments are a whole JSON object, and what comes meanwhile waits. Arguments that never
/// become one (a model can write what it likes) go as they are; only what comes behind them waits for the end then.
struct AnthropicEncoder: AnswerEncoder {
    private let context: AnswerContext
    private var id: String?
    private var model: String?
    private var usage = AnswerUsage()
    private var hasStarted = false
    /// The block that the client sees now.
    private var block: AnthropicBlock?
    /// The index of the next block.
    private var blockCount = 0
    /// Blocks that wait until `block` is complete.
    private var waiting: [AnthropicBlock] = []

    init(_ context: AnswerContext) {
        self.context = context
    }

    mutating func encode(_ event: AnswerEvent, into out: inout [UInt8]) {
        switch event {
        case .began(let id, let model):
            self.id = id ?? self.id
            self.model = model ?? self.model
        case .usage(let usage): self.usage = usage
        // The API has no place for them.
        case .logProbabilities, .failed: break
        case .text(let more), .refusal(let more): self.add(.text(more), into: &out)
        case .thinking(let more): self.add(.thinking(more, signature: nil), into: &out)
        case .thinkingSignature(let seal): self.add(.thinking("", signature: seal), into: &out)
        case .sealedThinking(let data): self.add(.sealed(data), into: &out)
        case .toolCallBegan(let index, let id, let name):
            self.add(.call(index: index, id: id, name: name, arguments: []), into: &out)
        case .toolArguments(let index, let more): self.addArguments(more, to: index, into: &out)
        case .ended(let reason): self.end(reason, into: &out)
        }
    }

    // MARK: Blocks

    /// Goes on with the last block if `new` continues it, else begins another.
    private mutating func add(_ new: AnthropicBlock.Kind, into out: inout [UInt8]) {
        self.start(into: &out)
        if self.waiting.isEmpty, self.block?.isContinued(by: new) == true {
            if let index = self.block?.index { AnthropicStream.delta(new, of: index, into: &out) }
            self.block?.add(new)
        } else if self.waiting.last?.isContinued(by: new) == true {
            self.waiting[self.waiting.count - 1].join(new)
        } else {
            self.waiting.append(AnthropicBlock(new))
            self.advance(into: &out)
        }
    }

    private mutating func addArguments(_ more: [UInt8], to call: Int, into out: inout [UInt8]) {
        if let block = self.block, block.call == call {
            AnthropicStream.arguments(more, of: block.index, into: &out)
            self.block?.addArguments(more)
            self.advance(into: &out)
        } else if let place = self.waiting.firstIndex(where: { $0.call == call }) {
            self.waiting[place].joinArguments(more)
        }
    }

    /// Shows what waits, as long as nothing incomplete stands before it.
    private mutating func advance(into out: inout [UInt8]) {
        while !self.waiting.isEmpty, self.block?.isComplete ?? true {
            self.close(into: &out)
            self.open(self.waiting.removeFirst(), into: &out)
        }
    }

    private mutating func open(_ waited: AnthropicBlock, into out: inout [UInt8]) {
        var block = waited
        block.index = self.blockCount
        self.blockCount += 1
        AnthropicStream.start(block, self.context, into: &out)
        AnthropicStream.delta(block.kind, of: block.index, into: &out)
        block.forgetContent()
        self.block = block
    }

    private mutating func close(into out: inout [UInt8]) {
        guard let block = self.block else { return }
        if let signature = block.signature { AnthropicStream.signature(signature, of: block.index, into: &out) }
        AnthropicStream.stop(block.index, into: &out)
        self.block = nil
    }

    // MARK: The message

    /// The counts of the beginning are those known by now: with most providers none, which are zeros.
    private mutating func start(into out: inout [UInt8]) {
        guard !self.hasStarted else { return }
        self.hasStarted = true
        AnthropicStream.event("message_start", into: &out) { json in
            json.key("message")
            json.object { message in
                self.head(&message)
                message.key("content")
                message.array { _ in }
                message.key("stop_reason")
                message.null()
                message.key("stop_sequence")
                message.null()
                message.key("usage")
                message.object { $0.anthropicUsage(self.usage) }
            }
        }
        AnthropicStream.event("ping", into: &out) { _ in }
    }

    private mutating func end(_ reason: StopReason, into out: inout [UInt8]) {
        self.start(into: &out)
        self.close(into: &out)
        for block in self.waiting {
            self.open(block, into: &out)
            self.close(into: &out)
        }
        self.waiting = []
        AnthropicStream.event("message_delta", into: &out) { json in
            json.key("delta")
            json.object { $0.anthropicStop(reason) }
            json.key("usage")
            json.object { $0.anthropicUsage(self.usage) }
        }
        AnthropicStream.event("message_stop", into: &out) { _ in }
    }

    private func head(_ json: inout JSONWriter) {
        json.member("id", Self.id(self.id, self.context))
        json.member("type", "message")
        json.member("role", "assistant")
        json.member("model", self.model ?? self.context.model)
    }

    /// The provider's id where it is one of this API's kind, else one of our own.
    private static func id(_ id: String?, _ context: AnswerContext) -> String {
        if let id, id.hasPrefix("msg_") { return id }
        return "msg_" + context.id
    }

    // MARK: The whole answer

    func whole(_ answer: ChatAnswer) -> [UInt8] {
        var encoder = self
        encoder.id = answer.id
        encoder.model = answer.model
        var json = JSONWriter(capacity: 1024)
        json.object { message in
            encoder.head(&message)
            message.key("content")
            message.array { content in
                var calls = 0
                for block in answer.blocks { content.object { Self.write(block, &calls, self.context, &$0) } }
            }
            if let stop = answer.stop {
                message.anthropicStop(stop)
            } else {
                message.key("stop_reason")
                message.null()
            }
            message.key("usage")
            message.object { $0.anthropicUsage(answer.usage) }
        }
        return json.bytes
    }

    private static func write(
        _ block: ChatAnswer.Block, _ calls: inout Int, _ context: AnswerContext, _ json: inout JSONWriter
    ) {
        switch block {
        case .text(let text), .refusal(let text):
            json.member("type", "text")
            json.member("text", text)
        case .thinking(let text, let signature):
            json.member("type", "thinking")
            json.member("thinking", text)
            json.member("signature", signature ?? "")
        case .sealedThinking(let data):
            json.member("type", "redacted_thinking")
            json.member("data", data)
        case .toolCall(var call):
            call.id = AnthropicStream.id(of: call.id, calls, context)
            calls += 1
            AnthropicMessages.write(call, &json)
        }
    }
}
