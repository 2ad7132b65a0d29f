/// The top-level members of a request that go outside. It is a list of what goes, not of what stays: what a provider
/// invents tomorrow stays here until somebody has looked at it.
///
/// Source: OpenAI's API reference, "Create chat completion", "Create completion", "Create embeddings" (2025).
enum ExternalMembers {
    /// What asks for an answer and says how it shall be made.
    static let chat: Set<String> = [
        "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "top_p",
        "n", "stop", "seed", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs",
        "response_format", "tools", "tool_choice", "parallel_tool_calls", "functions", "function_call",
        "reasoning_effort", "verbosity",
    ]

    /// The same for `/v1/completions`.
    static let completions: Set<String> = [
        "model", "prompt", "suffix", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature",
        "top_p", "n", "best_of", "echo", "stop", "seed", "frequency_penalty", "presence_penalty", "logit_bias",
        "logprobs",
    ]

    /// The same for `/v1/embeddings`.
    static let embeddings: Set<String> = ["model", "input", "dimensions", "encoding_format"]

    /// Members that the API knows and that stay here all the same, with the reason of each.
    static let withheld: [(member: String, reason: String)] = [
        ("user", "names a person"),
        ("safety_identifier", "names a person"),
        ("metadata", "is kept there beside the prompt, and is text that nobody here reads"),
        ("store", "has the prompt and the answer kept there; `false` goes, since it asks for less"),
        ("prompt_cache_key", "ties requests of one person or task together"),
        ("prompt_cache_retention", "has the prompt kept there for longer"),
        ("service_tier", "chooses a price, which is not the caller's to choose"),
        ("web_search_options", "sends words of the prompt to a search engine"),
        ("prediction", "is text of the prompt's kind that nobody here reads"),
        ("modalities", "asks for an answer that is not text, which is not read here"),
        ("audio", "asks for an answer that is not text, which is not read here"),
    ]

    /// The same for `/v1/messages` at Anthropic.
    ///
    /// Source: Anthropic's API reference, "Create a Message" (2025).
    static let messages: Set<String> = [
        "model", "messages", "max_tokens", "system", "stream", "temperature", "top_p", "top_k", "stop_sequences",
        "tools",
        "tool_choice", "thinking", "output_config", "output_format", "context_management",
    ]

    /// Those that Anthropic's API knows and that stay here.
    static let withheldMessages: [(member: String, reason: String)] = [
        ("metadata", "names a person"),
        ("service_tier", "chooses a price, which is not the caller's to choose"),
        ("container", "goes on with what was kept there"),
        ("mcp_servers", "has the provider connect elsewhere"),
        ("inference_geo", "chooses where it is answered, which is the policy's to say"),
    ]

    /// Those of `endpoint` at a server with OpenAI's API; `nil` if it reads no such request as it is.
    static func openAI(_ endpoint: Endpoint) -> Set<String>? {
        switch endpoint {
        case .openAIChat: Self.chat
        case .openAICompletions: Self.completions
        case .openAIEmbeddings: Self.embeddings
        case .openAIResponses, .openAIModels, .openAIModel, .anthropicMessages, .anthropicCountTokens, .ollamaChat,
            .ollamaGenerate, .ollamaEmbed, .ollamaEmbeddings, .ollamaShow, .ollamaTags, .ollamaPs, .ollamaVersion,
            .ollamaRoot:
            nil
        }
    }

    /// Those of a request that passes as it is.
    static func of(_ endpoint: Endpoint) -> Set<String>? {
        endpoint == .anthropicMessages ? Self.messages : Self.openAI(endpoint)
    }
}
