import Foundation

/// Tells what happens, with the time it took: for logs, metrics and traces. What was asked and answered is told only if
/// `includesContent` says so.
public struct ObservedService: LLMService {
    private let base: any LLMService
    private let includesContent: Bool
    private let now: @Sendable () -> ContinuousClock.Instant
    private let observe: @Sendable (ServiceEvent) -> Void
    private let calls = Protected(0)

    /// A service before `base`. `observe` is called in the order of each call's events, from the task that calls, and
    /// should be quick.
    public init(
        _ base: any LLMService, includesContent: Bool = false,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        observe: @escaping @Sendable (ServiceEvent) -> Void
    ) {
        self.base = base
        self.includesContent = includesContent
        self.now = now
        self.observe = observe
    }

    /// The whole answer.
    public func chat(_ request: ChatRequest) async throws(LLMError) -> ChatReply {
        let call = self.begin(.chat, request.model, request.tags, request)
        do throws(LLMError) {
            let reply = try await self.base.chat(request)
            call.end(.answered(reply))
            return reply
        } catch {
            call.end(.failed(error))
            throw error
        }
    }

    /// The answer as it comes.
    public func chatStream(_ request: ChatRequest) -> AsyncThrowingStream<ChatChunk, any Error> {
        let source = Source(service: self, request: request)
        return PulledStream.stream(from: source) { source throws(LLMError) in try await source.next() }
    }

    /// The vectors.
    public func embed(_ request: EmbeddingRequest) async throws(LLMError) -> EmbeddingReply {
        let call = self.begin(.embed, request.model, request.tags, nil)
        do throws(LLMError) {
            let reply = try await self.base.embed(request)
            call.end(.embedded(reply))
            return reply
        } catch {
            call.end(.failed(error))
            throw error
        }
    }

    private func begin(
        _ operation: ServiceEvent.Operation, _ model: String, _ tags: RequestTags, _ request: ChatRequest?
    ) -> Call {
        let number = self.calls.withLock { number in
            number += 1
            return number
        }
        let event = ServiceEvent(
            call: number, operation: operation, model: model, tags: tags, request: self.includesContent ? request : nil,
            step: .began, elapsed: .zero)
        self.observe(event)
        return Call(self, event, startedAt: self.now())
    }

    /// A call under way. One that nobody ended was left.
    private final class Call: Sendable {
        private let service: ObservedService
        private let event: ServiceEvent
        private let startedAt: ContinuousClock.Instant
        private let isOver = Protected(false)

        init(_ service: ObservedService, _ event: ServiceEvent, startedAt: ContinuousClock.Instant) {
            self.service = service
            self.event = event
            self.startedAt = startedAt
        }

        deinit { self.end(.abandoned) }

        func tell(_ step: ServiceEvent.Step) {
            var event = self.event
            event.step = self.service.includesContent ? step : step.withoutContent
            event.elapsed = self.startedAt.duration(to: self.service.now())
            self.service.observe(event)
        }

        func end(_ step: ServiceEvent.Step) {
            let isFirst = self.isOver.withLock { isOver in
                defer { isOver = true }
                return !isOver
            }
            if isFirst { self.tell(step) }
        }
    }

    private struct Source: Sendable {
        let service: ObservedService
        let request: ChatRequest
        /// The stream and what is told of it, once somebody reads.
        var open: (chunks: ChunkReader, call: Call)?
        var hasBegun = false

        mutating func next() async throws(LLMError) -> ChatChunk? {
            let (chunks, call) = self.open ?? self.begin()
            do throws(LLMError) {
                let chunk = try await chunks.next()
                if chunk != nil, !self.hasBegun {
                    self.hasBegun = true
                    call.tell(.firstChunk)
                }
                if case .done(let reply)? = chunk { call.end(.answered(reply)) }
                return chunk
            } catch {
                call.end(.failed(error))
                throw error
            }
        }

        private mutating func begin() -> (ChunkReader, Call) {
            let call = self.service.begin(.chatStream, self.request.model, self.request.tags, self.request)
            let chunks = ChunkReader(self.service.base.chatStream(self.request))
            self.open = (chunks, call)
            return (chunks, call)
        }
    }
}

/// Something that happened to a call.
public struct ServiceEvent: Sendable {
    /// Which function was called.
    public enum Operation: String, Hashable, Sendable {
        /// `chat`
        case chat
        /// `chatStream`
        case chatStream = "chat_stream"
        /// `embed`
        case embed
    }

    /// What happened. Of each call one of the last four is told, and is its last.
    public enum Step: Hashable, Sendable {
        /// It was called; a stream, when somebody began to read.
        case began
        /// The first piece of a stream came.
        case firstChunk
        /// A chat was answered. Without content the reply has no parts and no refusal.
        case answered(ChatReply)
        /// Vectors came. Without content there are none.
        case embedded(EmbeddingReply)
        /// It failed. Without content the error has no words.
        case failed(LLMError)
        /// The stream was left before its end.
        case abandoned

        /// The same without what was said.
        var withoutContent: Step {
            switch self {
            case .answered(var reply):
                reply.parts = []
                reply.refusal = nil
                return .answered(reply)
            case .embedded(var reply):
                reply.vectors = []
                return .embedded(reply)
            case .failed(let error): return .failed(error.withoutContent)
            case .began, .firstChunk, .abandoned: return self
            }
        }
    }

    /// The number of the call, counted from 1 by each service: events of one call have the same.
    public var call: Int
    /// Which function was called.
    public var operation: Operation
    /// The model that was asked for.
    public var model: String
    /// The request's tags.
    public var tags: RequestTags
    /// The request, only with content and only of a chat.
    public var request: ChatRequest?
    /// What happened.
    public var step: Step
    /// Since the call.
    public var elapsed: Duration
}
