import EventLoop
import Foundation
import LLMService
import SimulatedOllama
import Testing
import Vocabulary

/// The three services that ask a server, each before the same simulated Ollama, which answers as a real one does on the
/// wire in all three dialects.
@Suite(.serialized, .timeLimit(.minutes(1))) struct SimulatedTests {
    static let model = "llama3.2:3b"

    /// Runs `body` with each service.
    static func each(_ body: (_ name: String, any LLMService) async throws -> Void) async throws {
        let (server, port) = try await Self.start()
        let url = try #require(URL(string: "http://127.0.0.1:\(port)"))
        let services: [(String, any LLMService)] = [
            ("openai", OpenAICompatibleService(url: url.appending(path: "v1"), outputBound: .maxTokens)),
            ("anthropic", AnthropicService(url: url)),
            ("ollama", OllamaService(url: url)),
        ]
        for (name, service) in services { try await body(name, service) }
        await Self.stop(server)
    }

    static func start() async throws -> (SimulatedOllama, UInt16) {
        UVLoop.main.runOnOwnThread()
        return try await withCheckedThrowingContinuation { started in
            startTask {
                started.resume(
                    with: Result {
                        let server = SimulatedOllama(options: .init(), timers: LoopTimers())
                        let loopback = SocketAddress(IPAddress(octets: [127, 0, 0, 1]), port: 0)
                        return (server, try server.listen(on: loopback).port)
                    })
            }
        }
    }

    static func stop(_ server: SimulatedOllama) async {
        await withCheckedContinuation { stopped in
            startTask {
                server.stop()
                stopped.resume()
            }
        }
    }

    @Test func `a chat`() async throws {
        try await Self.each { name, service in
            let reply = try await service.chat(ChatRequest(model: Self.model, "Please say: Gr\u{FC}\u{DF} Gott, World"))
            #expect(reply.text == "Gr\u{FC}\u{DF} Gott, World", "\(name)")
            #expect(reply.stop == .stop, "\(name)")
            #expect(reply.model == Self.model, "\(name)")
            #expect(reply.usage.inputTokens ?? 0 > 0 && reply.usage.outputTokens ?? 0 > 0, "\(name)")
        }
    }

    @Test func `a streamed chat, which is the same in pieces`() async throws {
        try await Self.each { name, service in
            let chunks = try await pieces(of: service.chatStream(ChatRequest(model: Self.model, "count to 9")))
            #expect(chunks.count > 5, "\(name)")
            guard case .done(let reply)? = chunks.last else {
                Issue.record("\(name): no end")
                return
            }
            #expect(chunks.compactMap(\.text).joined() == reply.text, "\(name)")
            #expect(reply.text == " 1, 2, 3, 4, 5, 6, 7, 8, 9", "\(name)")
            #expect(reply.stop == .stop && reply.usage.outputTokens ?? 0 > 0, "\(name)")
        }
    }

    @Test func `a bound that cuts`() async throws {
        try await Self.each { name, service in
            var request = ChatRequest(model: Self.model, "count to 100")
            request.outputTokensMax = 3
            let whole = try await service.chat(request)
            #expect(whole.stop == .length, "\(name)")
            let streamed = try await service.chatStream(request).reply()
            #expect(streamed.stop == .length, "\(name)")
        }
    }

    @Test func `tools, over two turns`() async throws {
        try await Self.each { name, service in
            var request = ChatRequest(model: Self.model, "What is the weather in Oslo?")
            request.tools = [ChatTool("get_weather", "Tells it.", parameters: .object(["city": .string]))]
            for reply in [try await service.chat(request), try await service.chatStream(request).reply()] {
                #expect(reply.stop == .toolCalls, "\(name)")
                let call = try #require(reply.toolCalls.first, "\(name)")
                #expect(call.name == "get_weather" && !call.id.isEmpty, "\(name)")
                struct Arguments: Decodable { let city: String }
                #expect(try call.arguments(as: Arguments.self).city == "Oslo", "\(name)")
                var next = request
                next.messages += [reply.message, .results([ToolResult(of: call, "say: It rains.")])]
                #expect(try await service.chat(next).stop == .stop, "\(name)")
            }
        }
    }

    @Test func `a value`() async throws {
        struct Colour: Structured {
            var name: String
            var warm: Bool
            static let schema = JSONSchema.object(["name": .string, "warm": .boolean])
        }
        // Ollama's Messages API has no schema (`ollama.md` 5).
        try await Self.each { name, service in
            guard name != "anthropic" else { return }
            let colour = try await service.chat(ChatRequest(model: Self.model, "Name a colour."), as: Colour.self)
            #expect(!colour.name.isEmpty, "\(name)")
        }
    }

    @Test func `vectors`() async throws {
        try await Self.each { name, service in
            let request = EmbeddingRequest(model: "nomic-embed-text:latest", ["one", "two", "one"])
            if name == "anthropic" {
                #expect(await failure { try await service.embed(request) }?.kind == .invalidRequest)
                return
            }
            let reply = try await service.embed(request)
            #expect(reply.vectors.count == 3, "\(name)")
            #expect(reply.vectors[0] == reply.vectors[2] && reply.vectors[0] != reply.vectors[1], "\(name)")
        }
    }

    @Test func `a model that nobody has`() async throws {
        try await Self.each { name, service in
            let request = ChatRequest(model: "nobody:1b", "Hello?")
            for error in [
                await failure { try await service.chat(request) },
                await failure { try await service.chatStream(request).reply() },
            ] {
                #expect(error?.kind == .notFound, "\(name)")
                #expect(error?.message.contains("nobody:1b") == true, "\(name)")
            }
        }
    }
}
