/// Content blocks as they are written in requests.
extension AnthropicMessages {
    static func write(_ turns: AnthropicTurns, _ body: inout JSONWriter) {
        if !turns.system.isEmpty {
            body.key("system")
            Self.write(turns.system.map { .text($0) }, &body)
        }
        body.key("messages")
        body.array { list in
            for turn in turns.messages {
                list.object { message in
                    message.member("role", turn.role == .assistant ? "assistant" : "user")
                    message.key("content")
                    Self.write(turn.parts, &message)
                }
            }
        }
    }

    /// One text as such, everything else as blocks.
    private static func write(_ parts: [ChatPart], _ json: inout JSONWriter) {
        if parts.count == 1, case .text(let text) = parts[0] { return json.string(text) }
        json.array { blocks in
            for part in parts { blocks.object { Self.write(part, &$0) } }
        }
    }

    private static func write(_ part: ChatPart, _ block: inout JSONWriter) {
        switch part {
        case .text(let text), .refusal(let text):
            block.member("type", "text")
            block.member("text", text)
        case .image(let image):
            block.member("type", "image")
            block.key("source")
            block.object { source in
                source.member("type", "base64")
                source.member("media_type", image.mediaTypeOrSniffed ?? "image/png")
                source.key("data")
                source.string(escaped: image.base64)
            }
        case .thinking(let text, let signature):
            block.member("type", "thinking")
            block.member("thinking", text)
            block.member("signature", signature ?? "")
        case .sealedThinking(let data):
            block.member("type", "redacted_thinking")
            block.member("data", data)
        case .toolCall(let call): Self.write(call, &block)
        case .toolResult(let result):
            block.member("type", "tool_result")
            block.member("tool_use_id", result.id)
            if !result.parts.isEmpty {
                block.key("content")
                Self.write(result.parts, &block)
            }
            if result.isError { block.member("is_error", true) }
        }
    }

    /// A call, in a request or in an answer.
    static func write(_ call: ToolCall, _ block: inout JSONWriter) {
        block.member("type", "tool_use")
        block.member("id", call.id)
        block.member("name", call.name)
        block.key("input")
        block.raw(call.argumentsObject)
    }
}

extension ToolCall {
    /// The arguments as a JSON object, which two of the dialects want: `{}` if there are none. What a model wrote that
    /// is no object goes as the text that it is, in the member `arguments`, so that nothing of it is lost or made up.
    var argumentsObject: [UInt8] {
        if let view = try? JSONView(self.arguments), view.kind == .object { return Array(view.bytes) }
        if self.arguments.allSatisfy({ $0 <= 0x20 }) { return Array("{}".utf8) }
        var json = JSONWriter(capacity: self.arguments.count + 32)
        json.object { $0.member("arguments", String(decoding: self.arguments, as: UTF8.self)) }
        return json.bytes
    }
}
