/// The tools of a chat request and what is said of their use.
struct OpenAITools {
    /// Those that the model may call.
    var tools: [ChatTool] = []

    /// Reads the list `tools`. Those that the server would run itself are left out and noted.
    mutating func add(_ list: JSONView, _ losses: inout Losses) throws(BodyRefusal) {
        try OpenAIField.list(list, "tools")
        try list.eachElement { (tool) throws(BodyRefusal) in
            try OpenAIField.object(tool, "tools[]")
            let (type, function, custom) = tool.members("type", "function", "custom")
            switch type?.string {
            case "function", nil:
                guard let function else { throw .field("tools[].function", "must be an object") }
                self.tools.append(try Self.function(function, "tools[].function", &losses))
            case "custom":
                guard let custom, custom.kind == .object else { throw .field("tools[].custom", "must be an object") }
                // Its calls come back as those of a function, which is another form.
                losses.note("tools.custom", .demand)
                self.tools.append(try OpenAICustomTool.read(custom, "tools[].custom", &losses))
            default: Self.noteHosted(tool, &losses)
            }
        }
    }

    /// A tool that the server would run itself: search of the web has a name of its own, as where bodies pass.
    static func noteHosted(_ tool: JSONView, _ losses: inout Losses) {
        losses.note(WebSearch.isHosted(tool) ? "tools.web_search" : "tools.hosted", .hint)
    }

    /// A function's name, purpose and parameters.
    static func function(
        _ value: JSONView, _ place: String, _ losses: inout Losses
    ) throws(BodyRefusal) -> ChatTool {
        try OpenAIField.object(value, place)
        var tool = ChatTool(name: "")
        try value.eachMember { (key, value) throws(BodyRefusal) in
            if value.isNull { return }
            switch key {
            case "name": tool.name = try OpenAIField.text(value, place + ".name")
            case "description":
                tool.description = try OpenAIField.text(value, place + ".description")
            case "parameters":
                try OpenAIField.object(value, place + ".parameters")
                tool.parameters = Array(value.bytes)
            case "strict": tool.isStrict = try OpenAIField.flag(value, place + ".strict")
            // `type` is there where responses declare a function; the rest tells how a client may load and call it.
            case "type", "defer_loading", "allowed_callers", "output_schema", "async": break
            default: losses.note(place + "." + String(decoding: key, as: UTF8.self), .hint)
            }
        }
        guard !tool.name.isEmpty else { throw .field(place + ".name", "is required") }
        return tool
    }

    /// `tool_choice` of chat. `allowed_tools` keeps its mode; which tools it allows is lost.
    static func choice(
        _ value: JSONView, tools: JSONView?, _ losses: inout Losses
    ) throws(BodyRefusal) -> ToolChoice? {
        try Self.refuseSearch(value, tools)
        if let word = value.string { return try Self.mode(word, "tool_choice") }
        try OpenAIField.object(value, "tool_choice")
        let type = value["type"]?.string
        switch type {
        case "function", "custom", nil:
            let named = type == "custom" ? value["custom"] : value["function"]
            guard let name = named?["name"]?.string ?? value["name"]?.string, !name.isEmpty else {
                throw .field("tool_choice", "must name a function")
            }
            return .tool(name)
        case "allowed_tools":
            losses.note("tool_choice.allowed_tools", .hint)
            let allowed = value["allowed_tools"] ?? value
            return try Self.mode(allowed["mode"]?.string ?? "auto", "tool_choice.mode")
        default: throw Self.hostedChoice
        }
    }

    /// A choice that leaves the model no way but to search the web.
    static func refuseSearch(_ choice: JSONView, _ tools: JSONView?) throws(BodyRefusal) {
        guard let tools, choice.string != "auto", choice.string != "none" else { return }
        if WebSearch(tools: tools, choice: choice) == .forced { throw .forcedWebSearch }
    }

    /// A word that says how.
    static func mode(_ word: String, _ name: String) throws(BodyRefusal) -> ToolChoice {
        switch word {
        case "auto": return .auto
        case "none": return .none
        // `any` is Mistral's word.
        case "required", "any": return .required
        default: throw .field(name, "must be auto, none, required or name a function")
        }
    }

    /// `function_call`, before there was `tool_choice`.
    static func olderChoice(_ value: JSONView) throws(BodyRefusal) -> ToolChoice {
        if let word = value.string { return try Self.mode(word, "function_call") }
        guard let name = value["name"]?.string, !name.isEmpty else {
            throw .field("function_call", "must be auto, none or name a function")
        }
        return .tool(name)
    }

    static let hostedChoice = BodyRefusal.unsupported(
        "tool_choice", "it demands a tool that the server would run itself, and nobody here runs one; name a function")
}

/// A custom tool takes one text in place of arguments. For a server that knows functions alone it is one with a single
/// argument, `input`.
///
/// Source: OpenAI API reference, "Function calling", custom tools.
enum OpenAICustomTool {
    /// Reads its declaration. A grammar of its input cannot be enforced: the model is told it, which is noted.
    static func read(
        _ value: JSONView, _ place: String, _ losses: inout Losses
    ) throws(BodyRefusal) -> ChatTool {
        guard let name = value["name"]?.string, !name.isEmpty else { throw .field(place + ".name", "is required") }
        let description = value["description"]?.string
        var about = "The whole input, as text."
        if let format = value["format"], format["type"]?.string == "grammar" {
            losses.note("tools.custom.format", .hint)
            let grammar = format["grammar"] ?? format
            about = "The whole input, as text of this grammar"
            if let syntax = grammar["syntax"]?.string { about += " (\(syntax))" }
            about += ":\n" + (grammar["definition"]?.string ?? "")
        }
        return ChatTool(name: name, description: description, parameters: Self.schema(about))
    }

    private static func schema(_ about: String) -> [UInt8] {
        var json = JSONWriter(capacity: about.utf8.count + 128)
        json.object { schema in
            schema.member("type", "object")
            schema.key("properties")
            schema.object { properties in
                properties.key("input")
                properties.object {
                    $0.member("type", "string")
                    $0.member("description", about)
                }
            }
            schema.key("required")
            schema.array { $0.string("input") }
            schema.key("additionalProperties")
            schema.bool(false)
        }
        return json.bytes
    }

    /// The arguments of a call with this input.
    static func arguments(_ input: String) -> [UInt8] {
        var json = JSONWriter(capacity: input.utf8.count + 16)
        json.object { $0.member("input", input) }
        return json.bytes
    }

    /// The input within the arguments of a call. A model that wrote no such object has written the input itself.
    static func input(_ arguments: [UInt8]) -> String {
        guard let view = try? JSONView(arguments) else { return String(decoding: arguments, as: UTF8.self) }
        return view["input"]?.string ?? view.string ?? String(decoding: arguments, as: UTF8.self)
    }
}
