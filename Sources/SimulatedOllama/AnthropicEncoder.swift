/// `/v1/messages` (`ollama.md` 5). Every event is a piece of its own.
struct AnthropicEncoder: RecordEncoder {
    private enum Block {
        case none, thinking, text
    }

    private let frame: AnswerFrame
    private let id: String
    private var isStarted = false
    private var index = 0
    private var block = Block.none
    private var hasCalledTools = false

    init(_ frame: AnswerFrame) {
        self.frame = frame
        var identifiers = frame.identifiers
        self.id = Identifiers.hex(24, from: &identifiers)
    }

    mutating func encode(_ record: Record, into chunks: inout Chunks) {
        self.start(record, into: &chunks)
        if !record.thinking.isEmpty { self.delta(record.thinking, in: .thinking, into: &chunks) }
        if !record.content.isEmpty { self.delta(record.content, in: .text, into: &chunks) }
        for call in record.toolCalls { self.call(call, into: &chunks) }
        if let finish = record.finish { self.stop(finish, into: &chunks) }
    }

    /// Nothing: the stream just ends.
    mutating func encodeDeath(into chunks: inout Chunks) {}

    private func event(_ name: StaticString, into chunks: inout Chunks, _ body: (inout [UInt8]) -> Void) {
        chunks.put { out in
            out.put("event: ")
            out.put(name)
            out.put("\ndata: {\"type\":\"")
            out.put(name)
            out.put("\"")
            body(&out)
            out.put("}\n\n")
        }
        chunks.cut()
    }

    private mutating func start(_ record: Record, into chunks: inout Chunks) {
        if self.isStarted { return }
        self.isStarted = true
        self.event("message_start", into: &chunks) { out in
            out.put(",\"message\":{\"id\":\"msg_")
            out.put(text: self.id)
            out.put("\",\"type\":\"message\",\"role\":\"assistant\",\"model\":")
            out.put(quotedText: self.frame.model)
            out.put(",\"content\":[],")
            let known = record.finish?.metrics.promptTokens
            Usage.writeAnthropic(input: known ?? self.frame.promptGuess, output: 0, into: &out)
            out.put("}")
        }
        if self.frame.search != nil { self.search(into: &chunks) }
    }

    private mutating func search(into chunks: inout Chunks) {
        for block in self.searchBlocks {
            self.startBlock(block, into: &chunks)
            self.stopBlock(into: &chunks)
        }
    }

    private func startBlock(_ block: [UInt8], into chunks: inout Chunks) {
        self.event("content_block_start", into: &chunks) { out in
            out.put(",\"index\":")
            out.put(self.index)
            out.put(",\"content_block\":")
            out += block
        }
    }

    private mutating func stopBlock(into chunks: inout Chunks) {
        self.event("content_block_stop", into: &chunks) { out in
            out.put(",\"index\":")
            out.put(self.index)
        }
        self.index += 1
        self.block = .none
    }

    private mutating func delta(_ text: [UInt8], in block: Block, into chunks: inout Chunks) {
        if self.block != block {
            if self.block != .none { self.stopBlock(into: &chunks) }
            self.block = block
            self.startBlock(
                Array(
                    (block == .thinking
                        ? "{\"type\":\"thinking\",\"thinking\":\"\"}" : "{\"type\":\"text\",\"text\":\"\"}").utf8),
                into: &chunks)
        }
        self.event("content_block_delta", into: &chunks) { out in
            out.put(",\"index\":")
            out.put(self.index)
            out.put(
                block == .thinking
                    ? ",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":"
                    : ",\"delta\":{\"type\":\"text_delta\",\"text\":")
            out.put(quoted: text)
            out.put("}")
        }
    }

    private mutating func call(_ call: ToolCall, into chunks: inout Chunks) {
        if self.block != .none { self.stopBlock(into: &chunks) }
        self.hasCalledTools = true
        self.startBlock(Self.toolUse(call, input: Array("{}".utf8)), into: &chunks)
        self.event("content_block_delta", into: &chunks) { out in
            out.put(",\"index\":")
            out.put(self.index)
            out.put(",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":")
            out.put(quoted: call.arguments)
            out.put("}")
        }
        self.stopBlock(into: &chunks)
    }

    private mutating func stop(_ finish: Record.Finish, into chunks: inout Chunks) {
        if self.block != .none { self.stopBlock(into: &chunks) }
        self.event("message_delta", into: &chunks) { out in
            out.put(",\"delta\":{\"stop_reason\":\"")
            out.put(Self.stopReason(finish.reason, calledTools: self.hasCalledTools))
            out.put("\"},")
            Usage.writeAnthropic(
                input: finish.metrics.promptTokens, output: finish.metrics.outputTokens, into: &out)
        }
        self.event("message_stop", into: &chunks) { _ in }
    }

    private static func stopReason(_ reason: Record.Reason, calledTools: Bool) -> StaticString {
        if calledTools { return "tool_use" }
        switch reason {
        case .stop: return "end_turn"
        case .length: return "max_tokens"
        }
    }

    private static func toolUse(_ call: ToolCall, input: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.put("{\"type\":\"tool_use\",\"id\":")
        out.put(quotedText: call.id)
        out.put(",\"name\":")
        out.put(quotedText: call.name)
        out.put(",\"input\":")
        out += input
        out.put("}")
        return out
    }

    /// The search and its result, which is always the same: nothing leaves the simulation, so it is unavailable, as it
    /// is on a real server without a way out or with its cloud off.
    private var searchBlocks: [[UInt8]] {
        guard let search = self.frame.search else { return [] }
        var use: [UInt8] = []
        use.put("{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_")
        use.put(text: self.id)
        use.put("\",\"name\":\"web_search\",\"input\":{\"query\":")
        use.put(quoted: search.query)
        use.put("}}")
        var result: [UInt8] = []
        result.put("{\"type\":\"web_search_tool_result\",\"tool_use_id\":\"srvtoolu_")
        result.put(text: self.id)
        result.put("\",\"content\":{\"type\":\"web_search_tool_result_error\",\"error_code\":\"unavailable\"}}")
        return [use, result]
    }

    mutating func whole(_ record: Record) -> [UInt8] {
        var blocks = self.searchBlocks
        if !record.thinking.isEmpty { blocks.append(Self.block("thinking", "thinking", record.thinking)) }
        if !record.content.isEmpty { blocks.append(Self.block("text", "text", record.content)) }
        blocks += record.toolCalls.map { Self.toolUse($0, input: $0.arguments) }
        var out: [UInt8] = []
        out.put("{\"id\":\"msg_")
        out.put(text: self.id)
        out.put("\",\"type\":\"message\",\"role\":\"assistant\",\"model\":")
        out.put(quotedText: self.frame.model)
        out.put(",\"content\":[")
        out += blocks.joined(separator: [UInt8(ascii: ",")])
        out.put("],")
        if let finish = record.finish {
            out.put("\"stop_reason\":\"")
            out.put(Self.stopReason(finish.reason, calledTools: !record.toolCalls.isEmpty))
            out.put("\",")
        }
        Usage.writeAnthropic(
            input: record.finish?.metrics.promptTokens ?? 0, output: record.finish?.metrics.outputTokens ?? 0,
            into: &out)
        out.put("}\n")
        return out
    }

    private static func block(_ type: StaticString, _ member: StaticString, _ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.put("{\"type\":\"")
        out.put(type)
        out.put("\",\"")
        out.put(member)
        out.put("\":")
        out.put(quoted: text)
        out.put("}")
        return out
    }
}
