extension AnthropicMessages {
    /// The turns of `messages`. A tool result learns its tool's name from the call that it answers.
    static func turns(_ members: inout ObjectReader, _ losses: inout Losses) throws(BodyRefusal) -> [ChatTurn] {
        var turns: [ChatTurn] = []
        var names: [String: String] = [:]
        let isThere = try members.each("messages", at: "messages[].") { (message) throws(BodyRefusal) in
            let role = try message.requiredString("role")
            guard let content = message.take("content") else {
                throw message.refusal("content", "is missing; it must be a string or an array of blocks")
            }
            message.loseRest(.hint, &losses)
            switch role {
            case "user": turns.append(ChatTurn(.user, try Self.parts(content, &names, &losses)))
            case "assistant": turns.append(ChatTurn(.assistant, try Self.parts(content, &names, &losses)))
            // "Mid-conversation system messages": newer models take them.
            case "system": turns.append(ChatTurn(.system, try Self.texts(content, at: "messages[].content", &losses)))
            default: throw message.refusal("role", "must be user, assistant or system")
            }
        }
        guard isThere else { throw members.refusal("messages", "is missing; it must be an array") }
        return turns
    }

    /// The blocks of `system`. Claude Code puts one before its prompt that is meant for Anthropic's books and differs
    /// in each request; it is left out, since no server's prompt cache would ever hit behind it.
    static func systemTurn(_ value: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> ChatTurn {
        let parts = try Self.texts(value, at: "system", &losses).filter { part in
            guard case .text(let text) = part, text.hasPrefix("x-anthropic-billing-header:") else { return true }
            losses.note("system[].x-anthropic-billing-header", .hint)
            return false
        }
        return ChatTurn(.system, parts)
    }

    /// A text, or blocks of text alone.
    static func texts(_ value: JSONView, at path: String, _ losses: inout Losses) throws(BodyRefusal) -> [ChatPart] {
        if let text = value.string { return [.text(text)] }
        guard value.kind == .array else { throw .field(path, "must be a string or an array of blocks") }
        var parts: [ChatPart] = []
        try ObjectReader.each(of: value, at: path + "[].") { (block) throws(BodyRefusal) in
            guard try block.string("type") == "text" else { throw block.refusal("type", "must be text") }
            parts.append(try Self.text(&block, &losses))
        }
        return parts
    }

    /// A text, or blocks of any kind.
    private static func parts(
        _ content: JSONView, _ names: inout [String: String], _ losses: inout Losses
    ) throws(BodyRefusal) -> [ChatPart] {
        if let text = content.string { return [.text(text)] }
        guard content.kind == .array else {
            throw .field("messages[].content", "must be a string or an array of blocks")
        }
        var parts: [ChatPart] = []
        try ObjectReader.each(of: content, at: Self.blockPath) { (block) throws(BodyRefusal) in
            switch try block.requiredString("type") {
            case "thinking":
                let text = try block.requiredString("thinking")
                let signature = try block.string("signature").flatMap { $0.isEmpty ? nil : $0 }
                parts.append(.thinking(text, signature: signature))
                Self.finish(&block, &losses)
            case "redacted_thinking":
                parts.append(.sealedThinking(try block.requiredString("data")))
                Self.finish(&block, &losses)
            case "tool_use": parts.append(.toolCall(try Self.toolCall(&block, &names, &losses)))
            case "tool_result": parts.append(.toolResult(try Self.toolResult(&block, names, &losses)))
            case let type: parts += try Self.material(&block, type, &losses)
            }
        }
        return parts
    }

    private static let blockPath = "messages[].content[]."

    /// What stands in a user's turn and in a tool's result alike. Blocks of the provider's own tools
    /// (`server_tool_use`, `web_search_tool_result`, ...) and files are nothing that another model could read: demands,
    /// by their type.
    private static func material(
        _ block: inout ObjectReader, _ type: String, _ losses: inout Losses
    ) throws(BodyRefusal) -> [ChatPart] {
        switch type {
        case "text": return [try Self.text(&block, &losses)]
        case "image": return [.image(try Self.image(&block, &losses))]
        case "document": return try Self.document(&block, &losses)
        case "search_result":
            // `source` is a name for citations, nothing to fetch; the words go as words.
            let content = block.take("content")
            losses.note(Self.blockPath + type, .hint)
            return try content.map { (value) throws(BodyRefusal) in
                try Self.texts(value, at: "messages[].content[].content", &losses)
            } ?? []
        case "tool_reference":
            // Names a tool found by the tool search; all declared tools are sent on anyway.
            losses.note(Self.blockPath + type, .hint)
            return []
        default:
            losses.note(Self.blockPath + type, .demand)
            return []
        }
    }

    private static func text(_ block: inout ObjectReader, _ losses: inout Losses) throws(BodyRefusal) -> ChatPart {
        let text = try block.requiredString("text")
        if let citations = block.take("citations"), !citations.isEmpty { losses.note("citations", .hint) }
        Self.finish(&block, &losses)
        return .text(text)
    }

    private static func image(_ block: inout ObjectReader, _ losses: inout Losses) throws(BodyRefusal) -> ChatImage {
        guard let value = try block.object("source") else { throw block.refusal("source", "must be an object") }
        var source = try ObjectReader(value, at: "messages[].content[].source.")
        guard try source.string("type") == "base64" else { throw Self.foreignPlace }
        let mediaType = try source.requiredString("media_type")
        guard let data = source.take("data") else { throw source.refusal("data", "must be a string of base64") }
        source.loseRest(.hint, &losses)
        Self.finish(&block, &losses)
        return ChatImage(
            mediaType: mediaType, base64: try ChatImage.base64(of: data, at: "messages[].content[].source.data"))
    }

    /// A document that is text goes as text, without its title; another one (PDF) can only be named.
    private static func document(_ block: inout ObjectReader, _ losses: inout Losses) throws(BodyRefusal) -> [ChatPart]
    {
        guard let value = try block.object("source") else { throw block.refusal("source", "must be an object") }
        var source = try ObjectReader(value, at: "messages[].content[].source.")
        switch try source.requiredString("type") {
        case "text":
            losses.note("messages[].content[].document", .hint)
            return [.text(try source.requiredString("data"))]
        case "content":
            losses.note("messages[].content[].document", .hint)
            guard let content = source.take("content") else {
                throw source.refusal("content", "must be a string or an array of blocks")
            }
            return try Self.nested(content, at: "messages[].content[].source.content", &losses)
        case "base64":
            losses.note("messages[].content[].document", .demand)
            return []
        default: throw Self.foreignPlace
        }
    }

    /// The content of a tool's result, or of a document made of blocks.
    private static func nested(
        _ content: JSONView, at path: String, _ losses: inout Losses
    ) throws(BodyRefusal) -> [ChatPart] {
        if let text = content.string { return [.text(text)] }
        guard content.kind == .array else { throw .field(path, "must be a string or an array of blocks") }
        var parts: [ChatPart] = []
        try ObjectReader.each(of: content, at: Self.blockPath) { (block) throws(BodyRefusal) in
            let type = try block.requiredString("type")
            parts += try Self.material(&block, type, &losses)
        }
        return parts
    }

    private static func toolCall(
        _ block: inout ObjectReader, _ names: inout [String: String], _ losses: inout Losses
    ) throws(BodyRefusal) -> ToolCall {
        let id = try block.requiredString("id")
        let name = try block.requiredString("name")
        let input = try block.object("input").map { Array($0.bytes) }
        // Who called: the model itself, or code that it runs at the provider.
        if let caller = block.take("caller"), caller["type"]?.string != "direct" {
            losses.note("messages[].content[].caller", .hint)
        }
        Self.finish(&block, &losses)
        names[id] = name
        return ToolCall(id: id, name: name, arguments: input ?? Array("{}".utf8))
    }

    private static func toolResult(
        _ block: inout ObjectReader, _ names: [String: String], _ losses: inout Losses
    ) throws(BodyRefusal) -> ToolResult {
        let id = try block.requiredString("tool_use_id")
        let isError = try block.bool("is_error") ?? false
        let parts = try block.take("content").map { (value) throws(BodyRefusal) in
            try Self.nested(value, at: "messages[].content[].content", &losses)
        }
        Self.finish(&block, &losses)
        return ToolResult(id: id, name: names[id], parts: parts ?? [], isError: isError)
    }

    /// Notes what a block holds beside what was read. `cache_control` may stand on any of them: it has one name.
    private static func finish(_ block: inout ObjectReader, _ losses: inout Losses) {
        if block.take("cache_control") != nil { losses.note("cache_control", .hint) }
        block.loseRest(.hint, &losses)
    }

    /// The refusal of what a provider would have to fetch or look up, as for OpenAI's parts (`ForeignPlaces`).
    private static let foreignPlace = BodyRefusal(
        reason: .toolForbidden,
        message: "\"messages\" has a block that names a place to fetch it from, which is not done here nor asked of a "
            + "provider; send images within the request, with a source of the type base64",
        parameter: "messages[].content[].source")
}
