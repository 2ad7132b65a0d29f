/// Puts the input items of a response into turns: messages, calls, what calls returned, and thinking.
///
/// Items of the assistant that belong together are one turn, since chat APIs want a turn's calls with its words and
/// before their results: thinking goes with what follows it, a call with what is before it.
///
/// Source: OpenAI API reference, "Create a model response", input.
struct ResponsesTurns {
    private(set) var turns: [ChatTurn] = []
    var tools: ResponsesTools
    /// The name under which each call was sent, by the call's id.
    private var called: [String: String] = [:]
    /// What the last of the assistant's turns holds beside thinking. It is told as it grows: a turn may have any number
    /// of parts, and each item asks.
    private var said = (calls: false, words: false)

    private static let parts = OpenAIParts(place: "input[].content", part: "input[].content[]")
    private static let outputs = OpenAIParts(place: "input[].output", part: "input[].output[]")

    /// What hosted tools and clients did, told to the model in words if at all; nothing else here depends on it.
    private static let hosted: Set<String> = [
        "web_search_call", "file_search_call", "computer_call", "computer_call_output", "code_interpreter_call",
        "image_generation_call", "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output",
        "apply_patch_call", "apply_patch_call_output", "mcp_list_tools", "mcp_approval_request",
        "mcp_approval_response", "mcp_call", "tool_search_call", "tool_search_output", "configuration_update",
        "program", "program_output", "compaction_trigger",
    ]

    init(tools: ResponsesTools) {
        self.tools = tools
    }

    /// What one item holds.
    private struct Item {
        var type: String?
        var role: String?
        var content: JSONView?
        var callID = ""
        var name: String?
        var namespace: String?
        var arguments: JSONView?
        var input: JSONView?
        var output: JSONView?
        var summary: JSONView?
        var seal: String?
        var tools: JSONView?
    }

    /// Takes a turn as it is.
    mutating func add(_ turn: ChatTurn) {
        self.turns.append(turn)
    }

    /// Takes `input`: one text of the user's, or a list of items.
    mutating func add(input: JSONView, _ losses: inout Losses) throws(BodyRefusal) {
        if let text = input.string { return self.add(ChatTurn(.user, text.isEmpty ? [] : [.text(text)])) }
        guard input.kind == .array else { throw .field("input", "must be a string or an array of items") }
        try input.eachElement { (value) throws(BodyRefusal) in
            try OpenAIField.object(value, "input[]")
            try self.add(try Self.read(value, &losses), &losses)
        }
    }

