extension ReadShape {
    private static let chatPart = ReadShape(
        "messages[].content[]",
        [
            Key("type"), Key("text"),
            Key(
                "image_url", mark: .image, below: ReadShape("messages[].content[].image_url", names: ["url", "detail"])),
            Key("input_audio", below: ReadShape("messages[].content[].input_audio", names: ["data", "format"])),
        ])

    private static let chatToolCall = ReadShape(
        "messages[].tool_calls[]",
        [
            Key("id"), Key("index"), Key("type"),
            Key("function", below: ReadShape("messages[].tool_calls[].function", names: ["name", "arguments"])),
        ])

    private static let chatMessage = ReadShape(
        "messages[]",
        [
            Key("role", mark: .role), Key("content", below: .chatPart), Key("reasoning"),
            Key("tool_calls", below: .chatToolCall), Key("name"), Key("tool_call_id"),
        ])

    private static let streamOptions = ReadShape("stream_options", names: ["include_usage"])

    private static let responseFormat = ReadShape(
        "response_format",
        [Key("type"), Key("json_schema", below: ReadShape("response_format.json_schema", names: ["schema"]))])

    /// `tool_choice` and `max_completion_tokens` are ours to read: Ollama drops them (`ollama.md` 4). What is asked by the
    /// newer bound goes by the older one's name.
    static let openAIChat = ReadShape(
        "",
        [
            Key("model", .model), Key("messages", .messages, below: .chatMessage), Key("stream", .stream),
            Key("stream_options", .streamOptions, below: .streamOptions), Key("max_tokens", .maxTokens),
            Key("max_completion_tokens", .maxCompletionTokens), Key("seed"), Key("stop"), Key("temperature"),
            Key("top_p"), Key("frequency_penalty"), Key("presence_penalty"),
            Key("response_format", below: .responseFormat), Key("tools", .tools, below: .functionTool),
            Key("tool_choice", .toolChoice, isRead: false),
            Key("reasoning", below: ReadShape("reasoning", names: ["effort"])), Key("reasoning_effort"),
            Key("logprobs"), Key("top_logprobs"),
            Key("_debug_render_only", .debugRenderOnly),
        ])

    static let openAICompletions = ReadShape(
        "",
        [
            Key("model", .model), Key("prompt", .prompt), Key("suffix", .suffix), Key("stream", .stream),
            Key("stream_options", .streamOptions, below: .streamOptions), Key("max_tokens", .maxTokens),
            Key("max_completion_tokens", .maxCompletionTokens), Key("seed"), Key("stop"), Key("temperature"),
            Key("top_p"), Key("frequency_penalty"), Key("presence_penalty"), Key("logprobs"),
            Key("_debug_render_only", .debugRenderOnly),
        ])

    static let openAIEmbeddings = ReadShape(
        "",
        [Key("model", .model), Key("input", .input), Key("dimensions"), Key("encoding_format")])

    private static let responsesPart = ReadShape(
        "input[].content[]",
        [
            Key("type"), Key("text"), Key("detail"), Key("file_id"), Key("image_url", mark: .image),
            Key("file_data"), Key("file_url"), Key("filename"),
        ])

    private static let responsesItem = ReadShape(
        "input[]",
        [
            Key("type"), Key("role", mark: .role), Key("content", below: .responsesPart), Key("id"), Key("call_id"),
            Key("name"),
            Key("arguments"), Key("output", below: .responsesPart),
            Key("summary", below: ReadShape("input[].summary[]", names: ["type", "text"])),
            Key("encrypted_content", mark: .seal), Key("status"),
        ])

    private static let responsesTool = ReadShape(
        "tools[]", names: ["type", "name", "description", "strict", "parameters", "filters", "search_context_size"])

    private static let responsesText = ReadShape(
        "text",
        [Key("format", below: ReadShape("text.format", names: ["type", "name", "schema", "strict"]))])

    /// What is ours alone to read Ollama ignores (`ollama.md` 4).
    static let openAIResponses = ReadShape(
        "",
        [
            Key("model", .model), Key("input", .input, below: .responsesItem), Key("instructions", .instructions),
            Key("max_output_tokens", .maxOutputTokens), Key("stream", .stream),
            Key("tools", .tools, below: .responsesTool), Key("tool_choice", .toolChoice, isRead: false),
            Key("reasoning", below: ReadShape("reasoning", names: ["effort", "generate_summary", "summary"])),
            Key("temperature"), Key("text", below: .responsesText), Key("top_p"), Key("truncation"),
            Key("background", isRead: false), Key("conversation", isRead: false), Key("include", isRead: false),
            Key("previous_response_id", isRead: false), Key("store", isRead: false),
            Key("_debug_render_only", .debugRenderOnly),
        ])
}
