/// `/v1/responses` (`ollama.md` 4). Every event is a piece of its own, with `event:` and `sequence_number`.
struct ResponsesEncoder: RecordEncoder {
    private enum Item {
        case none, reasoning, message
    }

    let frame: AnswerFrame
    private let number: Int
    private let messageNumber: Int
    private let itemNumber: Int
    private var sequence = 0
    private var item = Item.none
    private var isStarted = false
    private var output: [ObjectWriter] = []
    private var text: [UInt8] = []

    init(_ frame: AnswerFrame) {
        self.frame = frame
        var identifiers = frame.identifiers
        self.number = Identifiers.number(below: 1_000_000, from: &identifiers)
        self.messageNumber = Identifiers.number(below: 1_000_000, from: &identifiers)
        self.itemNumber = Identifiers.number(below: 1_000_000, from: &identifiers)
    }

    mutating func encode(_ record: Record, into chunks: inout Chunks) {
        self.start(into: &chunks)
        if !record.thinking.isEmpty { self.delta(record.thinking, in: .reasoning, into: &chunks) }
        if !record.content.isEmpty { self.delta(record.content, in: .message, into: &chunks) }
        for call in record.toolCalls { self.call(call, into: &chunks) }
        if let finish = record.finish {
            self.endItem(into: &chunks)
            self.response(
                "response.completed", status: "completed", completedAt: record.createdAt, metrics: finish.metrics,
                into: &chunks)
        }
    }

    /// Nothing: the stream just ends.
    mutating func encodeDeath(into chunks: inout Chunks) {}

    mutating func whole(_ record: Record) -> [UInt8] {
        if let search = self.searchItem { self.output.append(search) }
        if !record.thinking.isEmpty {
            self.output.append(Self.reasoningItem("rs_resp_\(self.number)", text: record.thinking))
        }
        if record.toolCalls.isEmpty {
            self.output.append(self.messageItem(text: record.content))
        }
        for call in record.toolCalls {
            self.output.append(Self.callItem(call, id: "fc_resp_\(self.number)_\(call.index)", isDone: true))
        }
        var out: [UInt8] = []
        self.responseObject(
            status: "completed", completedAt: record.createdAt, metrics: record.finish?.metrics ?? .init()
        )
        .write(sorted: false, into: &out)
        out.put("\n")
        return out
    }

    // MARK: Events

    private mutating func event(_ name: StaticString, into chunks: inout Chunks, _ object: ObjectWriter) {
        var object = object
        object.add("sequence_number", number: self.sequence)
        object.add("type") { out, _ in
            out.put("\"")
            out.put(name)
            out.put("\"")
        }
        self.sequence += 1
        chunks.put { out in
            out.put("event: ")
            out.put(name)
            out.put("\ndata: ")
            object.write(sorted: true, into: &out)
            out.put("\n\n")
        }
        chunks.cut()
    }

    private mutating func response(
        _ name: StaticString, status: StaticString, completedAt: Timestamp?, metrics: Record.Metrics?,
        into chunks: inout Chunks
    ) {
        var object = ObjectWriter()
        object.add("response", self.responseObject(status: status, completedAt: completedAt, metrics: metrics))
        self.event(name, into: &chunks, object)
    }

    private mutating func start(into chunks: inout Chunks) {
        if self.isStarted { return }
        self.isStarted = true
        self.response("response.created", status: "in_progress", completedAt: nil, metrics: nil, into: &chunks)
        self.response("response.in_progress", status: "in_progress", completedAt: nil, metrics: nil, into: &chunks)
        guard let search = self.searchItem else { return }
        for name: StaticString in ["response.output_item.added", "response.output_item.done"] {
            self.itemEvent(name, search, into: &chunks)
        }
        self.output.append(search)
    }

    private mutating func itemEvent(_ name: StaticString, _ item: ObjectWriter, into chunks: inout Chunks) {
        var object = ObjectWriter()
        object.add("item", item)
        object.add("output_index", number: self.output.count)
        self.event(name, into: &chunks, object)
    }

