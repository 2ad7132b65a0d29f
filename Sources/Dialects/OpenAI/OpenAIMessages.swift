/// Writes turns as the messages of a chat request.
///
/// Where a turn's parts cannot stand as they do: results become tool messages before the rest of their turn, calls stand
/// behind the words of theirs. A tool message holds text alone, so that the images of a result go into the user message
/// behind it, in front of what the user says; the model sees them there, which is noted.
///
/// Source: OpenAI API reference, "Create chat completion", messages.
struct OpenAIMessages {
    var losses: Losses
    private var ids = CallIDs.openAI
    private var isAssistantSpeaking = false

    init(losses: Losses) {
        self.losses = losses
    }

    /// Appends the messages of `turn`.
    mutating func write(_ turn: ChatTurn, to list: inout JSONWriter) {
        if turn.role == .assistant, !self.isAssistantSpeaking { self.ids.beginTurn() }
        self.isAssistantSpeaking = turn.role == .assistant
        switch turn.role {
        case .system: self.writeSystem(turn.parts, to: &list)
        case .user: self.writeUser(turn.parts, to: &list)
        case .assistant: self.writeAssistant(turn.parts, to: &list)
        }
    }

    private mutating func writeSystem(_ parts: [ChatPart], to list: inout JSONWriter) {
        let texts = parts.filter { part in
            guard case .text = part else {
                self.losses.note("messages[].content[].image", .demand)
                return false
            }
            return true
        }
        list.object { message in
            message.member("role", "system")
            message.key("content")
            message.openAIContent(texts)
        }
    }

    private mutating func writeUser(_ parts: [ChatPart], to list: inout JSONWriter) {
        var rest: [ChatPart] = []
        var images: [ChatPart] = []
        var hasResults = false
        for part in parts {
            switch part {
            case .toolResult(let result):
                hasResults = true
                self.writeResult(result, to: &list, images: &images)
            case .text, .image: rest.append(part)
            case .refusal(let text): rest.append(.text(text))
            case .thinking, .sealedThinking: self.losses.note("messages[].thinking", .hint)
            case .toolCall: self.losses.note("messages[].tool_calls", .demand)
            }
        }
        rest = images + rest
        if rest.isEmpty, hasResults { return }
        list.object { message in
            message.member("role", "user")
            message.key("content")
            message.openAIContent(rest)
        }
    }

    private mutating func writeResult(_ result: ToolResult, to list: inout JSONWriter, images: inout [ChatPart]) {
        if result.isError { self.losses.note("messages[].content[].is_error", .hint) }
        var texts: [ChatPart] = []
        for part in result.parts {
            switch part {
            case .text: texts.append(part)
            case .image:
                self.losses.note("messages[].content[].image", .hint)
                images.append(part)
            case .refusal(let text): texts.append(.text(text))
            case .thinking, .sealedThinking, .toolCall, .toolResult:
                self.losses.note("messages[].content[].content", .demand)
            }
        }
        list.object { message in
            message.member("role", "tool")
            message.member("tool_call_id", self.ids.id(of: result))
            message.key("content")
            message.openAIContent(texts)
        }
    }

    private mutating func writeAssistant(_ parts: [ChatPart], to list: inout JSONWriter) {
        var texts: [ChatPart] = []
        var refusal: String?
        var calls: [ToolCall] = []
        var hasThinking = false
        for part in parts {
            switch part {
            case .text: texts.append(part)
            case .refusal(let text): refusal.add(text)
            case .toolCall(var call):
                call.id = self.ids.id(of: call)
                calls.append(call)
            case .thinking, .sealedThinking:
                hasThinking = true
                self.losses.note("messages[].thinking", .hint)
            case .image, .toolResult: self.losses.note("messages[].content[].image", .demand)
            }
        }
        let isSilent = texts.isEmpty && refusal == nil && calls.isEmpty
        // A turn of thinking alone has nothing left to say.
        if isSilent, hasThinking { return }
        list.object { message in
            message.member("role", "assistant")
            message.key("content")
            if texts.isEmpty, !isSilent { message.null() } else { message.openAIContent(texts) }
            if let refusal { message.member("refusal", refusal) }
            message.openAICalls(calls)
        }
    }
}

extension CallIDs {
    /// As OpenAI's API takes them: of at most 40 characters.
    static var openAI: CallIDs { CallIDs { $0.utf8.count <= 40 ? $0 : nil } }
}

extension JSONWriter {
    /// `tool_calls` of an assistant's message, in a request or an answer; nothing if there are none.
    mutating func openAICalls(_ calls: [ToolCall]) {
        if calls.isEmpty { return }
        self.key("tool_calls")
        self.array { list in
            for call in calls {
                list.object { object in
                    object.member("id", call.id)
                    object.member("type", "function")
                    object.key("function")
                    object.object { function in
                        function.member("name", call.name)
                        function.key("arguments")
                        function.string(utf8: call.arguments.isEmpty ? Array("{}".utf8) : call.arguments)
                    }
                }
            }
        }
    }

    /// Writes texts and images as one string if there is one text, else as a list of parts. Others never come here.
    fileprivate mutating func openAIContent(_ parts: [ChatPart]) {
        if parts.isEmpty { return self.string("") }
        if parts.count == 1, case .text(let text) = parts[0] { return self.string(text) }
        self.array { list in
            for part in parts {
                list.object { object in
                    switch part {
                    case .text(let text):
                        object.member("type", "text")
                        object.member("text", text)
                    case .image(let image):
                        object.member("type", "image_url")
                        object.key("image_url")
                        object.object { url in
                            url.key("url")
                            url.string(OpenAIImage.head(of: image), escaped: image.base64)
                        }
                    case .thinking, .sealedThinking, .toolCall, .toolResult, .refusal:
                        preconditionFailure("only texts and images are content")
                    }
                }
            }
        }
    }
}
