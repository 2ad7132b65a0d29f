import Foundation
import Testing

@testable import LLMService

@Suite struct InMemoryTests {
    static let request = ChatRequest(model: "m", "Hello?")

    @Test func `it says what it was told to, in order, and remembers what it was asked`() async throws {
        let service = InMemoryService([
            "One.", .toolCall("t", arguments: "{}"), .failure(LLMError(.rateLimited, "much")),
        ])
        #expect(try await service.chat(Self.request).text == "One.")
        let second = try await service.chat(ChatRequest(model: "m", "Again?"))
        #expect(second.toolCalls == [ToolCall(id: "call_0", name: "t", arguments: "{}")])
        #expect(second.stop == .toolCalls)
        #expect(await failure { try await service.chat(Self.request) }?.kind == .rateLimited)
        #expect(await failure { try await service.chat(Self.request) }?.kind == .unavailable)
        #expect(service.requests.map(\.messages.first?.text) == ["Hello?", "Again?", "Hello?", "Hello?"])
    }

    @Test func `a stream is its words and then the whole`() async throws {
        let reply = ChatReply(parts: [
            .thinking("hm", signature: nil), .text(" Two  words\nmore"),
            .toolCall(ToolCall(id: "1", name: "t", arguments: "{}")),
        ])
        let chunks = try await pieces(of: InMemoryService([.init(reply)]).chatStream(Self.request))
        #expect(
            chunks == [
                .thinking("hm"), .text(" Two"), .text("  words"), .text("\nmore"),
                .toolCall(ToolCall(id: "1", name: "t", arguments: "{}")), .done(reply),
            ])
        #expect(chunks.compactMap(\.text).joined() == reply.text)
    }

    @Test func `a stream can fail on its way`() async throws {
        let service = InMemoryService([.failure(LLMError(.transport, "cut"), after: "So far")])
        var text = ""
        let error = await failure {
            for try await chunk in service.chatStream(Self.request) { text += chunk.text ?? "" }
        }
        #expect(text == "So far")
        #expect(error?.message == "cut")
    }

    @Test func `nothing is asked before a stream is read`() async throws {
        let service = InMemoryService(["One."])
        let stream = service.chatStream(Self.request)
        #expect(service.requests == [])
        #expect(try await stream.reply().text == "One.")
        #expect(service.requests == [Self.request])
    }

    @Test func `it can answer by what it is asked, and take its time`() async throws {
        let slept = Locked<[Duration]>([])
        let service = InMemoryService(sleep: { time in slept.with { $0.append(time) } }) { request in
            .text("You said: " + (request.messages.last?.text ?? "")).delayed(by: .seconds(60))
        }
        #expect(try await service.chat(Self.request).text == "You said: Hello?")
        #expect(slept.with { $0 } == [.seconds(60)])
    }

    @Test func `texts of the same words are close to each other`() async throws {
        let service = InMemoryService([])
        let texts = ["The bill is due.", "the BILL is due", "Rain in Oslo", ""]
        let vectors = try await service.embed(EmbeddingRequest(model: "m", texts, dimensions: 128)).vectors
        func cosine(_ a: Int, _ b: Int) -> Float { zip(vectors[a], vectors[b]).reduce(0) { $0 + $1.0 * $1.1 } }
        #expect(abs(cosine(0, 1) - 1) < 1e-5)
        #expect(cosine(0, 2) < 0.5)
        #expect(vectors.map(\.count) == [128, 128, 128, 128])
        #expect(service.embeddingRequests.map(\.inputs) == [texts])
    }

    @Test func `a stream that is left is cancelled`() async {
        let service = InMemoryService([.text("never").delayed(by: .seconds(3600))])
        let task = Task { try await service.chatStream(Self.request).reply() }
        task.cancel()
        #expect(await failure { try await task.value }?.kind == .cancelled)
    }
}

@Suite struct RetryingTests {
    /// Always draws the same.
    struct Constant: RandomNumberGenerator, Sendable {
        let value: UInt64
        func next() -> UInt64 { self.value }
    }

    static let request = ChatRequest(model: "m", "Hello?")

    static func service(
        _ base: any LLMService, _ policy: RetryingService.Policy = .init(), slept: Locked<[Duration]>,
        chance: UInt64 = 0
    ) -> RetryingService {
        RetryingService(base, policy: policy, generator: Constant(value: chance)) { time in
            slept.with { $0.append(time) }
        }
    }

