/// `/v1/chat/completions` (`ollama.md` 4).
struct OpenAIChatEncoder: RecordEncoder {
    private let frame: AnswerFrame
    private let id: Int
    private var hasToldRole = false
    private var hasCalledTools = false

    init(_ frame: AnswerFrame) {
        self.frame = frame
        var identifiers = frame.identifiers
        self.id = Identifiers.number(below: 999, from: &identifiers)
    }

    mutating func encode(_ record: Record, into chunks: inout Chunks) {
        let isEmpty = record.content.isEmpty && record.thinking.isEmpty && record.toolCalls.isEmpty
        self.hasCalledTools = self.hasCalledTools || !record.toolCalls.isEmpty
        chunks.put { out in
            if !isEmpty {
                self.open(model: self.frame.model, into: &out)
                self.writeDelta(record, into: &out)
                out.put(",\"finish_reason\":null")
                self.writeLogprobs(record, into: &out)
                out.put("}]}\n\n")
            }
            if let finish = record.finish { self.writeFinish(finish, into: &out) }
        }
        self.hasToldRole = self.hasToldRole || !isEmpty
        chunks.cut()
    }

    /// An empty chunk of no model: the error itself is swallowed.
    mutating func encodeDeath(into chunks: inout Chunks) {
        chunks.put { out in
            self.open(model: "", into: &out)
            out.put("\"delta\":{\"content\":\"\"},\"finish_reason\":null}]}\n\n")
        }
        chunks.cut()
    }

    private func open(model: String, into out: inout [UInt8]) {
        self.openEvent(model: model, into: &out)
        out.put("\"choices\":[{\"index\":0,")
    }

    private func openEvent(model: String, into out: inout [UInt8]) {
        out.put("data: ")
        self.openObject("chat.completion.chunk", model: model, into: &out)
    }

    private func openObject(_ object: StaticString, model: String, into out: inout [UInt8]) {
        out.put("{\"id\":\"chatcmpl-")
        out.put(self.id)
        out.put("\",\"object\":\"")
        out.put(object)
        out.put("\",\"created\":")
        out.put(Int(self.frame.createdAt.wall.seconds))
        out.put(",\"model\":")
        out.put(quotedText: model)
        out.put(",\"system_fingerprint\":\"fp_ollama\",")
    }

    private func writeDelta(_ record: Record, into out: inout [UInt8]) {
        out.put("\"delta\":{")
        if !self.hasToldRole || !self.frame.version.framesStreamsAnew { out.put("\"role\":\"assistant\",") }
        Self.writeMessage(record, into: &out)
        out.put("}")
    }

    private static func writeMessage(_ record: Record, into out: inout [UInt8]) {
        out.put("\"content\":")
        out.put(quoted: record.content)
        if !record.thinking.isEmpty {
            out.put(",\"reasoning\":")
            out.put(quoted: record.thinking)
        }
        guard !record.toolCalls.isEmpty else { return }
        out.put(",\"tool_calls\":[")
        for call in record.toolCalls {
            if call.index > 0 { out.put(",") }
            out.put("{\"id\":")
            out.put(quotedText: call.id)
            out.put(",\"index\":")
            out.put(call.index)
            out.put(",\"type\":\"function\",\"function\":{\"name\":")
            out.put(quotedText: call.name)
            out.put(",\"arguments\":")
            out.put(quoted: call.arguments)
            out.put("}}")
        }
        out.put("]")
    }

    private func writeLogprobs(_ record: Record, into out: inout [UInt8]) {
        guard !record.logprobs.isEmpty else { return }
        out.put(",\"logprobs\":{\"content\":")
        TokenLogprob.write(record.logprobs, into: &out)
        out.put("}")
    }

    private func writeFinish(_ finish: Record.Finish, into out: inout [UInt8]) {
        self.open(model: self.frame.model, into: &out)
        out.put(
            self.frame.version.framesStreamsAnew
                ? "\"delta\":{},\"finish_reason\":\""
                : "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":\"")
        out.put(self.hasCalledTools ? "tool_calls" : finish.reason.name)
        out.put("\"}]}\n\n")
        if self.frame.wantsUsage {
            self.openEvent(model: self.frame.model, into: &out)
            out.put("\"choices\":[],")
            Usage.writeOpenAI(finish.metrics, into: &out)
            out.put("}\n\n")
        }
        out.put("data: [DONE]\n\n")
    }

