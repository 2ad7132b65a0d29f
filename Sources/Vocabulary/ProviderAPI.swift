/// Whose API a backend speaks: the `kind` of its configuration (`DESIGN.md`, "Words").
public enum ProviderAPI: String, Hashable, Sendable, CaseIterable {
    /// An Ollama server's own API, and its versions of the others.
    case ollama
    /// OpenAI's chat completions and embeddings, which many servers have: OpenAI, Azure, vLLM, llama.cpp, DeepSeek ...
    case openAI = "openai"
    /// Anthropic's messages.
    case anthropic
    /// Gemini's generateContent.
    case gemini
}