    @Test func `what may pass is asked for again, later and later`() async throws {
        let slept = Locked<[Duration]>([])
        let base = InMemoryService([
            .failure(LLMError(.transport, "1")), .failure(LLMError(.unavailable, "2")), "Here.",
        ])
        #expect(try await Self.service(base, slept: slept).chat(Self.request).text == "Here.")
        #expect(base.requests.count == 3)
        #expect(slept.with { $0 } == [.milliseconds(500), .seconds(1)])
    }

    @Test func `after the last attempt the last error is told`() async {
        let slept = Locked<[Duration]>([])
        let base = InMemoryService((1...9).map { .failure(LLMError(.unavailable, "\($0)")) })
        let error = await failure { try await Self.service(base, slept: slept).chat(Self.request) }
        #expect(error?.message == "3")
        #expect(base.requests.count == 3)
    }

    @Test(arguments: LLMError.Kind.allCases)
    func `only what may pass is asked for again`(kind: LLMError.Kind) async throws {
        let base = InMemoryService([.failure(LLMError(kind, "")), "Here."])
        let service = Self.service(base, slept: Locked([]))
        let text = try? await service.chat(Self.request).text
        let passes: Set<LLMError.Kind> = [.rateLimited, .unavailable, .transport]
        #expect((text == "Here.") == passes.contains(kind))
        #expect(base.requests.count == (passes.contains(kind) ? 2 : 1))
    }

    @Test func `a server's wish is heeded, and one that is too great ends it`() {
        let policy = RetryingService.Policy(attemptsMax: 4, firstDelay: .seconds(1), delayMax: .seconds(5))
        func delay(_ wish: Duration?, attempt: Int = 1, chance: Double = 0) -> Duration? {
            policy.delay(after: LLMError(.rateLimited, "", retryAfter: wish), attempt: attempt, chance: chance)
        }
        #expect(delay(.seconds(3)) == .seconds(3))
        #expect(delay(.zero) == .seconds(1))
        #expect(delay(.seconds(6)) == nil)
        #expect((1...4).map { delay(nil, attempt: $0) } == [.seconds(1), .seconds(2), .seconds(4), nil])
        #expect((1...3).map { delay(nil, attempt: $0, chance: 1) } == [.milliseconds(500), .seconds(1), .seconds(2)])
        let many = RetryingService.Policy(attemptsMax: .max)
        #expect(many.delay(after: LLMError(.transport, ""), attempt: 1 << 40, chance: 0) == .seconds(30))
    }

    @Test func `a stream is asked for again only before its first piece`() async throws {
        let error = LLMError(.transport, "cut")
        let early = InMemoryService([.failure(error), "Here it is."])
        #expect(try await Self.service(early, slept: Locked([])).chatStream(Self.request).reply().text == "Here it is.")
        let late = InMemoryService([.failure(error, after: "So"), "Here it is."])
        var text = ""
        let thrown = await failure {
            for try await chunk in Self.service(late, slept: Locked([])).chatStream(Self.request) {
                text += chunk.text ?? ""
            }
        }
        #expect(thrown == error)
        #expect(text == "So")
        #expect(late.requests.count == 1)
    }

    @Test func `vectors are asked for again too, and a wait can be cancelled`() async {
        let service = RetryingService(Broken(), sleep: { _ in throw CancellationError() })
        #expect(await failure { try await service.embed(EmbeddingRequest(model: "m", [])) }?.kind == .cancelled)
    }

    struct Broken: LLMService {
        func chat(_ request: ChatRequest) async throws(LLMError) -> ChatReply { throw LLMError(.unavailable, "") }
        func chatStream(_ request: ChatRequest) -> AsyncThrowingStream<ChatChunk, any Error> {
            AsyncThrowingStream { $0.finish(throwing: LLMError(.unavailable, "")) }
        }
        func embed(_ request: EmbeddingRequest) async throws(LLMError) -> EmbeddingReply {
            throw LLMError(.unavailable, "")
        }
    }
}

@Suite struct ObservedTests {
    static let request: ChatRequest = {
        var request = ChatRequest(model: "m", "A secret?")
        request.tags.project = "website"
        return request
    }()