    mutating func whole(_ record: Record) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(record.content.count + 512)
        self.openObject("chat.completion", model: self.frame.model, into: &out)
        out.put("\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",")
        Self.writeMessage(record, into: &out)
        out.put("},\"finish_reason\":")
        if let finish = record.finish {
            out.put("\"")
            out.put(record.toolCalls.isEmpty ? finish.reason.name : "tool_calls")
            out.put("\"")
        } else {
            out.put("null")
        }
        self.writeLogprobs(record, into: &out)
        out.put("}],")
        Usage.writeOpenAI(record.finish?.metrics ?? .init(), into: &out)
        out.put("}\n")
        return out
    }
}

/// `/v1/completions` (`ollama.md` 4).
struct CompletionsEncoder: RecordEncoder {
    private let frame: AnswerFrame
    private let id: Int

    init(_ frame: AnswerFrame) {
        self.frame = frame
        var identifiers = frame.identifiers
        self.id = Identifiers.number(below: 999, from: &identifiers)
    }

    mutating func encode(_ record: Record, into chunks: inout Chunks) {
        chunks.put { out in
            self.writeChunk(record.content, record.finish?.reason, model: self.frame.model, into: &out)
            if let finish = record.finish {
                if self.frame.wantsUsage { self.writeUsage(finish.metrics, into: &out) }
                out.put("data: [DONE]\n\n")
            }
        }
        chunks.cut()
    }

    mutating func encodeDeath(into chunks: inout Chunks) {
        chunks.put { out in self.writeChunk([], nil, model: "", into: &out) }
        chunks.cut()
    }

    private func openEvent(into out: inout [UInt8]) {
        out.put("data: {\"id\":\"cmpl-")
        out.put(self.id)
        out.put("\",\"object\":\"text_completion\",\"created\":")
        out.put(Int(self.frame.createdAt.wall.seconds))
    }

    private func writeChunk(_ text: [UInt8], _ reason: Record.Reason?, model: String, into out: inout [UInt8]) {
        self.openEvent(into: &out)
        out.put(",\"choices\":[")
        Self.writeChoice(text, reason, into: &out)
        out.put("],\"model\":")
        out.put(quotedText: model)
        out.put(",\"system_fingerprint\":\"fp_ollama\"")
        if self.frame.wantsUsage {
            out.put(",")
            Usage.writeOpenAI(.init(), into: &out)
        }
        out.put("}\n\n")
    }

    private static func writeChoice(_ text: [UInt8], _ reason: Record.Reason?, into out: inout [UInt8]) {
        out.put("{\"text\":")
        out.put(quoted: text)
        out.put(",\"index\":0,\"finish_reason\":")
        if let reason {
            out.put("\"")
            out.put(reason.name)
            out.put("\"}")
        } else {
            out.put("null}")
        }
    }

    private func writeUsage(_ metrics: Record.Metrics, into out: inout [UInt8]) {
        self.openEvent(into: &out)
        out.put(",\"choices\":[],\"model\":")
        out.put(quotedText: self.frame.model)
        out.put(",\"system_fingerprint\":\"fp_ollama\",")
        Usage.writeOpenAI(metrics, into: &out)
        out.put("}\n\n")
    }

    mutating func whole(_ record: Record) -> [UInt8] {
        var out: [UInt8] = []
        out.put("{\"id\":\"cmpl-")
        out.put(self.id)
        out.put("\",\"object\":\"text_completion\",\"created\":")
        out.put(Int(self.frame.createdAt.wall.seconds))
        out.put(",\"model\":")
        out.put(quotedText: self.frame.model)
        out.put(",\"system_fingerprint\":\"fp_ollama\",\"choices\":[")
        Self.writeChoice(record.content, record.finish?.reason, into: &out)
        out.put("],")
        Usage.writeOpenAI(record.finish?.metrics ?? .init(), into: &out)
        out.put("}\n")
        return out
    }
}

enum Usage {
    /// `"usage":{...}` with OpenAI's names.
    static func writeOpenAI(_ metrics: Record.Metrics, into out: inout [UInt8]) {
        out.put("\"usage\":{\"prompt_tokens\":")
        out.put(metrics.promptTokens)
        out.put(",\"completion_tokens\":")
        out.put(metrics.outputTokens)
        out.put(",\"total_tokens\":")
        out.put(metrics.promptTokens + metrics.outputTokens)
        out.put("}")
    }

    /// `"usage":{...}` with Anthropic's names.
    static func writeAnthropic(input: Int, output: Int, into out: inout [UInt8]) {
        out.put("\"usage\":{\"input_tokens\":")
        out.put(input)
        out.put(",\"output_tokens\":")
        out.put(output)
        out.put("}")
    }
}
