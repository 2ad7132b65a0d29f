/// A language model that answers, wherever it stands: what business code depends on, and all that it need know.
///
/// `OpenAICompatibleService` (Gatehouse and everything alike), `AnthropicService` and `OllamaService` ask a server,
/// `InMemoryService` is for tests. `RetryingService` and `ObservedService` wrap any other. Limits, budgets, breakers and
/// fallbacks are Gatehouse's work and not repeated here.
public protocol LLMService: Sendable {
    /// Asks, and waits for the whole answer. Ends with `LLMError.Kind.cancelled` when the task is cancelled.
    func chat(_ request: ChatRequest) async throws(LLMError) -> ChatReply

    /// Asks, and tells the answer as it comes. Nothing is sent before the stream is read, by one task. It throws
    /// `LLMError` only. An answer is whole only if `ChatChunk.done` came, as its last: the stream of a task that was
    /// cancelled just ends. Whoever drops the stream, or is cancelled, ends the request.
    func chatStream(_ request: ChatRequest) -> AsyncThrowingStream<ChatChunk, any Error>

    /// Vectors for texts, one for each in their order.
    func embed(_ request: EmbeddingRequest) async throws(LLMError) -> EmbeddingReply
}

extension AsyncThrowingStream where Element == ChatChunk, Failure == any Error {
    /// Reads the stream to its end: the whole answer. A stream that ends without one, as that of a cancelled task does,
    /// is `LLMError.Kind.cancelled`.
    public func reply() async throws(LLMError) -> ChatReply {
        do {
            for try await chunk in self {
                if case .done(let reply) = chunk { return reply }
            }
        } catch {
            throw LLMError(wrapping: error)
        }
        throw LLMError(.cancelled, "the stream was left before its end")
    }
}