    /// A clock that a second passes on with each look at it.
    static func service(
        _ base: any LLMService, includesContent: Bool = false, events: Locked<[ServiceEvent]>
    ) -> ObservedService {
        let now = Locked(ContinuousClock.now)
        return ObservedService(
            base, includesContent: includesContent,
            now: {
                now.with { now in
                    now += .seconds(1)
                    return now
                }
            }, observe: { event in events.with { $0.append(event) } })
    }

    @Test func `a chat is told with its time and without its words`() async throws {
        let events = Locked<[ServiceEvent]>([])
        let reply = ChatReply(
            parts: [.text("A secret.")], refusal: "secret", model: "served", usage: TokenUsage(inputTokens: 3),
            origin: ReplyOrigin(requestID: "01"))
        let base = InMemoryService([.init(reply), .failure(LLMError(.forbidden, "a secret", code: "deny_rule"))])
        let service = Self.service(base, events: events)
        #expect(try await service.chat(Self.request) == reply)
        #expect(await failure { try await service.chat(Self.request) }?.message == "a secret")
        let told = events.with { $0 }
        #expect(told.map(\.call) == [1, 1, 2, 2])
        #expect(told.map(\.elapsed) == [.zero, .seconds(1), .zero, .seconds(1)])
        #expect(told.allSatisfy { $0.operation == .chat && $0.model == "m" && $0.tags.project == "website" })
        var bare = reply
        bare.parts = []
        bare.refusal = nil
        #expect(
            told.map(\.step) == [
                .began, .answered(bare), .began, .failed(LLMError(.forbidden, "forbidden", code: "deny_rule")),
            ])
        #expect(!"\(told)".contains("ecret"))
    }

    @Test func `a stream is told from its first reading to its end`() async throws {
        let events = Locked<[ServiceEvent]>([])
        let service = Self.service(InMemoryService(["Two words"]), includesContent: true, events: events)
        let stream = service.chatStream(Self.request)
        #expect(events.with { $0 }.isEmpty)
        let reply = try await stream.reply()
        #expect(events.with { $0 }.map(\.step) == [.began, .firstChunk, .answered(reply)])
        #expect(events.with { $0 }.map(\.elapsed) == [.zero, .seconds(1), .seconds(2)])
        #expect(events.with { $0 }.allSatisfy { $0.request == Self.request && $0.operation == .chatStream })
    }

    @Test func `a stream that is left is abandoned, one that breaks has failed`() async throws {
        let events = Locked<[ServiceEvent]>([])
        let error = LLMError(.transport, "cut")
        let base = InMemoryService(["Two words", .failure(error, after: "So")])
        let service = Self.service(base, includesContent: true, events: events)
        for try await _ in service.chatStream(Self.request) { break }
        #expect(events.with { $0 }.map(\.step) == [.began, .firstChunk, .abandoned])
        _ = await failure { try await service.chatStream(Self.request).reply() }
        #expect(events.with { $0 }.dropFirst(3).map(\.step) == [.began, .firstChunk, .failed(error)])
    }

    @Test func `vectors are told without their numbers`() async throws {
        let events = Locked<[ServiceEvent]>([])
        let service = Self.service(InMemoryService([]), events: events)
        _ = try await service.embed(EmbeddingRequest(model: "m", ["a"]))
        #expect(events.with { $0 }.map(\.step) == [.began, .embedded(EmbeddingReply(vectors: [], model: "m"))])
    }

    @Test func `the wrappers stack either way`() async throws {
        let events = Locked<[ServiceEvent]>([])
        let answers: [InMemoryService.Answer] = [.failure(LLMError(.transport, "cut")), "Here."]
        let inside = RetryingService(
            Self.service(InMemoryService(answers), events: events), sleep: { _ in })
        #expect(try await inside.chatStream(Self.request).reply().text == "Here.")
        #expect(events.with { $0 }.map(\.call) == [1, 1, 2, 2, 2], "each attempt is a call")
        events.with { $0 = [] }
        let outside = Self.service(RetryingService(InMemoryService(answers), sleep: { _ in }), events: events)
        #expect(try await outside.chatStream(Self.request).reply().text == "Here.")
        #expect(events.with { $0 }.map(\.call) == [1, 1, 1], "the attempts are one call")
    }
}
