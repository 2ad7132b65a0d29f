import Foundation

/// Anthropic, and Gatehouse by the same API. (Anthropic API reference: Messages.)
///
/// The API knows neither vectors nor JSON without a schema: both are `invalidRequest`. It has no seed, which is left out
/// and told in `ReplyOrigin.dropped`.
public struct AnthropicService: LLMService {
    private let service: HTTPService<AnthropicDialect>

    /// A service at `url`, without `/v1`: `http://127.0.0.1:11430`. The API wants a bound on each answer: that of a
    /// request, else `outputTokensMax`.
    public init(
        url: URL, key: String? = nil, outputTokensMax: Int = 4096, options: ConnectionOptions = ConnectionOptions()
    ) {
        self.service = HTTPService(
            AnthropicDialect(outputTokensMax: outputTokensMax), url: url, key: key, options: options)
    }

    /// `POST /v1/messages`
    public func chat(_ request: ChatRequest) async throws(LLMError) -> ChatReply {
        try await self.service.chat(request)
    }

    /// `POST /v1/messages`, streamed
    public func chatStream(_ request: ChatRequest) -> AsyncThrowingStream<ChatChunk, any Error> {
        self.service.chatStream(request)
    }

    /// Throws `invalidRequest`: the API has no vectors.
    public func embed(_ request: EmbeddingRequest) async throws(LLMError) -> EmbeddingReply {
        try await self.service.embed(request)
    }
}
