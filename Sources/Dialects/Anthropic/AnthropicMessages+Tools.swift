extension AnthropicMessages {
    /// `tools` and `tool_choice`. A tool with a type of its own is one that the provider runs (`web_search_...`) or has
    /// taught its models (`bash_...`, `computer_...`): nobody else knows it, so it stays behind and is named.
    static func readTools(
        _ members: inout ObjectReader, into request: inout ChatRequest, _ losses: inout Losses
    ) throws(BodyRefusal) {
        try members.each("tools", at: "tools[].") { (tool) throws(BodyRefusal) in
            let type = try tool.string("type") ?? "custom"
            if type == "custom" {
                request.tools.append(try Self.tool(&tool, &losses))
            } else if type.hasPrefix("web_search") || type.hasPrefix("web_fetch") {
                losses.note("tools.web_search", .hint)
            } else {
                losses.note("tools.hosted", .hint)
            }
        }
        guard let choice = try members.object("tool_choice") else { return }
        try Self.readChoice(choice, into: &request, &losses)
    }

    private static func tool(_ tool: inout ObjectReader, _ losses: inout Losses) throws(BodyRefusal) -> ChatTool {
        let name = try tool.requiredName("name")
        let description = try tool.string("description")
        let schema = try tool.object("input_schema").map { Array($0.bytes) }
        let isStrict = try tool.bool("strict")
        if tool.take("cache_control") != nil { losses.note("cache_control", .hint) }
        tool.loseRest(.hint, &losses)
        return ChatTool(name: name, description: description, parameters: schema, isStrict: isStrict)
    }

    private static func readChoice(
        _ value: JSONView, into request: inout ChatRequest, _ losses: inout Losses
    ) throws(BodyRefusal) {
        var choice = try ObjectReader(value, at: "tool_choice.")
        let type = try choice.requiredString("type")
        request.callsInParallel = try choice.bool("disable_parallel_tool_use").map { !$0 }
        switch type {
        case "auto": request.toolChoice = .auto
        case "none": request.toolChoice = ToolChoice.none
        case "any":
            // With hosted tools alone there is nothing left to choose from.
            if request.tools.isEmpty { losses.note("tool_choice", .demand) } else { request.toolChoice = .required }
        case "tool":
            let name = try choice.requiredString("name")
            if request.tools.contains(where: { $0.name == name }) {
                request.toolChoice = .tool(name)
            } else {
                losses.note("tool_choice", .demand)
            }
        default: throw choice.refusal("type", "must be auto, any, tool or none")
        }
        choice.loseRest(.hint, &losses)
    }
}
