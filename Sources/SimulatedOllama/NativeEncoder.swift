import Vocabulary

/// `/api/chat` and `/api/generate` (`ollama.md` 3, Answers).
struct NativeEncoder: RecordEncoder {
    private let frame: AnswerFrame
    private let operation: Job.Operation
    /// `{"model":"...", ... "created_at":"`, the same in every record.
    private let opening: [UInt8]

    init(_ operation: Job.Operation, _ frame: AnswerFrame) {
        self.frame = frame
        self.operation = operation
        var opening: [UInt8] = []
        opening.put("{\"model\":")
        opening.put(quotedText: frame.model)
        if let remote = frame.remote {
            opening.put(",\"remote_model\":")
            opening.put(quotedText: remote.model)
            opening.put(",\"remote_host\":")
            opening.put(quotedText: remote.host)
        }
        opening.put(",\"created_at\":\"")
        self.opening = opening
    }

    mutating func encode(_ record: Record, into chunks: inout Chunks) {
        chunks.put { out in
            self.write(record, into: &out)
            out.put("\n")
        }
        chunks.cut()
    }

    mutating func encodeDeath(into chunks: inout Chunks) {
        chunks.put { out in
            out += Failure.runnerDied.body(.native, requestID: "")
            out.put("\n")
        }
        chunks.cut()
    }

    mutating func whole(_ record: Record) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(record.content.count + 512)
        self.write(record, into: &out)
        return out
    }

    /// The answer to a call that only loads or unloads: no times in it.
    func bare(_ reason: StaticString) -> [UInt8] {
        var out = self.opening
        self.frame.createdAt.write(into: &out)
        out.put(
            self.operation == .chat
                ? "\",\"message\":{\"role\":\"assistant\",\"content\":\"\"}" : "\",\"response\":\"\"")
        out.put(",\"done\":true,\"done_reason\":\"")
        out.put(reason)
        out.put("\"}")
        return out
    }

    /// `_debug_render_only`.
    func rendered(_ prompt: [UInt8]) -> [UInt8] {
        var out = self.opening
        self.frame.createdAt.write(into: &out)
        out.put(self.operation == .chat ? "\",\"message\":{\"role\":\"\",\"content\":\"\"}" : "\",\"response\":\"\"")
        out.put(",\"done\":false,\"_debug_info\":{\"rendered_template\":")
        out.put(quoted: prompt)
        out.put("}}")
        return out
    }

    private func write(_ record: Record, into out: inout [UInt8]) {
        out += self.opening
        record.createdAt.write(into: &out)
        switch self.operation {
        case .chat: self.writeMessage(record, into: &out)
        case .generate:
            out.put("\",\"response\":")
            out.put(quoted: record.content)
            if !record.thinking.isEmpty {
                out.put(",\"thinking\":")
                out.put(quoted: record.thinking)
            }
        }
        out.put(record.finish == nil ? ",\"done\":false" : ",\"done\":true")
        if let finish = record.finish {
            out.put(",\"done_reason\":\"")
            out.put(finish.reason.name)
            out.put("\"")
        }
        if self.operation == .generate, self.frame.showsContext, let finish = record.finish {
            self.writeContext(finish.metrics.promptTokens + finish.metrics.outputTokens, into: &out)
        }
        if !record.logprobs.isEmpty {
            out.put(",\"logprobs\":")
            TokenLogprob.write(record.logprobs, into: &out)
        }
        if let finish = record.finish { Self.write(finish.metrics, into: &out) }
        out.put("}")
    }

    private func writeMessage(_ record: Record, into out: inout [UInt8]) {
        out.put("\",\"message\":{\"role\":\"assistant\",\"content\":")
        out.put(quoted: record.content)
        if !record.thinking.isEmpty {
            out.put(",\"thinking\":")
            out.put(quoted: record.thinking)
        }
        if !record.toolCalls.isEmpty {
            out.put(",\"tool_calls\":[")
            for call in record.toolCalls {
                if call.index > 0 { out.put(",") }
                out.put("{\"id\":")
                out.put(quotedText: call.id)
                out.put(",\"function\":{\"index\":")
                out.put(call.index)
                out.put(",\"name\":")
                out.put(quotedText: call.name)
                out.put(",\"arguments\":")
                out += call.arguments
                out.put("}}")
            }
            out.put("]")
        }
        out.put("}")
    }

    /// Token numbers that belong to the prompt; they mean nothing, but there are as many as there should be.
    private func writeContext(_ count: Int, into out: inout [UInt8]) {
        var generator = SeededGenerator(seed: self.frame.promptHash)
        out.put(",\"context\":[")
        for index in 0..<count {
            if index > 0 { out.put(",") }
            out.put(256 + Int(generator.next() >> 49))
        }
        out.put("]")
    }

    /// Zero values are left out.
    private static func write(_ metrics: Record.Metrics, into out: inout [UInt8]) {
        let members: [(StaticString, Int)] = [
            (",\"total_duration\":", metrics.total), (",\"load_duration\":", metrics.load),
            (",\"prompt_eval_count\":", metrics.promptTokens),
            (",\"prompt_eval_duration\":", metrics.promptEvaluation), (",\"eval_count\":", metrics.outputTokens),
            (",\"eval_duration\":", metrics.evaluation),
        ]
        for (name, value) in members where value != 0 {
            out.put(name)
            out.put(value)
        }
    }
}
