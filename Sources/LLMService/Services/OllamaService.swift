import Foundation

/// An Ollama server, and Gatehouse by the same API. (`ollama.md` 3)
///
/// The API cannot make a model call a tool: `ToolChoice.required` and `.tool` are `invalidRequest`.
public struct OllamaService: LLMService {
    private let service: HTTPService<OllamaDialect>

    /// A service at `url`: `http://127.0.0.1:11434`. The key is for Gatehouse; Ollama has none.
    public init(url: URL, key: String? = nil, options: ConnectionOptions = ConnectionOptions()) {
        self.service = HTTPService(OllamaDialect(), url: url, key: key, options: options)
    }

    /// `POST /api/chat`
    public func chat(_ request: ChatRequest) async throws(LLMError) -> ChatReply {
        try await self.service.chat(request)
    }

    /// `POST /api/chat`, streamed
    public func chatStream(_ request: ChatRequest) -> AsyncThrowingStream<ChatChunk, any Error> {
        self.service.chatStream(request)
    }

    /// `POST /api/embed`
    public func embed(_ request: EmbeddingRequest) async throws(LLMError) -> EmbeddingReply {
        try await self.service.embed(request)
    }
}
