/// Ollama's `POST /api/chat` (`ollama.md` 3).
///
/// | Member | Neutral form |
/// |---|---|
/// | `messages` | turns; results that follow each other are one turn of the user |
/// | `tools` | `tools` |
/// | what all native calls share | `OllamaRequest` |
enum OllamaChat {
    /// Reads a client's request. One without messages loads a model and never comes here.
    static func decode(_ body: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> ChatRequest {
        var members = try ObjectReader(body)
        var request = ChatRequest()
        request.turns = try Self.turns(&members, &losses)
        try members.each("tools", at: "tools[].") { (tool) throws(BodyRefusal) in
            if let tool = try Self.tool(&tool, &losses) { request.tools.append(tool) }
        }
        try OllamaRequest.read(&members, into: &request, &losses)
        return request
    }

    private static func tool(_ tool: inout ObjectReader, _ losses: inout Losses) throws(BodyRefusal) -> ChatTool? {
        let type = try tool.string("type") ?? "function"
        guard type == "function" else {
            let isWeb = type.hasPrefix("web_search") || type.hasPrefix("web_fetch")
            losses.note(isWeb ? "tools.web_search" : "tools.hosted", .hint)
            return nil
        }
        guard let value = try tool.object("function") else { throw tool.refusal("function", "must be an object") }
        var function = try ObjectReader(value, at: "tools[].function.")
        let name = try function.requiredName("name")
        let description = try function.string("description")
        let parameters = try function.object("parameters").map { Array($0.bytes) }
        let isStrict = try function.bool("strict")
        function.loseRest(.hint, &losses)
        tool.loseRest(.hint, &losses)
        return ChatTool(name: name, description: description, parameters: parameters, isStrict: isStrict)
    }

    // MARK: Messages

    private static func turns(
        _ members: inout ObjectReader, _ losses: inout Losses
    ) throws(BodyRefusal) -> [ChatTurn] {
        var turns: [ChatTurn] = []
        var names: [String: String] = [:]
        var isResult = false
        try members.each("messages", at: "messages[].") { (message) throws(BodyRefusal) in
            // The server lowers it, and takes any.
            let role = try message.requiredString("role").lowercased()
            let parts = role == "tool" ? [] : try Self.parts(&message, &names)
            switch role {
            case "system": turns.append(ChatTurn(.system, parts))
            case "user": turns.append(ChatTurn(.user, parts))
            case "assistant": turns.append(ChatTurn(.assistant, parts))
            case "tool":
                let part = ChatPart.toolResult(try Self.result(&message, names))
                if isResult { turns[turns.count - 1].parts.append(part) } else { turns.append(ChatTurn(.user, [part])) }
            default: throw message.refusal("role", "must be system, user, assistant or tool")
            }
            isResult = role == "tool"
            message.loseRest(.hint, &losses)
        }
        return turns
    }

    /// Thinking, words, pictures and calls, in the order in which a model makes them.
    private static func parts(
        _ message: inout ObjectReader, _ names: inout [String: String]
    ) throws(BodyRefusal) -> [ChatPart] {
        var parts: [ChatPart] = []
        if let thinking = try message.string("thinking"), !thinking.isEmpty {
            parts.append(.thinking(thinking, signature: nil))
        }
        if let text = try message.string("content"), !text.isEmpty { parts.append(.text(text)) }
        parts += try OllamaRequest.images(&message, at: "messages[].images")
        try message.each("tool_calls", at: "messages[].tool_calls[].") { (call) throws(BodyRefusal) in
            let call = try Self.call(&call)
            if !call.id.isEmpty { names[call.id] = call.name }
            parts.append(.toolCall(call))
        }
        return parts
    }

    private static func call(_ call: inout ObjectReader) throws(BodyRefusal) -> ToolCall {
        let id = try call.string("id") ?? ""
        guard let value = try call.object("function") else { throw call.refusal("function", "must be an object") }
        var function = try ObjectReader(value, at: "messages[].tool_calls[].function.")
        let name = try function.requiredString("name")
        let arguments = try function.object("arguments").map { Array($0.bytes) }
        return ToolCall(id: id, name: name, arguments: arguments ?? Array("{}".utf8))
    }

    private static func result(
        _ message: inout ObjectReader, _ names: [String: String]
    ) throws(BodyRefusal) -> ToolResult {
        let id = try message.string("tool_call_id") ?? ""
        let name = try message.string("tool_name").flatMap { $0.isEmpty ? nil : $0 }
        var parts: [ChatPart] = []
        if let text = try message.string("content"), !text.isEmpty { parts.append(.text(text)) }
        parts += try OllamaRequest.images(&message, at: "messages[].images")
        return ToolResult(id: id, name: name ?? names[id], parts: parts)
    }
}