    private mutating func delta(_ text: [UInt8], in item: Item, into chunks: inout Chunks) {
        if self.item != item {
            self.endItem(into: &chunks)
            self.beginItem(item, into: &chunks)
        }
        self.text += text
        var object = self.position(of: item)
        object.add("delta", bytes: text)
        switch item {
        case .none: break
        case .reasoning: self.event("response.reasoning_summary_text.delta", into: &chunks, object)
        case .message:
            object.add("logprobs", json: "[]")
            self.event("response.output_text.delta", into: &chunks, object)
        }
    }

    private func position(of item: Item) -> ObjectWriter {
        var object = ObjectWriter()
        object.add("item_id", text: item == .reasoning ? "rs_\(self.itemNumber)" : "msg_\(self.messageNumber)")
        object.add("output_index", number: self.output.count)
        object.add(item == .reasoning ? "summary_index" : "content_index", number: 0)
        return object
    }

    private mutating func beginItem(_ item: Item, into chunks: inout Chunks) {
        self.item = item
        self.text = []
        if item == .reasoning {
            var empty = ObjectWriter()
            empty.add("id", text: "rs_\(self.itemNumber)")
            empty.add("summary", json: "[]")
            empty.add("type", json: "\"reasoning\"")
            self.itemEvent("response.output_item.added", empty, into: &chunks)
        } else {
            self.itemEvent("response.output_item.added", self.messageItem(text: nil), into: &chunks)
            var object = self.position(of: item)
            object.add("part", Self.textPart([]))
            self.event("response.content_part.added", into: &chunks, object)
        }
    }

    private mutating func endItem(into chunks: inout Chunks) {
        let item = self.item
        self.item = .none
        var object = self.position(of: item)
        let done: ObjectWriter
        switch item {
        case .none: return
        case .reasoning:
            object.add("text", bytes: self.text)
            self.event("response.reasoning_summary_text.done", into: &chunks, object)
            done = Self.reasoningItem("rs_\(self.itemNumber)", text: self.text)
        case .message:
            object.add("part", Self.textPart(self.text))
            var textObject = self.position(of: item)
            textObject.add("logprobs", json: "[]")
            textObject.add("text", bytes: self.text)
            self.event("response.output_text.done", into: &chunks, textObject)
            self.event("response.content_part.done", into: &chunks, object)
            done = self.messageItem(text: self.text)
        }
        self.itemEvent("response.output_item.done", done, into: &chunks)
        self.output.append(done)
    }

    private mutating func call(_ call: ToolCall, into chunks: inout Chunks) {
        self.endItem(into: &chunks)
        let id = "fc_\(self.itemNumber)_\(call.index)"
        self.itemEvent("response.output_item.added", Self.callItem(call, id: id, isDone: false), into: &chunks)
        for (name, member) in [
            ("response.function_call_arguments.delta", "delta"), ("response.function_call_arguments.done", "arguments"),
        ] as [(StaticString, StaticString)] {
            var object = ObjectWriter()
            object.add(member, bytes: call.arguments)
            object.add("item_id", text: id)
            object.add("output_index", number: self.output.count)
            self.event(name, into: &chunks, object)
        }
        let done = Self.callItem(call, id: id, isDone: true)
        self.itemEvent("response.output_item.done", done, into: &chunks)
        self.output.append(done)
    }
}

extension ResponsesEncoder {
    // MARK: Objects

    private static func textPart(_ text: [UInt8]) -> ObjectWriter {
        var part = ObjectWriter()
        part.add("type", json: "\"output_text\"")
        part.add("text", bytes: text)
        part.add("annotations", json: "[]")
        part.add("logprobs", json: "[]")
        return part
    }

    private func messageItem(text: [UInt8]?) -> ObjectWriter {
        var item = ObjectWriter()
        item.add("id", text: "msg_\(self.messageNumber)")
        item.add("type", json: "\"message\"")
        item.add("status", json: text == nil ? "\"in_progress\"" : "\"completed\"")
        item.add("role", json: "\"assistant\"")
        item.add("content", text.map { [Self.textPart($0)] } ?? [])
        return item
    }

