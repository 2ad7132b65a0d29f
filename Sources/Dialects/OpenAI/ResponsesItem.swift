/// One item of a response's `output`.
///
/// Source: OpenAI API reference, "The response object", output.
struct ResponsesItem: Sendable {
    /// A part of a message.
    enum Part: Sendable {
        /// Words, with the elements of their probabilities as JSON, comma between.
        case text(String, probabilities: [UInt8])
        case refusal(String)
    }

    enum Content: Sendable {
        case message([Part])
        /// The thinking goes into the summary, which is what clients show; the seal comes back with it.
        case reasoning(String, seal: String?)
        /// A call: of a custom tool, `arguments` is its input.
        case call(ResponsesNames.Tool, callID: String, arguments: [UInt8])
    }

    enum Status: String, Sendable {
        case inProgress = "in_progress"
        case completed
        case incomplete
    }

    var id: String
    var content: Content
    var status: Status

    /// Adds a part to a message, whose list of them grows where it is: there may be any number.
    mutating func add(_ part: Part) {
        guard case .message(var parts) = self.content else { return }
        self.content = .message([])
        parts.append(part)
        self.content = .message(parts)
    }

    /// Made of the answer's id, so that it is the same in all records.
    static func id(_ content: Content, _ context: AnswerContext, _ index: Int) -> String {
        let prefix =
            switch content {
            case .message: "msg"
            case .reasoning: "rs"
            case .call(let tool, _, _): tool.isCustom ? "ctc" : "fc"
            }
        return "\(prefix)_\(context.id)_\(index)"
    }
}

extension JSONWriter {
    mutating func responsesItem(_ item: ResponsesItem) {
        self.object { object in
            object.member("id", item.id)
            switch item.content {
            case .message(let parts):
                object.member("type", "message")
                object.member("status", item.status.rawValue)
                object.key("content")
                object.array { list in
                    for part in parts { list.responsesPart(part) }
                }
                object.member("role", "assistant")
            case .reasoning(let text, let seal):
                object.member("type", "reasoning")
                object.key("summary")
                object.array { list in
                    if !text.isEmpty { list.responsesSummary(text) }
                }
                if let seal { object.member("encrypted_content", ResponsesSeal.shown(seal)) }
            case .call(let tool, let callID, let arguments):
                object.member("type", tool.isCustom ? "custom_tool_call" : "function_call")
                object.member("status", item.status.rawValue)
                object.key(tool.isCustom ? "input" : "arguments")
                object.string(utf8: arguments)
                object.member("call_id", callID)
                object.member("name", tool.name)
                if let namespace = tool.namespace { object.member("namespace", namespace) }
            }
        }
    }

    mutating func responsesPart(_ part: ResponsesItem.Part) {
        self.object { object in
            switch part {
            case .text(let text, let probabilities):
                object.member("type", "output_text")
                object.key("annotations")
                object.array { _ in }
                object.responsesProbabilities(probabilities)
                object.member("text", text)
            case .refusal(let text):
                object.member("type", "refusal")
                object.member("refusal", text)
            }
        }
    }

    mutating func responsesSummary(_ text: String) {
        self.object { part in
            part.member("type", "summary_text")
            part.member("text", text)
        }
    }

    /// Writes the member `logprobs`: `elements` stand between commas already.
    mutating func responsesProbabilities(_ elements: [UInt8]) {
        self.key("logprobs")
        self.line([UInt8(ascii: "[")] + elements + [UInt8(ascii: "]")])
    }
}
