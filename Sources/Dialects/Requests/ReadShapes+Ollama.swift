extension ReadShape {
    /// What the server reads at `endpoint`; `nil` for endpoints without a body. Keys of older and newer servers are
    /// all listed: one that a server does not know does no harm.
    static func of(_ endpoint: Endpoint) -> ReadShape? {
        switch endpoint {
        case .ollamaChat: .ollamaChat
        case .ollamaGenerate: .ollamaGenerate
        case .ollamaEmbed: .ollamaEmbed
        case .ollamaEmbeddings: .ollamaEmbeddings
        case .ollamaShow: .ollamaShow
        case .openAIChat: .openAIChat
        case .openAICompletions: .openAICompletions
        case .openAIEmbeddings: .openAIEmbeddings
        case .openAIResponses: .openAIResponses
        case .anthropicMessages, .anthropicCountTokens: .anthropicMessages
        case .openAIModels, .openAIModel, .ollamaTags, .ollamaPs, .ollamaVersion, .ollamaRoot: nil
        }
    }

    /// Runtime and load-time options (`ollama.md` 3), those of older servers included.
    static let ollamaOptions = ReadShape(
        "options",
        names: [
            "num_predict", "num_keep", "temperature", "top_k", "top_p", "min_p", "tfs_z", "typical_p",
            "repeat_last_n", "repeat_penalty", "presence_penalty", "frequency_penalty", "mirostat", "mirostat_tau",
            "mirostat_eta", "penalize_newline", "seed", "stop", "num_ctx", "num_batch", "num_gpu", "main_gpu",
            "use_mmap", "num_thread", "draft_num_predict", "numa", "low_vram", "f16_kv", "logits_all", "vocab_only",
            "use_mlock",
        ])

    /// A function tool, as both `/api/chat` and `/v1/chat/completions` read it. `parameters` is the caller's schema.
    static let functionTool = ReadShape(
        "tools[]",
        [
            Key("type"), Key("items"), Key("name"),
            Key("function", below: ReadShape("tools[].function", names: ["name", "description", "parameters"])),
        ])

    private static let toolCall = ReadShape(
        "messages[].tool_calls[]",
        [
            Key("id"), Key("type"), Key("index"),
            Key(
                "function",
                below: ReadShape("messages[].tool_calls[].function", names: ["index", "name", "arguments"])),
        ])

    private static let ollamaMessage = ReadShape(
        "messages[]",
        [
            Key("role", mark: .role), Key("content"), Key("thinking"), Key("images", mark: .image),
            Key("tool_calls", below: ReadShape.toolCall), Key("tool_name"), Key("tool_call_id"),
        ])

    private static let ollamaChat = ReadShape(
        "",
        [
            Key("model", .model), Key("messages", .messages, below: .ollamaMessage), Key("stream", .stream),
            Key("format"), Key("keep_alive", .keepAlive), Key("tools", .tools, below: .functionTool),
            Key("options", .options, below: .ollamaOptions), Key("think"), Key("truncate"), Key("shift", .shift),
            Key("logprobs"), Key("top_logprobs"), Key("_debug_render_only", .debugRenderOnly),
        ])

    private static let ollamaGenerate = ReadShape(
        "",
        [
            Key("model", .model), Key("prompt", .prompt), Key("suffix", .suffix), Key("system", .system),
            Key("template", .template), Key("context"), Key("stream", .stream), Key("raw"), Key("format"),
            Key("keep_alive", .keepAlive), Key("images", .images, mark: .image),
            Key("options", .options, below: .ollamaOptions), Key("think"), Key("truncate"), Key("shift", .shift),
            Key("logprobs"), Key("top_logprobs"), Key("_debug_render_only", .debugRenderOnly), Key("width"),
            Key("height"), Key("steps"),
        ])

    private static let ollamaEmbed = ReadShape(
        "",
        [
            Key("model", .model), Key("input", .input), Key("keep_alive", .keepAlive), Key("truncate"),
            Key("dimensions"), Key("options", .options, below: .ollamaOptions),
        ])

    private static let ollamaEmbeddings = ReadShape(
        "",
        [
            Key("model", .model), Key("prompt", .prompt), Key("keep_alive", .keepAlive),
            Key("options", .options, below: .ollamaOptions),
        ])

    /// `name` is an older word for `model`, still read where `model` is missing.
    private static let ollamaShow = ReadShape(
        "",
        [
            Key("model", .model), Key("name", .name), Key("system", .system), Key("template", .template),
            Key("verbose"), Key("options", .options, below: .ollamaOptions),
        ])
}
