/// The tools of a response: functions, custom tools, and namespaces of both. Those that the server would run itself are
/// left out and noted; Codex declares some by default.
///
/// Source: OpenAI API reference, "Create a model response", tools.
struct ResponsesTools {
    /// Those that the model may call, each as a function.
    private(set) var tools: [ChatTool] = []
    var names = ResponsesNames()

    /// What a declaration says of itself before it is read in full.
    private struct Declaration {
        let view: JSONView
        var type: String?
        var name: String?
        var description: String?
        var tools: JSONView?

        init(_ view: JSONView) {
            self.view = view
            view.forEachMember { key, value in
                switch key {
                case "type": self.type = value.string
                case "name": self.name = value.string.filled
                case "description": self.description = value.string.filled
                case "tools": self.tools = value
                default: break
                }
            }
        }
    }

    /// Reads a list of tools, `tools` or that of an item `additional_tools`.
    mutating func add(_ list: JSONView, _ losses: inout Losses) throws(BodyRefusal) {
        let declarations = try Self.declarations(list, "tools")
        // Names outside of namespaces are the client's own and come first.
        for declaration in declarations { self.keepName(of: declaration, in: nil) }
        for declaration in declarations {
            if declaration.type == "namespace" {
                try self.add(namespace: declaration, &losses)
            } else {
                try self.add(declaration, in: nil, "tools[]", &losses)
            }
        }
    }

    private static func declarations(_ list: JSONView, _ place: String) throws(BodyRefusal) -> [Declaration] {
        try OpenAIField.list(list, place)
        var declarations: [Declaration] = []
        try list.eachElement { (tool) throws(BodyRefusal) in
            try OpenAIField.object(tool, place + "[]")
            declarations.append(Declaration(tool))
        }
        return declarations
    }

    private mutating func keepName(of tool: Declaration, in namespace: String?) {
        guard let name = tool.name else { return }
        if tool.type == "function" || tool.type == "custom" {
            let isCustom = tool.type == "custom"
            _ = self.names.name(for: ResponsesNames.Tool(name: name, namespace: namespace, isCustom: isCustom))
        } else if tool.type == "namespace", namespace == nil, name == ResponsesNames.ownNamespace {
            tool.tools?.forEachElement { self.keepName(of: Declaration($0), in: name) }
        }
    }

    /// One function or custom tool. `about` is what its namespace says of itself.
    private mutating func add(
        _ tool: Declaration, in namespace: String?, about: String? = nil, _ place: String, _ losses: inout Losses
    ) throws(BodyRefusal) {
        var read: ChatTool
        let isCustom: Bool
        switch tool.type {
        case "function": (read, isCustom) = (try OpenAITools.function(tool.view, place, &losses), false)
        case "custom": (read, isCustom) = (try OpenAICustomTool.read(tool.view, place, &losses), true)
        case nil: throw .field(place + ".type", "is required")
        default: return OpenAITools.noteHosted(tool.view, &losses)
        }
        let declared = ResponsesNames.Tool(name: read.name, namespace: namespace, isCustom: isCustom)
        read.name = self.names.name(for: declared)
        if let about { read.description = about + (read.description.map { "\n\n" + $0 } ?? "") }
        self.tools.append(read)
    }

    /// The tools of a namespace. What it says of itself, which may be all that tells how to use them, is told with the
    /// first of them.
    private mutating func add(namespace: Declaration, _ losses: inout Losses) throws(BodyRefusal) {
        guard let name = namespace.name else { throw .field("tools[].name", "is required") }
        guard let list = namespace.tools else { throw .field("tools[].tools", "is required") }
        var about = namespace.description
        for tool in try Self.declarations(list, "tools[].tools") {
            try self.add(tool, in: name, about: about, "tools[].tools[]", &losses)
            about = nil
        }
    }

    /// `tool_choice`. `allowed_tools` keeps its mode; which tools it allows is lost.
    mutating func choice(
        _ value: JSONView, tools: JSONView?, _ losses: inout Losses
    ) throws(BodyRefusal) -> ToolChoice {
        try OpenAITools.refuseSearch(value, tools)
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