    private static func read(_ value: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> Item {
        var item = Item()
        try value.eachMember { (key, value) throws(BodyRefusal) in
            if value.isNull { return }
            switch key {
            case "type": item.type = try OpenAIField.text(value, "input[].type")
            case "role": item.role = try OpenAIField.text(value, "input[].role")
            case "content": item.content = value
            case "call_id": item.callID = try OpenAIField.text(value, "input[].call_id")
            case "name": item.name = try OpenAIField.text(value, "input[].name")
            case "namespace": item.namespace = try OpenAIField.text(value, "input[].namespace")
            case "arguments": item.arguments = value
            case "input": item.input = value
            case "output": item.output = value
            case "summary": item.summary = value
            case "encrypted_content": item.seal = try OpenAIField.text(value, "input[].encrypted_content")
            case "tools": item.tools = value
            // Of hosted tools' items all else is left out with them; what is told of others changes nothing.
            default: break
            }
        }
        return item
    }

    private mutating func add(_ item: Item, _ losses: inout Losses) throws(BodyRefusal) {
        switch item.type {
        case "message", nil: try self.add(message: item, &losses)
        case "function_call", "custom_tool_call": try self.add(call: item)
        case "function_call_output", "custom_tool_call_output": try self.add(output: item, &losses)
        case "reasoning": self.add(thinking: item, &losses)
        case "additional_tools":
            guard let tools = item.tools else { throw .field("input[].tools", "is required") }
            try self.tools.add(tools, &losses)
        case "item_reference":
            throw .unsupported("input[].item_reference", "no items are kept here; send the item itself")
        case .some(let type): losses.note("input[]." + type, Self.hosted.contains(type) ? .hint : .demand)
        }
    }

    private mutating func add(message: Item, _ losses: inout Losses) throws(BodyRefusal) {
        var parts: [ChatPart] = []
        if let content = message.content { try Self.parts.read(content, into: &parts, &losses) }
        switch message.role {
        case "user": self.turns.append(ChatTurn(.user, parts))
        case "system", "developer": self.turns.append(ChatTurn(.system, parts))
        case "assistant": self.append(parts, toTurnIf: self.isThinkingOnly || self.hasOpenCalls)
        default: throw .field("input[].role", "must be user, assistant, system or developer")
        }
    }

    private mutating func add(call item: Item) throws(BodyRefusal) {
        guard let name = item.name else { throw .field("input[].name", "is required") }
        let isCustom = item.type == "custom_tool_call"
        let tool = ResponsesNames.Tool(name: name, namespace: item.namespace, isCustom: isCustom)
        var call = ToolCall(id: item.callID, name: self.tools.names.name(for: tool), arguments: [])
        if isCustom {
            call.arguments = OpenAICustomTool.arguments(item.input?.string ?? "")
        } else if let arguments = item.arguments {
            guard let text = arguments.stringBytes else {
                throw .field("input[].arguments", "must be a string of JSON")
            }
            call.arguments = text
        }
        if call.arguments.isEmpty { call.arguments = Array("{}".utf8) }
        self.called[call.id] = call.name
        self.append([.toolCall(call)], toTurnIf: self.turns.last?.role == .assistant)
    }

    private mutating func add(output item: Item, _ losses: inout Losses) throws(BodyRefusal) {
        var parts: [ChatPart] = []
        if let output = item.output { try Self.outputs.read(output, into: &parts, &losses) }
        let result = ToolResult(id: item.callID, name: self.called[item.callID], parts: parts)
        self.turns.append(result: result)
    }

    /// The thinking itself is told before what is told of it. A seal belongs to the words beside it; alone it is all
    /// that there is, and one of a server that is not spoken to here is legible for nobody.
    private mutating func add(thinking item: Item, _ losses: inout Losses) {
        let own = item.content?.elements.compactMap { $0["text"]?.string } ?? []
        let told = item.summary?.elements.compactMap { $0["text"]?.string } ?? []
        let text = (own.isEmpty ? told : own).filter { !$0.isEmpty }.joined(separator: "\n\n")
        let seal = item.seal.filled.flatMap(ResponsesSeal.neutral)
        if seal == nil, item.seal.filled != nil { losses.note("input[].encrypted_content", .hint) }
        if !text.isEmpty {
            self.append([.thinking(text, signature: seal)], toTurnIf: self.isThinkingOnly || self.hasOpenCalls)
        } else if let seal {
            self.append([.sealedThinking(seal)], toTurnIf: self.isThinkingOnly || self.hasOpenCalls)
        }
    }

    // MARK: Which turn

    /// Appends to the last turn, or a new one of the assistant's.
    private mutating func append(_ parts: [ChatPart], toTurnIf isSame: Bool) {
        if isSame {
            self.turns[self.turns.count - 1].parts += parts
        } else {
            self.turns.append(ChatTurn(.assistant, parts))
            self.said = (calls: false, words: false)
        }
        for part in parts {
            switch part {
            case .thinking, .sealedThinking: break
            case .toolCall: self.said.calls = true
            case .text, .image, .toolResult, .refusal: self.said.words = true
            }
        }
    }

    private var isAssistantLast: Bool { self.turns.last?.role == .assistant && self.turns.last?.parts.isEmpty == false }

    /// Does the last turn hold thinking alone, to be followed by what was thought for?
    private var isThinkingOnly: Bool { self.isAssistantLast && !self.said.calls && !self.said.words }

    /// Does the last turn hold calls, whose results must be the next turn?
    private var hasOpenCalls: Bool { self.isAssistantLast && self.said.calls }
}
