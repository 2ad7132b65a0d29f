import Foundation

/// Asks again when a request may do better a little later (`LLMError.mayPass`): for a network that drops a connection,
/// and a server that says when to come back. A streamed answer is asked for again only before its first piece has come.
///
/// It does not look for another server: that is Gatehouse's work, which has tried what it may before it says no.
public struct RetryingService: LLMService {
    /// How often, and after how long.
    public struct Policy: Hashable, Sendable {
        /// Requests in all, the first one included.
        public var attemptsMax: Int
        /// The wait before the second; each later one is twice as long. Chance takes up to half of it away, so that callers
        /// who failed together do not come back together.
        public var firstDelay: Duration
        /// The longest wait. A server that wishes for more is not asked again.
        public var delayMax: Duration

        /// A policy.
        public init(
            attemptsMax: Int = 3, firstDelay: Duration = .milliseconds(500), delayMax: Duration = .seconds(30)
        ) {
            self.attemptsMax = attemptsMax
            self.firstDelay = firstDelay
            self.delayMax = delayMax
        }

        /// How long to wait after the failure of attempt `attempt`, counted from 1; `nil`: it was the last. `chance` is
        /// from 0 to 1.
        func delay(after error: LLMError, attempt: Int, chance: Double) -> Duration? {
            guard error.mayPass, attempt < self.attemptsMax else { return nil }
            let doubled = self.firstDelay * (1 << min(attempt - 1, 30))
            let own = min(doubled, self.delayMax) * (1 - chance / 2)
            guard let wished = error.retryAfter else { return own }
            return wished > self.delayMax ? nil : max(own, wished)
        }
    }

    private struct Source: Sendable {
        let service: RetryingService
        let request: ChatRequest
        var chunks: ChunkReader
        var attempt = 1
        var hasBegun = false
    }

    private let base: any LLMService
    private let policy: Policy
    private let chance: @Sendable () -> Double
    private let sleep: @Sendable (Duration) async throws -> Void

    /// A service before `base`. `generator` draws what chance takes from a wait, `sleep` waits.
    public init(
        _ base: any LLMService, policy: Policy = Policy(),
        generator: some RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.base = base
        self.policy = policy
        let generator = Protected(generator)
        self.chance = { generator.withLock { Double.random(in: 0..<1, using: &$0) } }
        self.sleep = sleep
    }

    /// The whole answer.
    public func chat(_ request: ChatRequest) async throws(LLMError) -> ChatReply {
        var attempt = 1
        while true {
            do throws(LLMError) { return try await self.base.chat(request) } catch {
                try await self.wait(after: error, attempt: attempt)
            }
            attempt += 1
        }
    }

    /// The answer as it comes.
    public func chatStream(_ request: ChatRequest) -> AsyncThrowingStream<ChatChunk, any Error> {
        let source = Source(service: self, request: request, chunks: ChunkReader(self.base.chatStream(request)))
        return PulledStream.stream(from: source) { source throws(LLMError) in
            while true {
                do throws(LLMError) {
                    let chunk = try await source.chunks.next()
                    source.hasBegun = true
                    return chunk
                } catch {
                    if source.hasBegun { throw error }
                    try await source.service.wait(after: error, attempt: source.attempt)
                }
                source.attempt += 1
                source.chunks = ChunkReader(source.service.base.chatStream(source.request))
            }
        }
    }

    /// The vectors.
    public func embed(_ request: EmbeddingRequest) async throws(LLMError) -> EmbeddingReply {
        var attempt = 1
        while true {
            do throws(LLMError) { return try await self.base.embed(request) } catch {
                try await self.wait(after: error, attempt: attempt)
            }
            attempt += 1
        }
    }

    private func wait(after error: LLMError, attempt: Int) async throws(LLMError) {
        guard let delay = self.policy.delay(after: error, attempt: attempt, chance: self.chance()) else { throw error }
        do { try await self.sleep(delay) } catch { throw LLMError(wrapping: error) }
    }
}
