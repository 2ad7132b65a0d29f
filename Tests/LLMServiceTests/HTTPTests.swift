import Foundation
import Testing

@testable import LLMService

/// Runs each test over connections of our own and over Foundation's session.
struct BothTransports: SuiteTrait, TestTrait, TestScoping {
    @TaskLocal static var usesSession = false

    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }  // A whole suite: its tests come each by itself.
        for usesSession in [false, true] {
            try await Self.$usesSession.withValue(usesSession) { try await function() }
        }
    }
}

/// The services over a real connection, before a server that does what it is told.
@Suite(.timeLimit(.minutes(1)), BothTransports()) struct HTTPTests {
    static let request = ChatRequest(model: "m", "Hello?")
    static let whole = #"{"model":"m","choices":[{"message":{"content":"Hello."},"finish_reason":"stop"}]}"#

    static func event(_ text: String, finish: String = "null") -> String {
        "data: {\"choices\":[{\"delta\":{\"content\":\"\(text)\"},\"finish_reason\":\(finish)}]}\n\n"
    }

    static let stream = [Self.event("Hel"), Self.event("lo."), Self.event("", finish: "\"stop\""), "data: [DONE]\n\n"]

    static func service(
        _ server: TestServer, key: String? = nil, _ change: (inout ConnectionOptions) -> Void = { _ in }
    ) -> OpenAICompatibleService {
        var options = ConnectionOptions()
        options.usesSession = BothTransports.usesSession
        change(&options)
        return OpenAICompatibleService(url: server.url("/v1"), key: key, options: options)
    }

    // MARK: What is sent

    @Test func `a request carries its key, its tags and what the options add`() async throws {
        let server = try TestServer.answering(Self.whole)
        var request = Self.request
        request.tags = RequestTags(project: "website", staysInside: true)
        request.timeout = .milliseconds(12_034)
        let service = Self.service(server, key: "gh_secret") { $0.headers = ["X-More": "yes", "User-Agent": "mine"] }
        #expect(try await service.chat(request).text == "Hello.")
        let sent = try #require(server.requests.first)
        #expect(sent.line == "POST /v1/chat/completions HTTP/1.1")
        #expect(sent.headers["authorization"] == "Bearer gh_secret")
        #expect(sent.headers["content-type"] == "application/json")
        #expect(sent.headers["x-gatehouse-project"] == "website")
        #expect(sent.headers["x-gatehouse-external"] == "never")
        #expect(sent.headers["x-request-timeout"] == "12.034")
        #expect(sent.headers["x-more"] == "yes")
        #expect(sent.headers["user-agent"] == "mine")
        #expect(sent.headers["cookie"] == nil)
        #expect(sent.body.hasPrefix(#"{"model":"m","messages":"#))
    }

    @Test(arguments: ["", "/", "/v1", "/v1/", "/deployments/x?api-version=1", "/a%2Fb/"])
    func `an address keeps its path and its query`(path: String) async throws {
        let server = try TestServer.answering(Self.whole)
        var options = ConnectionOptions()
        options.usesSession = BothTransports.usesSession
        _ = try await OpenAICompatibleService(url: server.url(path), options: options).chat(Self.request)
        let expected = [
            "": "/chat/completions", "/": "/chat/completions", "/v1": "/v1/chat/completions",
            "/v1/": "/v1/chat/completions",
            "/deployments/x?api-version=1": "/deployments/x/chat/completions?api-version=1",
            "/a%2Fb/": "/a%2Fb/chat/completions",
        ]
        #expect(server.requests.map(\.line) == ["POST \(expected[path]!) HTTP/1.1"])
    }

    @Test(arguments: ["ftp://h/v1", "file:///etc/passwd", "http:///v1", "/v1", "http://user:word@h/v1"])
    func `an address that is none is refused`(address: String) async throws {
        let service = OpenAICompatibleService(url: try #require(URL(string: address)))
        #expect(await failure { try await service.chat(Self.request) }?.kind == .invalidRequest)
    }

    @Test(arguments: ["a\r\nx-evil: 1", "a\nb", "", "\u{0}", "gr\u{FC}\u{DF}", String(repeating: "x", count: 4097)])
    func `a value that is no header's is refused and not sent`(value: String) async throws {
        let server = try TestServer.answering(Self.whole)
        var request = Self.request
        request.tags.conversation = value
        let error = await failure { try await Self.service(server).chat(request) }
        #expect(error?.kind == .invalidRequest)
        #expect(error?.message.contains("x-gatehouse-conversation") == true)
        #expect(server.connections == 0)
    }

    @Test(arguments: ["Host", "content-length", "Transfer-Encoding", "a b", "a\r\nb", "a:", ""])
    func `a name that is no header's, or the connection's own, is refused`(name: String) async throws {
        let server = try TestServer.answering(Self.whole)
        let error = await failure { try await Self.service(server) { $0.headers = [name: "x"] }.chat(Self.request) }
        #expect(error?.kind == .invalidRequest)
        #expect(server.connections == 0)
    }

    @Test func `a key is not to be seen in a service`() throws {
        let server = try TestServer.answering(Self.whole)
        let service = Self.service(server, key: "gh_secret")
        var dumped = ""
        dump(service, to: &dumped)
        #expect(!dumped.contains("gh_secret") && !"\(service)".contains("gh_secret"))
        #expect(dumped.contains("redacted"))
    }

    // MARK: What is answered

    @Test func `an answer says where it came from`() async throws {
        let server = try TestServer.answering(
            Self.whole,
            headers: [
                "X-Gatehouse-Request-ID: 01", "x-gatehouse-route: local:gpu1", "x-gatehouse-reason: allow_local",
                "x-gatehouse-dropped: seed",
            ])
        #expect(
            try await Self.service(server).chat(Self.request).origin
                == ReplyOrigin(requestID: "01", route: "local:gpu1", reason: "allow_local", dropped: ["seed"]))
        var request = Self.request
        request.messages.append(ChatMessage(.assistant, [.thinking("hm", signature: nil), .text("Yes?")]))
        #expect(try await Self.service(server).chat(request).origin.dropped == ["thinking", "seed"])
    }

    @Test func `a stream comes piece by piece`() async throws {
        let goOn = DispatchSemaphore(value: 0)
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.begin(headers: ["x-gatehouse-request-id: 01"])
            for piece in Self.stream {
                connection.chunk(piece)
                goOn.wait()
            }
            connection.chunk("")
        }
        var told: [ChatChunk] = []
        for try await chunk in Self.service(server).chatStream(Self.request) {
            told.append(chunk)
            goOn.signal()
            goOn.signal()
        }
        let reply = ChatReply(parts: [.text("Hello.")], origin: ReplyOrigin(requestID: "01"))
        #expect(told == [.text("Hel"), .text("lo."), .done(reply)])
        #expect(server.requests.first?.body.contains(#""stream":true"#) == true)
    }

    @Test func `however a stream is cut, it says the same`() async throws {
        let text = Self.stream.joined()
        let server = try TestServer { connection in
            while connection.request() != nil {
                connection.begin()
                for byte in text { connection.chunk(String(byte)) }
                connection.chunk("")
            }
        }
        let chunks = try await pieces(of: Self.service(server).chatStream(Self.request))
        #expect(chunks.compactMap(\.text).joined() == "Hello.")
        #expect(chunks.last == .done(ChatReply(parts: [.text("Hello.")])))
    }

    @Test func `a reader that is slow misses nothing`() async throws {
        let count = 20_000
        let sent = Happening<Void>()
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.begin()
            for number in 0..<count { connection.chunk(Self.event("\(number) ")) }
            for piece in Self.stream.suffix(2) + [""] { connection.chunk(piece) }
            sent.tell(())
        }
        var iterator = Self.service(server).chatStream(Self.request).makeAsyncIterator()
        #expect(try await iterator.next() == .text("0 "))
        await sent.value  // The server is not held up.
        var text = "0 "
        while let chunk = try await iterator.next() { text += chunk.text ?? "" }
        #expect(text == (0..<count).map { "\($0) " }.joined())
    }

    @Test func `a connection that the server closes holds nobody up`() async throws {
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            // The client may try to use it again, and must not wait for an answer that it will not get.
            connection.answer(Self.whole)
            _ = connection.request()
        }
        let service = Self.service(server)
        for _ in 0..<3 { #expect(try await service.chat(Self.request).text == "Hello.") }
    }

    @Test func `a server may end its stream in peace`() async throws {
        let ended = Happening<Bool>()
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.begin()
            for piece in Self.stream { connection.chunk(piece) }
            ended.tell(!connection.waitForEnd(milliseconds: 200))
            connection.chunk("")
        }
        do {
            let reply = try await Self.service(server).chatStream(Self.request).reply()
            #expect(reply.text == "Hello.")
        }
        #expect(await ended.value == true, "the client has not left, though nobody reads any more")
    }

    @Test func `many requests go on at once`() async throws {
        let server = try TestServer.streaming(Self.stream)
        let service = Self.service(server)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await service.chatStream(Self.request).reply().text } }
            for try await text in group { #expect(text == "Hello.") }
        }
        #expect(server.requests.count == 50)
    }

    // MARK: What goes wrong

    @Test func `nobody listens`() async throws {
        let port = try TestServer.answering("").port  // It is gone at the end of this line.
        var options = ConnectionOptions()
        options.usesSession = BothTransports.usesSession
        let service = OpenAICompatibleService(url: URL(string: "http://127.0.0.1:\(port)/v1")!, options: options)
        let error = await failure { try await service.chat(Self.request) }
        #expect(error?.kind == .transport)
        #expect(error?.message.hasPrefix("127.0.0.1:\(port): ") == true)
        #expect(await failure { try await service.chatStream(Self.request).reply() }?.kind == .transport)
    }

    @Test func `an error has its status, its reason and its wish, streamed or not`() async throws {
        let body = #"{"error":{"message":"the queue is full","type":"rate_limit_error","code":"queue_full"}}"#
        let server = try TestServer.answering(
            body, status: 429,
            headers: ["retry-after: 7", "x-gatehouse-reason: queue_full", "x-gatehouse-request-id: 01"])
        let expected = LLMError(
            .rateLimited, "the queue is full", status: 429, code: "queue_full", requestID: "01", retryAfter: .seconds(7)
        )
        #expect(await failure { try await Self.service(server).chat(Self.request) } == expected)
        #expect(await failure { try await Self.service(server).chatStream(Self.request).reply() } == expected)
        #expect(
            await failure { try await Self.service(server).embed(EmbeddingRequest(model: "m", ["a"])) } == expected)
    }

    @Test(arguments: ["Basic realm=\"x\"", "Digest realm=\"x\", nonce=\"y\"", "Bearer"])
    func `a server that asks for another kind of key gets none`(challenge: String) async throws {
        let server = try TestServer.answering("no", status: 401, headers: ["www-authenticate: \(challenge)"])
        let error = await failure { try await Self.service(server, key: "k").chat(Self.request) }
        #expect(error == LLMError(.unauthorized, "no", status: 401))
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a redirect is not followed`(status: Int) async throws {
        let canary = try TestServer.answering(Self.whole)
        for location in ["http://127.0.0.1:\(canary.port)/v1/chat/completions", "/elsewhere"] {
            let server = try TestServer.answering("", status: status, headers: ["location: \(location)"])
            let error = await failure { try await Self.service(server).chat(Self.request) }
            #expect(error?.kind == .malformedAnswer)
            #expect(error?.status == status)
            #expect(error?.message.contains("redirect") == true)
            #expect(server.requests.count == 1)
        }
        #expect(canary.connections == 0)
    }

    @Test func `a redirect to nowhere is one too`() async throws {
        let server = try TestServer.answering("", status: 302)
        #expect(await failure { try await Self.service(server).chat(Self.request) }?.status == 302)
    }

    @Test func `a cookie is not kept`() async throws {
        let server = try TestServer.answering(Self.whole, headers: ["set-cookie: a=b; path=/"])
        let service = Self.service(server)
        _ = try await service.chat(Self.request)
        _ = try await service.chat(Self.request)
        #expect(server.requests.map { $0.headers["cookie"] } == [nil, nil])
    }

    @Test func `an answer that can be kept is not`() async throws {
        let server = try TestServer.answering(Self.whole, headers: ["cache-control: public, max-age=3600"])
        let service = Self.service(server)
        _ = try await service.chat(Self.request)
        _ = try await service.chat(Self.request)
        #expect(server.requests.count == 2)
    }

    @Test(arguments: [[], [HTTPTests.event("Hel")], [HTTPTests.event("Hel"), "data: [DONE]\n\n"]])
    func `a stream that ends before its answer is no answer`(pieces: [String]) async throws {
        let server = try TestServer.streaming(pieces, headers: ["x-gatehouse-request-id: 01"])
        let error = await failure { try await Self.service(server).chatStream(Self.request).reply() }
        #expect(error == LLMError(.malformedAnswer, "the stream ended before the answer did", requestID: "01"))
    }

    @Test func `a connection that breaks is told after what came`() async throws {
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.begin()
            connection.chunk(Self.event("Hel"))
        }
        var told = ""
        let error = await failure {
            for try await chunk in Self.service(server).chatStream(Self.request) { told += chunk.text ?? "" }
        }
        #expect(told == "Hel")
        #expect(error?.kind == .transport)
    }

    @Test func `an error within a stream is told after what came`() async throws {
        let failing = Self.event("Hel") + "data: {\"error\":{\"message\":\"lost\",\"code\":\"upstream_stalled\"}}\n\n"
        let server = try TestServer.streaming([failing])
        var told = ""
        let error = await failure {
            for try await chunk in Self.service(server).chatStream(Self.request) { told += chunk.text ?? "" }
        }
        #expect(told == "Hel")
        #expect(error == LLMError(.unavailable, "lost", code: "upstream_stalled"))
    }

    @Test func `what is no answer is malformed`() async throws {
        for body in ["", "<html>", "{}", #"{"choices":"none"}"#] {
            let server = try TestServer.answering(body)
            #expect(await failure { try await Self.service(server).chat(Self.request) }?.kind == .malformedAnswer)
        }
        let server = try TestServer.answering(#"{"data":[{"embedding":[1]}]}"#)
        let error = await failure { try await Self.service(server).embed(EmbeddingRequest(model: "m", ["a", "b"])) }
        #expect(error == LLMError(.malformedAnswer, "2 vectors were asked for, 1 came"))
    }

    @Test func `answers and lines have a bound`() async throws {
        let server = try TestServer.answering(String(repeating: " ", count: 10_000) + Self.whole)
        let error = await failure { try await Self.service(server) { $0.answerBytesMax = 5000 }.chat(Self.request) }
        #expect(error == LLMError(.malformedAnswer, "the answer is longer than 5000 bytes"))
        let endless = try TestServer { connection in
            guard connection.request() != nil else { return }
            connection.begin()
            connection.chunk("data: " + String(repeating: "x", count: 10_000))
            _ = connection.waitForEnd()
        }
        let other = await failure {
            try await Self.service(endless) { $0.lineBytesMax = 5000 }.chatStream(Self.request).reply()
        }
        #expect(other == LLMError(.malformedAnswer, "a line of the answer is longer than 5000 bytes"))
    }

    // MARK: Time

    /// Says once whether the client went away.
    static func patientServer(_ pieces: [String]?, left: Happening<Bool>) throws -> TestServer {
        try TestServer { connection in
            guard connection.request() != nil else { return }
            if let pieces {
                connection.begin()
                for piece in pieces { connection.chunk(piece) }
            }
            left.tell(connection.waitForEnd())
        }
    }

    @Test func `an answer that does not begin is not waited for, and its request is ended`() async throws {
        let left = Happening<Bool>()
        let server = try Self.patientServer(nil, left: left)
        let error = await failure {
            try await Self.service(server) { $0.firstByteMax = .milliseconds(50) }.chatStream(Self.request).reply()
        }
        #expect(error == LLMError(.timeout, "no answer began within 0.05 seconds"))
        #expect(await left.value == true)
    }

    @Test func `an answer that falls silent is not waited for, and its request is ended`() async throws {
        let left = Happening<Bool>()
        let server = try Self.patientServer([Self.event("Hel")], left: left)
        let error = await failure {
            try await Self.service(server) { $0.silenceMax = .milliseconds(50) }.chatStream(Self.request).reply()
        }
        #expect(error == LLMError(.timeout, "the answer fell silent for 0.05 seconds"))
        #expect(await left.value == true)
    }

    @Test func `a caller's own patience counts`() async throws {
        let left = Happening<Bool>()
        let server = try Self.patientServer(nil, left: left)
        var request = Self.request
        request.timeout = .milliseconds(50)
        let error = await failure { [request] in try await Self.service(server).chat(request) }
        #expect(error == LLMError(.timeout, "no whole answer within 0.05 seconds"))
        #expect(await left.value == true)
        #expect(server.requests.first?.headers["x-request-timeout"] == "0.050")
    }

    // MARK: Leaving

    @Test func `a chat whose task is cancelled ends its request`() async throws {
        let (begun, left) = (Happening<Void>(), Happening<Bool>())
        let server = try TestServer { connection in
            guard connection.request() != nil else { return }
            begun.tell(())
            left.tell(connection.waitForEnd())
        }
        let task = Task { try await Self.service(server).chat(Self.request) }
        await begun.value
        task.cancel()
        #expect(await failure { try await task.value }?.kind == .cancelled)
        #expect(await left.value == true)
    }

    @Test func `a stream whose task is cancelled ends its request`() async throws {
        let left = Happening<Bool>()
        let server = try Self.patientServer([Self.event("Hel")], left: left)
        let begun = Happening<Void>()
        let task = Task {
            var told = ""
            for try await chunk in Self.service(server).chatStream(Self.request) {
                told += chunk.text ?? ""
                begun.tell(())
            }
            return told
        }
        await begun.value
        task.cancel()
        // A stream of the standard library may end without an error when its task is cancelled, or tell ours.
        let told = try? await task.value
        #expect(told == nil || told == "Hel")
        #expect(await left.value == true)
    }

    @Test func `a stream that is left ends its request`() async throws {
        let left = Happening<Bool>()
        let server = try Self.patientServer([Self.event("Hel")], left: left)
        for try await chunk in Self.service(server).chatStream(Self.request) {
            #expect(chunk == .text("Hel"))
            break
        }
        #expect(await left.value == true)
    }

    @Test func `wrapped streams end their request too`() async throws {
        let left = Happening<Bool>()
        let server = try Self.patientServer([Self.event("Hel")], left: left)
        let service = RetryingService(ObservedService(Self.service(server)) { _ in })
        for try await _ in service.chatStream(Self.request) { break }
        #expect(await left.value == true)
    }

    @Test func `a cancelled task sends nothing`() async throws {
        let server = try TestServer.answering(Self.whole)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await Self.service(server).chat(Self.request)
        }
        #expect(await failure { try await task.value }?.kind == .cancelled)
        #expect(server.connections == 0)
    }

    @Test func `a service that is gone still ends its answers`() async throws {
        let server = try TestServer.streaming(Self.stream)
        var service: OpenAICompatibleService? = Self.service(server)
        let stream = service?.chatStream(Self.request)
        service = nil
        #expect(try await stream?.reply().text == "Hello.")
    }
}
