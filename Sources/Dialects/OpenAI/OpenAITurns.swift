/// Puts the messages of a chat request into turns.
struct OpenAITurns {
    private(set) var turns: [ChatTurn] = []
    /// The tool that each call named, by the call's id: the message with its result names the id alone.
    private var names: [String: String] = [:]

    /// What one message holds.
    private struct Message {
        var role: String?
        var content: JSONView?
        var toolCalls: JSONView?
        var functionCall: JSONView?
        var refusal: JSONView?
        var thinking: JSONView?
        var callID = ""
        var name: String?
    }

    /// Takes the next message.
    mutating func add(_ value: JSONView, _ losses: inout Losses) throws(BodyRefusal) {
        let message = try Self.read(value, &losses)
        switch message.role {
        case "system", "developer": try self.addPlain(.system, message, &losses)
        case "user": try self.addPlain(.user, message, &losses)
        case "assistant": try self.addAssistant(message, &losses)
        case "tool", "function": try self.addResult(message, &losses)
        default: throw .field("messages[].role", "must be system, developer, user, assistant or tool")
        }
    }

    private static func read(_ value: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> Message {
        try OpenAIField.object(value, "messages[]")
        var message = Message()
        try value.eachMember { (key, value) throws(BodyRefusal) in
            if value.isNull { return }
            switch key {
            case "role": message.role = try OpenAIField.text(value, "messages[].role")
            case "content": message.content = value
            case "tool_calls": message.toolCalls = value
            case "function_call": message.functionCall = value
            case "refusal": message.refusal = value
            case "reasoning_content": if value.isFilledText { message.thinking = value }
            // Some servers tell the same by both names.
            case "reasoning": if value.isFilledText, message.thinking == nil { message.thinking = value }
            case "tool_call_id": message.callID = try OpenAIField.text(value, "messages[].tool_call_id")
            case "name": message.name = try OpenAIField.text(value, "messages[].name")
            case "audio": losses.note("messages[].audio", .demand)
            default:
                if value.isEmpty || value.bool == false { return }
                losses.note("messages[]." + String(decoding: key, as: UTF8.self), .hint)
            }
        }
        return message
    }

    private mutating func addPlain(
        _ role: ChatTurn.Role, _ message: Message, _ losses: inout Losses
    ) throws(BodyRefusal) {
        if message.name != nil { losses.note("messages[].name", .hint) }
        var parts: [ChatPart] = []
        if let content = message.content { try OpenAIParts.chat.read(content, into: &parts, &losses) }
        self.turns.append(ChatTurn(role, parts))
    }

    private mutating func addAssistant(_ message: Message, _ losses: inout Losses) throws(BodyRefusal) {
        if message.name != nil { losses.note("messages[].name", .hint) }
        var parts: [ChatPart] = []
        if let thinking = message.thinking?.string { parts.append(.thinking(thinking, signature: nil)) }
        if let content = message.content { try OpenAIParts.chat.read(content, into: &parts, &losses) }
        if let refusal = message.refusal {
            let text = try OpenAIField.text(refusal, "messages[].refusal")
            if !text.isEmpty { parts.append(.refusal(text)) }
        }
        if let calls = message.toolCalls {
            try OpenAIField.list(calls, "messages[].tool_calls")
            try calls.eachElement { (call) throws(BodyRefusal) in
                parts.append(.toolCall(try self.call(call)))
            }
        }
        if let call = message.functionCall {
            parts.append(.toolCall(try Self.function(call, id: "", "messages[].function_call")))
        }
        self.turns.append(ChatTurn(.assistant, parts))
    }

    private mutating func call(_ value: JSONView) throws(BodyRefusal) -> ToolCall {
        let place = "messages[].tool_calls[]"
        try OpenAIField.object(value, place)
        let (given, custom, function) = value.members("id", "custom", "function")
        let id = try given.map { (id) throws(BodyRefusal) in try OpenAIField.text(id, place + ".id") } ?? ""
        let call: ToolCall
        if let custom {
            guard let name = custom["name"]?.string else { throw .field(place + ".custom.name", "must be a string") }
            let input = custom["input"]?.string ?? ""
            call = ToolCall(id: id, name: name, arguments: OpenAICustomTool.arguments(input))
        } else {
            guard let function else { throw .field(place + ".function", "is required") }
            call = try Self.function(function, id: id, place + ".function")
        }
        if !id.isEmpty { self.names[id] = call.name }
        return call
    }

    /// Name and arguments of a call; some clients send the arguments as an object.
    static func function(_ value: JSONView, id: String, _ place: String) throws(BodyRefusal) -> ToolCall {
        let (named, arguments, _) = value.members("name", "arguments", "")
        guard let name = named?.string else { throw .field(place + ".name", "must be a string") }
        var call = ToolCall(id: id, name: name, arguments: [])
        if let arguments {
            switch arguments.kind {
            case .string: call.arguments = arguments.stringBytes ?? []
            case .object: call.arguments = Array(arguments.bytes)
            case .array, .number, .bool, .null: throw .field(place + ".arguments", "must be a string of JSON")
            }
        }
        if call.arguments.isEmpty { call.arguments = Array("{}".utf8) }
        return call
    }

    /// What a tool returned. Results that follow each other are one turn: Anthropic and Gemini want those of one turn's
    /// calls together.
    private mutating func addResult(_ message: Message, _ losses: inout Losses) throws(BodyRefusal) {
        var parts: [ChatPart] = []
        if let content = message.content { try OpenAIParts.chat.read(content, into: &parts, &losses) }
        let result = ToolResult(
            id: message.callID, name: message.name ?? self.names[message.callID], parts: parts)
        self.turns.append(result: result)
    }
}

extension [ChatTurn] {
    /// Appends a result to the turn of results before it, or a turn of its own.
    mutating func append(result: ToolResult) {
        if let last = self.last, last.role == .user, case .toolResult? = last.parts.last {
            self[self.count - 1].parts.append(.toolResult(result))
        } else {
            self.append(ChatTurn(.user, [.toolResult(result)]))
        }
    }
}

extension JSONView {
    /// Is this a text that is not empty?
    var isFilledText: Bool { self.kind == .string && !self.isEmpty }
}
