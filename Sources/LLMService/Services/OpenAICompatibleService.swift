import Foundation

/// Gatehouse, OpenAI, and every server that speaks as they do: vLLM, llama.cpp, Ollama's `/v1`, Azure and others. (OpenAI
/// API reference: Create chat completion, Create embeddings.)
public struct OpenAICompatibleService: LLMService {
    /// How a bound on the answer is called.
    public enum OutputBound: String, Sendable {
        /// What OpenAI and Gatehouse want.
        case maxCompletionTokens = "max_completion_tokens"
        /// What Ollama's `/v1` and older servers know; they would not keep to the other (`ollama.md` 4).
        case maxTokens = "max_tokens"
    }

    private let service: HTTPService<OpenAIDialect>

    /// A service at `url`, which ends as in `http://127.0.0.1:11430/v1`. A query (Azure's `api-version`) is kept.
    public init(
        url: URL, key: String? = nil, outputBound: OutputBound = .maxCompletionTokens,
        options: ConnectionOptions = ConnectionOptions()
    ) {
        self.service = HTTPService(OpenAIDialect(outputBound: outputBound), url: url, key: key, options: options)
    }

    /// `POST /chat/completions`
    public func chat(_ request: ChatRequest) async throws(LLMError) -> ChatReply {
        try await self.service.chat(request)
    }

    /// `POST /chat/completions`, streamed
    public func chatStream(_ request: ChatRequest) -> AsyncThrowingStream<ChatChunk, any Error> {
        self.service.chatStream(request)
    }

    /// `POST /embeddings`
    public func embed(_ request: EmbeddingRequest) async throws(LLMError) -> EmbeddingReply {
        try await self.service.embed(request)
    }
}
