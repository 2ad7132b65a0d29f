import Foundation

/// A service for tests: it says what it was told to say, without a network, and remembers what it was asked.
///
/// ```swift
/// let service = InMemoryService(["Hello.", .failure(LLMError(.rateLimited, "too much"))])
/// ```
public final class InMemoryService: LLMService {
    /// What it does when it is asked.
    public struct Answer: Sendable, ExpressibleByStringLiteral {
        /// What it says.
        public var reply: ChatReply
        /// How it fails: instead of a whole answer, or after the words of a streamed one.
        public var failure: LLMError?
        /// How long it takes before it does anything.
        public var delay = Duration.zero

        /// Says this.
        public init(_ reply: ChatReply, failure: LLMError? = nil) {
            self.reply = reply
            self.failure = failure
        }

        /// Says this.
        public init(stringLiteral text: String) { self = .text(text) }

        /// Says this.
        public static func text(_ text: String) -> Answer { Answer(ChatReply(parts: [.text(text)])) }

        /// Calls this tool.
        public static func toolCall(_ name: String, arguments: String, id: String = "call_0") -> Answer {
            let call = ToolCall(id: id, name: name, arguments: arguments)
            return Answer(ChatReply(parts: [.toolCall(call)], stop: .toolCalls))
        }

        /// Fails; a stream says `text` before.
        public static func failure(_ error: LLMError, after text: String = "") -> Answer {
            Answer(ChatReply(parts: text.isEmpty ? [] : [.text(text)]), failure: error)
        }

        /// The same, later.
        public func delayed(by delay: Duration) -> Answer {
            var answer = self
            answer.delay = delay
            return answer
        }
    }

    private struct Memory {
        var requests: [ChatRequest] = []
        var embeddingRequests: [EmbeddingRequest] = []
        var answers: ArraySlice<Answer>
    }

    /// Texts of one piece of a stream are words.
    private struct Source: Sendable {
        let service: InMemoryService
        let request: ChatRequest
        var chunks: ArraySlice<ChatChunk>?
        var failure: LLMError?
    }

    /// The length of the vectors, unless a request says otherwise.
    static let dimensions = 64

    private let memory: Protected<Memory>
    private let answering: (@Sendable (ChatRequest) async throws(LLMError) -> Answer)?
    private let sleep: @Sendable (Duration) async throws -> Void

    /// A service that gives these answers, one to each request in the order in which they come, and is `unavailable` after
    /// the last. `sleep` passes the delays.
    public init(
        _ answers: [Answer],
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.memory = Protected(Memory(answers: answers[...]))
        self.answering = nil
        self.sleep = sleep
    }

    /// A service that answers by what it is asked.
    public init(
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        answering: @escaping @Sendable (ChatRequest) async throws(LLMError) -> Answer
    ) {
        self.memory = Protected(Memory(answers: []))
        self.answering = answering
        self.sleep = sleep
    }

    /// What it was asked so far, in the order in which it came.
    public var requests: [ChatRequest] { self.memory.withLock(\.requests) }

    /// Of which texts vectors were wanted.
    public var embeddingRequests: [EmbeddingRequest] { self.memory.withLock(\.embeddingRequests) }

    /// The whole answer.
    public func chat(_ request: ChatRequest) async throws(LLMError) -> ChatReply {
        let answer = try await self.answer(to: request)
        if let failure = answer.failure { throw failure }
        return answer.reply
    }

    /// The answer word by word.
    public func chatStream(_ request: ChatRequest) -> AsyncThrowingStream<ChatChunk, any Error> {
        PulledStream.stream(from: Source(service: self, request: request)) { source throws(LLMError) in
            if source.chunks == nil {
                let answer = try await source.service.answer(to: source.request)
                source.chunks = Self.chunks(of: answer)[...]
                source.failure = answer.failure
            }
            if Task.isCancelled { throw LLMError(.cancelled, "the task was cancelled") }
            if let chunk = source.chunks?.popFirst() { return chunk }
            if let failure = source.failure { throw failure }
            return nil
        }
    }

    /// Vectors of unit length in which texts with the same words lie close to each other.
    public func embed(_ request: EmbeddingRequest) async throws(LLMError) -> EmbeddingReply {
        self.memory.withLock { $0.embeddingRequests.append(request) }
        let length = max(request.dimensions ?? Self.dimensions, 1)
        return EmbeddingReply(
            vectors: request.inputs.map { Self.vector(of: $0, length: length) }, model: request.model)
    }

    private func answer(to request: ChatRequest) async throws(LLMError) -> Answer {
        self.memory.withLock { $0.requests.append(request) }
        let answer: Answer
        if let answering = self.answering {
            answer = try await answering(request)
        } else {
            guard let next = self.memory.withLock({ $0.answers.popFirst() }) else {
                throw LLMError(.unavailable, "the in-memory service has no answer left; give it one more")
            }
            answer = next
        }
        if answer.delay > .zero {
            do { try await self.sleep(answer.delay) } catch { throw LLMError(wrapping: error) }
        }
        return answer
    }

    private static func chunks(of answer: Answer) -> [ChatChunk] {
        var chunks: [ChatChunk] = []
        for part in answer.reply.parts {
            switch part {
            case .text(let text): chunks += Self.words(of: text).map(ChatChunk.text)
            case .thinking(let text, _): chunks += Self.words(of: text).map(ChatChunk.thinking)
            case .toolCall(let call): chunks.append(.toolCall(call))
            case .image, .sealedThinking, .toolResult: break
            }
        }
        if answer.failure == nil { chunks.append(.done(answer.reply)) }
        return chunks
    }

    /// Words, each with the blanks before it.
    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var isInWord = false
        for character in text {
            if words.isEmpty || (isInWord && character.isWhitespace) {
                words.append(String(character))
            } else {
                words[words.count - 1].append(character)
            }
            isInWord = !character.isWhitespace
        }
        return words
    }

    /// Counts words in places that their hash (FNV-1a, the same in every run) says.
    private static func vector(of text: String, length: Int) -> [Float] {
        var counts = [Float](repeating: 0, count: length)
        for word in text.lowercased().split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
            let hash = word.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            counts[Int(hash % UInt64(length))] += 1
        }
        let norm = counts.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return norm == 0 ? counts : counts.map { $0 / norm }
    }
}
