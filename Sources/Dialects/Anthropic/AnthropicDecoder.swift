/// Reads an answer of Anthropic's Messages API, whole or streamed (Anthropic API reference, "Create a Message";
/// "Streaming messages").
///
/// Blocks of tools that the provider runs, citations, and everything unknown are passed over. `input_tokens` leaves out
/// what the cache has read and written; here they are one sum.
struct AnthropicDecoder: AnswerDecoder {
    /// A call whose block is open, by the block's index.
    private struct OpenCall {
        var call: Int
        var hasArguments: Bool
    }

    private var open: [Int: OpenCall] = [:]
    private var calls = 0
    private var counts = AnthropicCounts()
    private var stop: StopReason?
    private var isOver = false

    init() {}

    // MARK: A whole answer

    mutating func whole(_ body: JSONView, into events: inout [AnswerEvent]) {
        // The text has been checked, so nothing can be thrown here.
        guard let message = try? JSONMembers(checking: body.bytes, opening: ""), message["type"]?.string != "error",
            let content = message["content"]
        else {
            events.append(.failed(Self.failure(body)))
            return
        }
        events.append(.began(id: message["id"]?.string, model: message["model"]?.string))
        var index = 0
        content.forEachElement { block in
            self.begin(block, at: index, into: &events)
            self.end(at: index, into: &events)
            index += 1
        }
        if let usage = message["usage"] { self.counts.read(usage) }
        events.append(.usage(self.counts.usage))
        guard let reason = message["stop_reason"]?.string else { return }
        self.readStop(reason, body, into: &events)
        events.append(.ended(self.stop ?? .stop(text: nil)))
    }

    // MARK: A stream

    mutating func record(
        name: ArraySlice<UInt8>, _ data: ArraySlice<UInt8>, into events: inout [AnswerEvent]
    ) throws(JSONProblem) {
        guard !self.isOver else { return }
        let event = try JSONView(data)
        var type = name
        var index = 0
        var content: JSONView?
        event.forEachMember { key, value in
            if key.equals("type") {
                if value.kind == .string { type = value.bytes.dropFirst().dropLast() }
            } else if key.equals("index") {
                index = value.integer ?? 0
            } else if key.equals("delta") || key.equals("content_block") || key.equals("message") {
                content = value
            }
        }
        if type.equals("content_block_delta") {
            if let content { self.add(content, at: index, into: &events) }
        } else if type.equals("content_block_start") {
            if let content { self.begin(content, at: index, into: &events) }
        } else if type.equals("content_block_stop") {
            self.end(at: index, into: &events)
        } else if type.equals("message_start") {
            self.start(content, into: &events)
        } else if type.equals("message_delta") {
            self.finishMessage(event, content, into: &events)
        } else if type.equals("message_stop") {
            self.isOver = true
            events.append(.ended(self.stop ?? (self.calls > 0 ? .toolCalls : .stop(text: nil))))
        } else if type.equals("error") {
            self.isOver = true
            events.append(.failed(Self.failure(event)))
        }
    }

    /// The API ends with `message_stop`: without one the answer was cut, and nothing is left to tell.
    mutating func finish(into events: inout [AnswerEvent]) {}

    private mutating func start(_ message: JSONView?, into events: inout [AnswerEvent]) {
        events.append(.began(id: message?["id"]?.string, model: message?["model"]?.string))
        guard let usage = message?["usage"] else { return }
        self.counts.read(usage)
        events.append(.usage(self.counts.usage))
    }

    /// There may be several; the counts are sums, so the last ones hold.
    private mutating func finishMessage(_ event: JSONView, _ delta: JSONView?, into events: inout [AnswerEvent]) {
        if let usage = event["usage"] {
            self.counts.read(usage)
            events.append(.usage(self.counts.usage))
        }
        if let delta, let reason = delta["stop_reason"]?.string { self.readStop(reason, delta, into: &events) }
    }

    // MARK: Blocks

    /// A block begins; one of a whole answer is complete.
    private mutating func begin(_ block: JSONView, at index: Int, into events: inout [AnswerEvent]) {
        switch block["type"]?.string {
        case "text": Self.tell(block["text"], into: &events) { .text($0) }
        case "thinking":
            Self.tell(block["thinking"], into: &events) { .thinking($0) }
            Self.tell(block["signature"], into: &events) { .thinkingSignature($0) }
        case "redacted_thinking":
            if let data = block["data"]?.string { events.append(.sealedThinking(data)) }
        case "tool_use":
            // Some servers send the arguments at once.
            let input = block["input"].flatMap { $0.kind == .object && !$0.isEmpty ? Array($0.bytes) : nil }
            events.append(
                .toolCallBegan(
                    index: self.calls, id: block["id"]?.string ?? "", name: block["name"]?.string ?? ""))
            if let input { events.append(.toolArguments(index: self.calls, input)) }
            // Blocks come one behind the other; so many are open at once with nobody who means well.
            if self.open.count < 256 { self.open[index] = OpenCall(call: self.calls, hasArguments: input != nil) }
            self.calls += 1
        default: break
        }
    }

    private mutating func add(_ delta: JSONView, at index: Int, into events: inout [AnswerEvent]) {
        var type: ArraySlice<UInt8> = []
        var content: JSONView?
        delta.forEachMember { key, value in
            if key.equals("type") {
                type = value.bytes.dropFirst().dropLast()
            } else if key.equals("text") || key.equals("partial_json") || key.equals("thinking")
                || key.equals("signature")
            {
                content = value
            }
        }
        if type.equals("text_delta") {
            Self.tell(content, into: &events) { .text($0) }
        } else if type.equals("input_json_delta") {
            guard let call = self.open[index], let more = content?.stringBytes, !more.isEmpty else { return }
            self.open[index]?.hasArguments = true
            events.append(.toolArguments(index: call.call, more))
        } else if type.equals("thinking_delta") {
            Self.tell(content, into: &events) { .thinking($0) }
        } else if type.equals("signature_delta") {
            Self.tell(content, into: &events) { .thinkingSignature($0) }
        }
    }

    /// A call without arguments has an empty object of them.
    private mutating func end(at index: Int, into events: inout [AnswerEvent]) {
        guard let call = self.open.removeValue(forKey: index), !call.hasArguments else { return }
        events.append(.toolArguments(index: call.call, Array("{}".utf8)))
    }

    private static func tell(
        _ value: JSONView?, into events: inout [AnswerEvent], _ event: (String) -> AnswerEvent
    ) {
        if let text = value?.string, !text.isEmpty { events.append(event(text)) }
    }

    // MARK: The end

    /// `holder` has `stop_sequence` and `stop_details` beside the reason. One that is unknown is an end like another.
    private mutating func readStop(_ reason: String, _ holder: JSONView, into events: inout [AnswerEvent]) {
        switch reason {
        case "max_tokens", "model_context_window_exceeded": self.stop = .length
        case "tool_use": self.stop = .toolCalls
        case "stop_sequence": self.stop = .stop(text: holder["stop_sequence"]?.string)
        case "refusal":
            self.stop = .contentFilter
            Self.tell(holder["stop_details"]?["explanation"], into: &events) { .refusal($0) }
        default: self.stop = .stop(text: nil)
        }
    }

    private static func failure(_ body: JSONView) -> String {
        let error = body["error"] ?? body
        let words = [error["type"]?.string, error["message"]?.string].compactMap { $0 }
        return words.isEmpty ? "the answer is no message" : words.joined(separator: ": ")
    }
}
