import Vocabulary

/// An answer that somebody has written beforehand, for when nobody can give another: complete and well formed in the
/// caller's dialect, so that its SDK reads it like any other. `x-gatehouse-route: fallback` tells it apart.
public struct FallbackAnswer: Sendable {
    /// What is said.
    public let text: String
    /// Shown as the model: nobody's name, since nobody has answered.
    static let model = "gatehouse-fallback"

    private let id: String
    private let createdAt: WallTime

    /// The reply `text` to `request`, at `now`.
    public init(_ text: String, to request: RequestID, at now: WallTime) {
        self.text = text
        self.id = request.description
        self.createdAt = now
    }

    /// The whole body, streamed or not; `nil` for an endpoint that answers with no text.
    public func body(of endpoint: Endpoint, streamed: Bool) -> [UInt8]? {
        switch endpoint {
        case .openAIChat: streamed ? self.chatStream : self.json(self.chat)
        case .openAICompletions: streamed ? self.completionStream : self.json(self.completion)
        case .openAIResponses: streamed ? self.responseStream : self.json { self.response(&$0, isDone: true) }
        case .anthropicMessages: streamed ? self.messageStream : self.json { self.message(&$0, isDone: true) }
        case .ollamaChat, .ollamaGenerate: self.json { self.record(endpoint, &$0) } + (streamed ? [0x0A] : [])
        case .openAIEmbeddings, .openAIModels, .openAIModel, .anthropicCountTokens, .ollamaEmbed, .ollamaEmbeddings,
            .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion, .ollamaRoot:
            nil
        }
    }

