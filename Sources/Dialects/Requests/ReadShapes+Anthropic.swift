extension ReadShape {
    private static let imageSource = ReadShape(
        "messages[].content[].source", names: ["type", "media_type", "data", "url"])

    /// What stands in a tool result: text and images.
    private static let resultBlock = ReadShape(
        "messages[].content[].content[]",
        [Key("type"), Key("text"), Key("source", mark: .image, below: .imageSource), Key("url"), Key("title")])

    /// `input` is the arguments of a tool call: the caller's own.
    private static let contentBlock = ReadShape(
        "messages[].content[]",
        [
            Key("type"), Key("text"), Key("citations"), Key("source", mark: .image, below: .imageSource), Key("id"),
            Key("name"), Key("input"), Key("tool_use_id"), Key("content", below: .resultBlock), Key("is_error"),
            Key("thinking", mark: .thinking), Key("signature"),
        ])

    private static let anthropicMessage = ReadShape(
        "messages[]", [Key("role", mark: .role), Key("content", below: .contentBlock)])

    private static let anthropicTool = ReadShape(
        "tools[]", names: ["type", "name", "description", "input_schema", "max_uses"])

    /// `tool_choice` and `metadata` are dropped by Ollama (`ollama.md` 5), in the latter any key may stand.
    static let anthropicMessages = ReadShape(
        "",
        [
            Key("model", .model), Key("max_tokens", .maxTokens),
            Key("messages", .messages, below: .anthropicMessage),
            Key("system", .system, below: ReadShape("system[]", names: ["type", "text"])), Key("stream", .stream),
            Key("temperature"), Key("top_p"), Key("top_k"), Key("stop_sequences"),
            Key("tools", .tools, below: .anthropicTool),
            Key(
                "tool_choice", .toolChoice, isRead: false,
                below: ReadShape("tool_choice", names: ["type", "name", "disable_parallel_tool_use"])),
            Key("thinking", below: ReadShape("thinking", names: ["type", "budget_tokens"])),
            Key("metadata", isRead: false),
            Key("output_config", .outputConfig, below: ReadShape("output_config", names: ["effort"])),
            Key("output_format", .outputFormat, isRead: false),
            Key("_debug_render_only", .debugRenderOnly),
        ])
}
