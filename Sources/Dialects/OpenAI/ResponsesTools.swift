/// The tools of a response: functions, custom tools, and namespaces of both. Those that the server would run itself are
/// left out and noted; Codex declares some by default.
///
/// Source: OpenAI API reference, "Create a model response", tools.
struct ResponsesTools {
    /// Those that the model may call, each as a function.
    private(set) var tools: [ChatTool] = []
    var names = ResponsesNames()

    /// Reads a list of tools, `tools` or that of an item `additional_tools`.
    mutating func add(_ list: JSONView, _ losses: inout Losses) throws(BodyRefusal) {
        try OpenAIField.list(list, "tools")
        // Names outside of namespaces are the client's own and come first.
        list.forEachElement { self.keepName(of: $0, in: nil) }
        try list.eachElement { (tool) throws(BodyRefusal) in
            try OpenAIField.object(tool, "tools[]")
            if tool["type"]?.string == "namespace" {
                try self.add(namespace: tool, &losses)
            } else {
                try self.add(tool, in: nil, "tools[]", &losses)
            }
        }
    }

    private mutating func keepName(of tool: JSONView, in namespace: String?) {
        let type = tool["type"]?.string
        guard let name = tool["name"]?.string.filled else { return }
        if type == "function" || type == "custom" {
            let isCustom = type == "custom"
            _ = self.names.name(for: ResponsesNames.Tool(name: name, namespace: namespace, isCustom: isCustom))
        } else if type == "namespace", namespace == nil, name == ResponsesNames.ownNamespace {
            tool["tools"]?.forEachElement { self.keepName(of: $0, in: name) }
        }
    }

    /// One function or custom tool. `about` is what its namespace says of itself.
    private mutating func add(
        _ tool: JSONView, in namespace: String?, about: String? = nil, _ place: String, _ losses: inout Losses
    ) throws(BodyRefusal) {
        var read: ChatTool
        let isCustom: Bool
        switch tool["type"]?.string {
        case "function": (read, isCustom) = (try OpenAITools.function(tool, place, &losses), false)
        case "custom": (read, isCustom) = (try OpenAICustomTool.read(tool, place, &losses), true)
        case nil: throw .field(place + ".type", "is required")
        default: return OpenAITools.noteHosted(tool, &losses)
        }
        let declared = ResponsesNames.Tool(name: read.name, namespace: namespace, isCustom: isCustom)
        read.name = self.names.name(for: declared)
        if let about { read.description = about + (read.description.map { "\n\n" + $0 } ?? "") }
        self.tools.append(read)
    }

    /// The tools of a namespace. What it says of itself, which may be all that tells how to use them, is told with the
    /// first of them.
    private mutating func add(namespace: JSONView, _ losses: inout Losses) throws(BodyRefusal) {
        guard let name = namespace["name"]?.string, !name.isEmpty else { throw .field("tools[].name", "is required") }
        guard let list = namespace["tools"], list.kind == .array else {
            throw .field("tools[].tools", "must be an array")
        }
        var about = namespace["description"]?.string.filled
        try list.eachElement { (tool) throws(BodyRefusal) in
            try OpenAIField.object(tool, "tools[].tools[]")
            try self.add(tool, in: name, about: about, "tools[].tools[]", &losses)
            about = nil
        }
    }

    /// `tool_choice`. `allowed_tools` keeps its mode; which tools it allows is lost.
    mutating func choice(
        _ value: JSONView, tools: JSONView?, _ losses: inout Losses
    ) throws(BodyRefusal) -> ToolChoice {
        if let tools, WebSearch(tools: tools, choice: value) == .forced { throw .forcedWebSearch }
        if let word = value.string { return try OpenAITools.mode(word, "tool_choice") }
        try OpenAIField.object(value, "tool_choice")
        let type = value["type"]?.string
        switch type {
        case "function", "custom":
            guard let name = value["name"]?.string, !name.isEmpty else {
                throw .field("tool_choice.name", "is required")
            }
            let tool = ResponsesNames.Tool(
                name: name, namespace: value["namespace"]?.string, isCustom: type == "custom")
            return .tool(self.names.name(for: tool))
        case "allowed_tools":
            losses.note("tool_choice.allowed_tools", .hint)
            return try OpenAITools.mode(value["mode"]?.string ?? "auto", "tool_choice.mode")
        case nil: throw .field("tool_choice.type", "is required")
        default: throw OpenAITools.hostedChoice
        }
    }
}