    private func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.object(write)
        return json.bytes
    }

    private func data(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        Array("data: ".utf8) + self.json(write) + [0x0A, 0x0A]
    }

    /// An event of Anthropic's and the Responses streams, whose data repeats its type.
    private func event(_ type: String, _ write: (inout JSONWriter) -> Void) -> [UInt8] {
        Array("event: \(type)\n".utf8)
            + self.data {
                $0.member("type", type)
                write(&$0)
            }
    }

    private static let done = Array("data: [DONE]\n\n".utf8)

    // MARK: OpenAI

    /// What chat and completions have in common.
    private func head(_ prefix: String, _ object: String, _ json: inout JSONWriter) {
        json.member("id", prefix + self.id)
        json.member("object", object)
        json.key("created")
        json.integer(Int(self.createdAt.microseconds / 1_000_000))
        json.member("model", Self.model)
    }

    private func choice(_ json: inout JSONWriter, finish: String?, _ write: (inout JSONWriter) -> Void) {
        json.key("choices")
        json.array { choices in
            choices.object { choice in
                choice.key("index")
                choice.integer(0)
                write(&choice)
                choice.key("finish_reason")
                if let finish { choice.string(finish) } else { choice.null() }
            }
        }
    }

    private func chat(_ json: inout JSONWriter) {
        self.head("chatcmpl-", "chat.completion", &json)
        self.choice(&json, finish: "stop") { choice in
            choice.key("message")
            choice.object {
                $0.member("role", "assistant")
                $0.member("content", self.text)
            }
        }
        Self.noUsage(&json)
    }

    private var chatStream: [UInt8] {
        let first = self.data { json in
            self.head("chatcmpl-", "chat.completion.chunk", &json)
            self.choice(&json, finish: nil) { choice in
                choice.key("delta")
                choice.object {
                    $0.member("role", "assistant")
                    $0.member("content", self.text)
                }
            }
        }
        let last = self.data { json in
            self.head("chatcmpl-", "chat.completion.chunk", &json)
            self.choice(&json, finish: "stop") { choice in
                choice.key("delta")
                choice.object { _ in }
            }
        }
        return first + last + Self.done
    }

    private func completion(_ json: inout JSONWriter) {
        self.head("cmpl-", "text_completion", &json)
        self.choice(&json, finish: "stop") { $0.member("text", self.text) }
        Self.noUsage(&json)
    }

    private var completionStream: [UInt8] {
        let only = self.data { json in
            self.head("cmpl-", "text_completion", &json)
            self.choice(&json, finish: "stop") { $0.member("text", self.text) }
        }
        return only + Self.done
    }

    private static func noUsage(_ json: inout JSONWriter) {
        json.key("usage")
        json.object { usage in
            for key: StaticString in ["prompt_tokens", "completion_tokens", "total_tokens"] {
                usage.key(key)
                usage.integer(0)
            }
        }
    }

    // MARK: Responses

    private func response(_ json: inout JSONWriter, isDone: Bool) {
        json.member("id", "resp_" + self.id)
        json.member("object", "response")
        json.key("created_at")
        json.integer(Int(self.createdAt.microseconds / 1_000_000))
        json.member("status", isDone ? "completed" : "in_progress")
        json.member("model", Self.model)
        json.key("output")
        json.array { output in
            if isDone { output.object { self.item(&$0, isDone: true) } }
        }
        json.key("parallel_tool_calls")
        json.bool(false)
        json.member("tool_choice", "auto")
        json.key("tools")
        json.array { _ in }
    }

    private func item(_ json: inout JSONWriter, isDone: Bool) {
        json.member("type", "message")
        json.member("id", "msg_" + self.id)
        json.member("status", isDone ? "completed" : "in_progress")
        json.member("role", "assistant")
        json.key("content")
        json.array { content in
            if isDone { content.object { self.part(&$0, self.text) } }
        }
    }

    private func part(_ json: inout JSONWriter, _ text: String) {
        json.member("type", "output_text")
        json.member("text", text)
        json.key("annotations")
        json.array { _ in }
    }

    /// Where a delta belongs.
    private func place(_ json: inout JSONWriter) {
        json.member("item_id", "msg_" + self.id)
        json.key("output_index")
        json.integer(0)
        json.key("content_index")
        json.integer(0)
    }

    private var responseStream: [UInt8] {
        var number = 0
        func event(_ type: String, _ write: (inout JSONWriter) -> Void) -> [UInt8] {
            defer { number += 1 }
            return self.event(type) { json in
                json.key("sequence_number")
                json.integer(number)
                write(&json)
            }
        }
        func whole(_ type: String, isDone: Bool) -> [UInt8] {
            event(type) { json in
                json.key("response")
                json.object { self.response(&$0, isDone: isDone) }
            }
        }
        func item(_ type: String, isDone: Bool) -> [UInt8] {
            event(type) { json in
                json.key("output_index")
                json.integer(0)
                json.key("item")
                json.object { self.item(&$0, isDone: isDone) }
            }
        }
        func part(_ type: String, _ text: String) -> [UInt8] {
            event(type) { json in
                self.place(&json)
                json.key("part")
                json.object { self.part(&$0, text) }
            }
        }
        var bytes = whole("response.created", isDone: false) + whole("response.in_progress", isDone: false)
        bytes += item("response.output_item.added", isDone: false) + part("response.content_part.added", "")
        bytes += event("response.output_text.delta") {
            self.place(&$0)
            $0.member("delta", self.text)
        }
        bytes += event("response.output_text.done") {
            self.place(&$0)
            $0.member("text", self.text)
        }
        bytes += part("response.content_part.done", self.text) + item("response.output_item.done", isDone: true)
        return bytes + whole("response.completed", isDone: true)
    }

    // MARK: Anthropic

    private func message(_ json: inout JSONWriter, isDone: Bool) {
        json.member("id", "msg_" + self.id)
        json.member("type", "message")
        json.member("role", "assistant")
        json.member("model", Self.model)
        json.key("content")
        json.array { content in
            if isDone {
                content.object {
                    $0.member("type", "text")
                    $0.member("text", self.text)
                }
            }
        }
        json.key("stop_reason")
        if isDone { json.string("end_turn") } else { json.null() }
        json.key("stop_sequence")
        json.null()
        Self.noTokens(&json)
    }

    private static func noTokens(_ json: inout JSONWriter) {
        json.key("usage")
        json.object { usage in
            for key: StaticString in ["input_tokens", "output_tokens"] {
                usage.key(key)
                usage.integer(0)
            }
        }
    }

    private var messageStream: [UInt8] {
        func block(_ type: String, _ key: StaticString? = nil, _ kind: String = "", _ text: String = "") -> [UInt8] {
            self.event(type) { json in
                json.key("index")
                json.integer(0)
                guard let key else { return }
                json.key(key)
                json.object {
                    $0.member("type", kind)
                    $0.member("text", text)
                }
            }
        }
        var bytes = self.event("message_start") { json in
            json.key("message")
            json.object { self.message(&$0, isDone: false) }
        }
        bytes += block("content_block_start", "content_block", "text")
        bytes += block("content_block_delta", "delta", "text_delta", self.text)
        bytes += block("content_block_stop")
        bytes += self.event("message_delta") { json in
            json.key("delta")
            json.object {
                $0.member("stop_reason", "end_turn")
                $0.key("stop_sequence")
                $0.null()
            }
            Self.noTokens(&json)
        }
        return bytes + self.event("message_stop") { _ in }
    }

    // MARK: Ollama

    private func record(_ endpoint: Endpoint, _ json: inout JSONWriter) {
        json.member("model", Self.model)
        json.member("created_at", self.createdAt.rfc3339)
        if endpoint == .ollamaGenerate {
            json.member("response", self.text)
        } else {
            json.key("message")
            json.object {
                $0.member("role", "assistant")
                $0.member("content", self.text)
            }
        }
        json.key("done")
        json.bool(true)
        json.member("done_reason", "stop")
    }
}
