import Accounting
import EventLoop
import SimulatedOllama
import Testing
import Vocabulary

@testable import Gateway

extension OnTheWire {
    /// Every answer of the data plane says which request it was, where it came from and why.
    @Suite struct AnswerHeadersTests {
        static let chat = #"{"model":"llama3.2:3b","messages":[{"role":"user","content":"hi"}]}"#
        static let streamed = chat.dropLast() + #","stream":true}"#

        /// What every answer has.
        static func check(
            _ answer: WireAnswer, _ status: Int, _ reason: Reason, route: String = "none",
            sourceLocation: SourceLocation = #_sourceLocation
        ) {
            #expect(answer.status == status, sourceLocation: sourceLocation)
            #expect(answer["x-gatehouse-reason"] == reason.rawValue, sourceLocation: sourceLocation)
            #expect(answer["x-gatehouse-route"] == route, sourceLocation: sourceLocation)
            #expect(
                answer["x-gatehouse-request-id"].flatMap { RequestID($0) } != nil, sourceLocation: sourceLocation)
            #expect(answer["date"] != nil, sourceLocation: sourceLocation)
            #expect(answer["server"] == "gatehouse", sourceLocation: sourceLocation)
        }

        // MARK: Answers

        @Test func `an answer of a backend tells which`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                let whole = try await play.ask("POST", "/v1/chat/completions", body: Self.chat)
                Self.check(whole, 200, .allowLocal, route: "local:gpu1")
                #expect(whole["content-type"] == "application/json")
                #expect(whole.member("model") == "llama3.2:3b")
                #expect(whole["x-gatehouse-dropped"] == nil)
                #expect(whole["x-gatehouse-model"] == nil)
                let events = try await play.ask("POST", "/v1/chat/completions", body: String(Self.streamed))
                Self.check(events, 200, .allowLocal, route: "local:gpu1")
                #expect(events["content-type"]?.hasPrefix("text/event-stream") == true)
                #expect(events.body.contains("data: [DONE]"))
                let lines = try await play.ask("POST", "/api/chat", body: Self.chat)
                Self.check(lines, 200, .allowLocal, route: "local:gpu1")
                #expect(lines["content-type"]?.hasPrefix("application/x-ndjson") == true)
            }
        }

        @Test func `a verbose caller hears more, and everybody what was left out`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                let body = Self.chat.dropLast() + #","stream":false,"keep_alive":-1,"options":{"num_ctx":999999}}"#
                let answer = try await play.ask(
                    "POST", "/api/chat", ["x-gatehouse-verbose: 1"], body: String(body))
                Self.check(answer, 200, .allowLocal, route: "local:gpu1")
                let dropped = answer["x-gatehouse-dropped"] ?? ""
                #expect(dropped.contains("keep_alive"))
                #expect(dropped.contains("num_ctx"))
                #expect(answer["x-gatehouse-model"] == "llama3.2:3b")
                #expect(answer["x-gatehouse-attempts"] == "1")
                let quiet = try await play.ask("POST", "/api/chat", ["x-gatehouse-verbose: 0"], body: Self.chat)
                #expect(quiet["x-gatehouse-attempts"] == nil)
            }
        }

        @Test func `what needs no backend is answered here`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                for path in ["/v1/models", "/v1/models/llama3.2:3b", "/api/tags", "/api/ps", "/api/version", "/"] {
                    Self.check(try await play.ask("GET", path), 200, .answeredHere)
                }
                let head = try await play.ask("HEAD", "/")
                Self.check(head, 200, .answeredHere)
                #expect(head.body.isEmpty)
                Self.check(
                    try await play.ask("POST", "/api/show", body: #"{"model":"llama3.2:3b"}"#), 200, .answeredHere)
                let unload = #"{"model":"llama3.2:3b","messages":[],"keep_alive":0}"#
                let kept = try await play.ask("POST", "/api/chat", body: unload)
                Self.check(kept, 200, .answeredHere)
                #expect(kept["x-gatehouse-dropped"] == "keep_alive")
            }
        }

        // MARK: Refusals

        @Test func `each refusal has its status, its reason and the shape of its dialect`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                func post(_ path: String, _ body: String, _ headers: [String] = []) async throws -> WireAnswer {
                    try await play.ask("POST", path, headers, body: body)
                }
                let openAI = try await post("/v1/chat/completions", "{")
                Self.check(openAI, 400, .invalidJSON)
                #expect(openAI.member("error", "code") == "invalid_json")
                let anthropic = try await post("/v1/messages", #"{"model":"nobody","max_tokens":1,"messages":[]}"#)
                Self.check(anthropic, 404, .modelUnknown)
                #expect(anthropic.member("error", "type") == "not_found_error")
                let ollama = try await post("/api/chat", #"{"model":"qwen3:cloud","messages":[]}"#)
                Self.check(ollama, 403, .remoteModel)
                #expect(ollama.member("error")?.contains("Ollama's cloud") == true)
                Self.check(try await post("/api/pull", "{}"), 403, .pathForbidden)
                Self.check(try await post("/nowhere", "{}"), 404, .pathUnknown)
                let method = try await play.ask("GET", "/v1/chat/completions")
                Self.check(method, 405, .methodNotAllowed)
                #expect(method["allow"] == "POST")
                Self.check(
                    try await post("/api/chat", Self.chat, ["Content-Encoding: zstd"]), 415, .encodingUnsupported)
                Self.check(
                    try await post("/api/chat", Self.chat, ["x-request-timeout: never"]), 400, .invalidField)
                Self.check(
                    try await post("/api/chat", Self.chat, ["X-Forwarded-For: 10.0.0.1"]), 403, .loopbackOnly)
                Self.check(
                    try await post("/api/chat", Self.chat, ["Host: rebind.example.org"]), 403, .hostForbidden)
                Self.check(
                    try await post("/api/chat", Self.chat, ["Origin: https://a.org"]), 403, .originForbidden)
                let large = "Content-Length: \(Bounds.requestBody.count + 1)"
                Self.check(try await post("/api/chat", "", [large]), 413, .bodyTooLarge)
            }
        }

        @Test func `what is no HTTP is refused by the server itself, and says so alike`() async throws {
            try await DaemonPlay.run { play in
                Self.check(try await askRaw(play.data, "nonsense\r\n\r\n"), 400, .badRequest)
                Self.check(try await askRaw(play.data, "GET / HTTP/1.1\r\n\r\n"), 400, .badRequest)
                Self.check(
                    try await askRaw(play.data, "GET / HTTP/3.0\r\nHost: a\r\n\r\n"), 505, .versionUnsupported)
                Self.check(
                    try await ask(play.data, "GET", "/", ["x: \(String(repeating: "y", count: 70_000))"]), 431,
                    .headTooLarge)
            }
        }

        @Test func `who should come again is told when`() async throws {
            var plan = DaemonPlay.Plan()
            plan.manifest = "schema: 1\nmodels: {absent: {}}\n"
            try await DaemonPlay.run(plan) { play in
                let body = #"{"model":"absent","messages":[]}"#
                let early = try await play.ask("POST", "/v1/chat/completions", body: body)
                #expect(early.status == 503)
                #expect((early["retry-after"].flatMap { Int($0) } ?? 0) >= 1)
                await play.untilReady()
                let absent = try await play.ask("POST", "/v1/chat/completions", body: body)
                Self.check(absent, 503, .modelUnavailable)
                #expect(absent["retry-after"] == "30")
            }
        }

        // MARK: Keys

        /// A key and its text.
        static func key() throws -> (KeySet, String) {
            var keys = KeySet()
            var generator = SeededGenerator(seed: 11)
            let pepper = try #require(Pepper(Array(DaemonPlay.pepper.utf8)))
            let text = try keys.add(
                KeyDraft(name: "app"), pepper: pepper, at: WallTime(microseconds: 0), using: &generator)
            return (keys, text.revealed)
        }

        @Test func `a key opens the door in each header that SDKs use`() async throws {
            let (keys, text) = try Self.key()
            var plan = DaemonPlay.Plan()
            plan.keys = keys
            try await DaemonPlay.run(plan) { play in
                for header in [
                    "Authorization: Bearer \(text)", "authorization: bearer \(text)", "Authorization: Bearer   \(text)",
                    "x-api-key: \(text)", "api-key: \(text)",
                ] {
                    Self.check(try await play.ask("GET", "/v1/models", [header]), 200, .answeredHere)
                }
                // Proxies and other names are welcome to those who have a key.
                Self.check(
                    try await play.ask(
                        "GET", "/v1/models", ["Host: gate.lan", "X-Forwarded-For: 10.0.0.1", "x-api-key: \(text)"]),
                    200, .answeredHere)
                for path in ["/livez", "/readyz", "/health"] {
                    #expect(try await play.ask("GET", path).status != 401, "load balancers have no key")
                }
            }
        }

        @Test func `without a key, or with a wrong one, the answer names the scheme, and many are throttled`()
            async throws
        {
            let (keys, text) = try Self.key()
            var plan = DaemonPlay.Plan()
            plan.keys = keys
            try await DaemonPlay.run(plan) { play in
                for headers in [[], ["Authorization: Basic \(text)"], ["Cookie: key=\(text)"]] {
                    let missing = try await play.ask("GET", "/v1/models", headers)
                    Self.check(missing, 401, .keyMissing)
                    #expect(missing["www-authenticate"] == "Bearer")
                    #expect(missing.member("error", "code") == "key_missing")
                }
                var throttled: WireAnswer?
                for _ in 0..<20 where throttled == nil {
                    let wrong = try await play.ask("GET", "/v1/models", ["x-api-key: \(text)x"])
                    if wrong.status == 429 {
                        throttled = wrong
                    } else {
                        Self.check(wrong, 401, .keyInvalid)
                        #expect(wrong["www-authenticate"] == "Bearer")
                        #expect(wrong["retry-after"] == nil)
                    }
                }
                let last = try #require(throttled)
                Self.check(last, 429, .keyThrottled)
                #expect(last["www-authenticate"] == nil)
                #expect((last["retry-after"].flatMap { Int($0) } ?? 0) >= 1)
                // The right key still opens: who has it is not to be locked out by others.
                Self.check(try await play.ask("GET", "/v1/models", ["x-api-key: \(text)"]), 200, .answeredHere)
                play.timers.advance(by: .seconds(120))
                Self.check(try await play.ask("GET", "/v1/models", ["x-api-key: wrong"]), 401, .keyInvalid)
            }
        }

        // MARK: Browsers

        @Test func `a page of a listed origin is answered, and told what it may read`() async throws {
            var plan = DaemonPlay.Plan()
            plan.listeners = "{data: [127.0.0.1:0], operations: [127.0.0.1:0], origins: [https://chat.example.org]}"
            try await DaemonPlay.run(plan) { play in
                await play.untilReady()
                let origin = "Origin: https://chat.example.org"
                let answer = try await play.ask("POST", "/v1/chat/completions", [origin], body: Self.chat)
                Self.check(answer, 200, .allowLocal, route: "local:gpu1")
                #expect(answer["access-control-allow-origin"] == "https://chat.example.org")
                #expect(answer["vary"] == "Origin")
                #expect(answer["access-control-expose-headers"]?.contains("x-gatehouse-request-id") == true)
                #expect(answer["access-control-allow-credentials"] == nil)
                let refused = try await play.ask("POST", "/v1/chat/completions", [origin], body: "{")
                Self.check(refused, 400, .invalidJSON)
                #expect(refused["access-control-allow-origin"] == "https://chat.example.org")
                let plain = try await play.ask("GET", "/v1/models")
                #expect(plain["access-control-allow-origin"] == nil)
            }
        }

        @Test func `a preflight is answered for listed origins only, and needs no key`() async throws {
            var plan = DaemonPlay.Plan()
            plan.listeners = "{data: [127.0.0.1:0], operations: [127.0.0.1:0], origins: [https://chat.example.org]}"
            plan.keys = try Self.key().0
            try await DaemonPlay.run(plan) { play in
                let wish = [
                    "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization, x-a",
                ]
                let allowed = try await play.ask(
                    "OPTIONS", "/v1/chat/completions", ["Origin: https://chat.example.org"] + wish)
                Self.check(allowed, 204, .answeredHere)
                #expect(allowed["access-control-allow-origin"] == "https://chat.example.org")
                #expect(allowed["access-control-allow-methods"] == "GET, HEAD, POST")
                #expect(allowed["access-control-allow-headers"] == "authorization, x-a")
                #expect(allowed["access-control-max-age"] == "600")
                #expect(allowed.body.isEmpty)
                let foreign = try await play.ask(
                    "OPTIONS", "/v1/chat/completions", ["Origin: https://evil.example.org"] + wish)
                Self.check(foreign, 403, .originForbidden)
                #expect(foreign["access-control-allow-origin"] == nil)
                #expect(foreign["access-control-allow-methods"] == nil)
                // Without the header it is no preflight, and OPTIONS is no method of this path.
                let plain = try await play.ask("OPTIONS", "/v1/chat/completions", ["Origin: https://chat.example.org"])
                Self.check(plain, 401, .keyMissing)
            }
        }
    }
}