    private static func reasoningItem(_ id: String, text: [UInt8]) -> ObjectWriter {
        var summary = ObjectWriter()
        summary.add("type", json: "\"summary_text\"")
        summary.add("text", bytes: text)
        var item = ObjectWriter()
        item.add("id", text: id)
        item.add("type", json: "\"reasoning\"")
        item.add("summary", [summary])
        item.add("encrypted_content", bytes: text)
        return item
    }

    private static func callItem(_ call: ToolCall, id: String, isDone: Bool) -> ObjectWriter {
        var item = ObjectWriter()
        item.add("id", text: id)
        item.add("type", json: "\"function_call\"")
        item.add("status", json: isDone ? "\"completed\"" : "\"in_progress\"")
        item.add("call_id", text: call.id)
        item.add("name", text: call.name)
        item.add("arguments", bytes: isDone ? call.arguments : [])
        return item
    }

    private var searchItem: ObjectWriter? {
        guard let search = self.frame.search else { return nil }
        var action = ObjectWriter()
        action.add("type", json: "\"search\"")
        action.add("query", bytes: search.query)
        var item = ObjectWriter()
        item.add("id", text: "ws_\(self.itemNumber)")
        item.add("type", json: "\"web_search_call\"")
        item.add("status", json: "\"completed\"")
        item.add("action", action)
        return item
    }

    private func responseObject(status: StaticString, completedAt: Timestamp?, metrics: Record.Metrics?) -> ObjectWriter
    {
        let echo = self.frame.echo
        var object = ObjectWriter()
        object.add("id", text: "resp_\(self.number)")
        object.add("object", json: "\"response\"")
        object.add("created_at", number: Int(self.frame.createdAt.wall.seconds))
        object.add("completed_at") { out, _ in
            if let completedAt { out.put(Int(completedAt.wall.seconds)) } else { out.put("null") }
        }
        object.add("status") { out, _ in out.put(quotedText: status.description) }
        object.add("incomplete_details", json: "null")
        object.add("model", text: self.frame.model)
        object.add("previous_response_id", json: "null")
        object.add("instructions", echo.instructions.map { .string($0) }, else: "null")
        object.add("output", self.output)
        object.add("error", json: "null")
        object.add("tools", echo.tools.compactMap(Self.toolEcho))
        object.add("tool_choice", json: "\"auto\"")
        object.add("truncation", echo.truncation, else: "\"disabled\"")
        object.add("parallel_tool_calls", json: "true")
        object.add("text", echo.text, else: "{\"format\":{\"type\":\"text\"}}")
        object.add("top_p", echo.topP, else: "1")
        object.add("presence_penalty", json: "0")
        object.add("frequency_penalty", json: "0")
        object.add("top_logprobs", json: "0")
        object.add("temperature", echo.temperature, else: "1")
        object.add("reasoning", echo.reasoning, else: "null")
        if let metrics { object.add("usage", Self.usage(metrics)) } else { object.add("usage", json: "null") }
        object.add("max_output_tokens", echo.maxOutputTokens, else: "null")
        object.add("max_tool_calls", json: "null")
        object.add("store", json: "false")
        object.add("background", json: "false")
        object.add("service_tier", json: "\"default\"")
        object.add("metadata", json: "{}")
        object.add("safety_identifier", json: "null")
        object.add("prompt_cache_key", json: "null")
        return object
    }

    private static func toolEcho(_ tool: JSONValue) -> ObjectWriter? {
        guard let given = tool.object else { return nil }
        var object = ObjectWriter()
        for name: StaticString in ["type", "name", "description", "strict", "parameters"] {
            if let value = given.field(name) { object.add(name, value, else: "null") }
        }
        return object
    }

    private static func usage(_ metrics: Record.Metrics) -> ObjectWriter {
        var cached = ObjectWriter()
        cached.add("cached_tokens", number: 0)
        var reasoning = ObjectWriter()
        reasoning.add("reasoning_tokens", number: 0)
        var usage = ObjectWriter()
        usage.add("input_tokens", number: metrics.promptTokens)
        usage.add("output_tokens", number: metrics.outputTokens)
        usage.add("total_tokens", number: metrics.promptTokens + metrics.outputTokens)
        usage.add("input_tokens_details", cached)
        usage.add("output_tokens_details", reasoning)
        return usage
    }
}
