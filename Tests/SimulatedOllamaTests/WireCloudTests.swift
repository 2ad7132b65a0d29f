import Testing
import Vocabulary

@testable import SimulatedOllama

extension OnTheWire {
    /// What would have left the building (`ollama.md` 9), and what a gateway's tests read of it.
    @Suite struct WireCloudTests {
        private static func options(cloud isOn: Bool, version: String = "0.33.0") -> SimulatedOllama.Options {
            var options = SimulatedOllama.Options()
            options.version = .init(version)
            options.isCloudOn = isOn
            options.models += [
                SimulatedModel(
                    "innocent", family: "gptoss", capabilities: [.completion, .tools],
                    remote: .init(host: "https://ollama.com:443", model: "big:120b"))
            ]
            return options
        }

        private static let waysOut: [(target: String, body: String)] = [
            ("/api/chat", #"{"model":"x:cloud","messages":[{"role":"user","content":"SECRET"}]}"#),
            ("/api%2Fchat", #"{"MODEL":"x:7b-CLOUD","messages":[{"role":"user","content":"SECRET"}]}"#),
            ("/api/chat", #"{"model":"llama3.2:3b","Model":"x:clou\u0064","messages":[{"content":"SECRET"}]}"#),
            ("/api/generate", #"{"model":" x: cloud ","prompt":"SECRET"}"#),
            ("/api/embed", #"{"model":"x:cloud","input":"SECRET"}"#),
            ("/api/embeddings", #"{"model":"x:cloud","prompt":"SECRET"}"#),
            ("/api/show", #"{"model":"x:cloud","x":"SECRET"}"#),
            ("/v1/chat/completions", #"{"model":"x:cloud","messages":[{"role":"user","content":"SECRET"}]}"#),
            ("/v1/completions", #"{"model":"x:cloud","prompt":"SECRET"}"#),
            ("/v1/embeddings", #"{"model":"x:cloud","input":"SECRET"}"#),
            ("/v1/responses", #"{"model":"x:cloud","input":"SECRET"}"#),
            ("/v1/messages", #"{"model":"x:cloud","max_tokens":5,"messages":[{"role":"user","content":"SECRET"}]}"#),
            ("/api/chat", #"{"model":"innocent","messages":[{"role":"user","content":"SECRET"}]}"#),
            ("/v1/chat/completions", #"{"model":"innocent","messages":[{"role":"user","content":"SECRET"}]}"#),
        ]

        @Test func `every way out is recorded while the cloud is on`() async throws {
            try await Play.run(Self.options(cloud: true)) { play in
                for (number, way) in Self.waysOut.enumerated() {
                    let answer = try await play.post(way.target, way.body)
                    #expect(answer.status == 200, "\(way)")
                    try #require(play.simulated.departures.count == number + 1, "\(way)")
                    #expect(String(decoding: play.simulated.departures[number].body, as: UTF8.self).contains("SECRET"))
                    #expect(play.simulated.departures[number].host == "https://ollama.com:443")
                }
                #expect(play.simulated.scheduler.counters.loads == 0)
                let state = try await play.ask("GET", "/__simulated/state").text
                #expect(
                    state.contains("\"wouldHaveLeft\":[{\"host\":\"https://ollama.com:443\",\"path\":\"/api/chat\""))
            }
        }

        @Test func `none is open while the cloud is off`() async throws {
            try await Play.run(Self.options(cloud: false)) { play in
                for way in Self.waysOut {
                    let answer1 = try await play.post(way.target, way.body)
                    #expect(answer1.status == 403, "\(way)")
                }
                #expect(play.simulated.departures.isEmpty)
            }
        }

        @Test func `before the switch existed an alias always left`() async throws {
            try await Play.run(Self.options(cloud: false, version: "0.16.1")) { play in
                _ = try await play.post(
                    "/api/chat", #"{"model":"innocent","messages":[{"role":"user","content":"x"}]}"#)
                #expect(play.simulated.departures.map(\.model) == ["big:120b"])
                let answer2 = try await play.ask("GET", "/api/status")
                #expect(answer2.status == 404)
            }
        }

        @Test func `:local keeps an alias at home, and is unknown to old servers`() async throws {
            let body = #"{"model":"innocent:local","messages":[{"role":"user","content":"x"}]}"#
            try await Play.run(Self.options(cloud: true)) { play in
                let answer = try await play.post("/api/chat", body)
                #expect(answer.status == 404 && answer.text == "{\"error\":\"model 'innocent:local' not found\"}")
                #expect(play.simulated.departures.isEmpty)
            }
            try await Play.run(Self.options(cloud: true, version: "0.17.5")) { play in
                let own = body.replacing("innocent", with: "llama3.2:3b")
                let answer4 = try await play.post("/api/chat", own)
                #expect(answer4.status == 400)
            }
        }

        @Test func `a hosted search leaves with the words of the prompt, from a local model`() async throws {
            let messages = #"""
                {"model":"llama3.2:3b","max_tokens":50,"messages":[{"role":"user","content":"SECRET"}],
                "tools":[{"type":"web_search_20250305","name":"web_search"}]}
                """#
            let responses = #"{"model":"llama3.2:3b","input":"SECRET","tools":[{"type":"web_search"}]}"#
            try await Play.run(Self.options(cloud: true)) { play in
                let answer5 = try await play.post("/v1/messages", messages)
                #expect(answer5.status == 200)
                let answer6 = try await play.post("/v1/responses", responses)
                #expect(answer6.status == 200)
                #expect(play.simulated.departures.map(\.path) == ["/api/web_search", "/api/web_search"])
                #expect(play.simulated.departures[0].body == Array(#"{"query":"SECRET"}"#.utf8))
            }
            try await Play.run(Self.options(cloud: false)) { play in
                let answer7 = try await play.post("/v1/messages", messages)
                #expect(answer7.text.contains("web_search_tool_result_error"))
                let answer8 = try await play.post("/v1/responses", responses)
                #expect(answer8.status == 403)
                #expect(play.simulated.departures.isEmpty)
            }
        }

        @Test func `calls that change the host are recorded`() async throws {
            try await Play.run { play in
                for path in ["pull", "push", "create", "copy", "me", "signout"] {
                    _ = try await play.post("/api/\(path)", #"{"model":"x","stream":false}"#)
                }
                _ = try await play.ask("DELETE", "/api/delete", #"{"model":"x"}"#)
                #expect(
                    play.simulated.forbiddenCalls == ["pull", "push", "create", "copy", "me", "signout", "delete"])
            }
        }

        @Test func `what came is remembered with its headers`() async throws {
            var options = SimulatedOllama.Options()
            options.requestsRemembered = 2
            try await Play.run(options) { play in
                for number in 1...3 {
                    _ = try await play.ask("GET", "/api/version?n=\(number)", headers: ["Cookie: a=\(number)"])
                }
                #expect(play.simulated.requests.map(\.target) == ["/api/version?n=2", "/api/version?n=3"])
                let cookies = play.simulated.requests.map { $0.headers.first { $0.name == "Cookie" }?.value }
                #expect(cookies == ["a=2", "a=3"])
                #expect(play.simulated.counters.requests == 3)
            }
        }

        @Test func `a packed body hides a name on v1 and fails on the native API`() async throws {
            let text = Array(#"{"model":"x:cloud","messages":[{"role":"user","content":"x"}]}"#.utf8)
            let header = text.count << 3 | 1
            let frame: [UInt8] =
                [0x28, 0xB5, 0x2F, 0xFD, 0x20, UInt8(text.count), UInt8(header & 0xFF), UInt8(header >> 8), 0] + text
            try await Play.run(Self.options(cloud: true)) { play in
                for (target, status) in [("/v1/chat/completions", 200), ("/api/chat", 400)] {
                    let client = try play.client()
                    let head =
                        "POST \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Content-Encoding: zstd\r\nContent-Length: \(frame.count)\r\n\r\n"
                    await client.send(bytes: Array(head.utf8) + frame)
                    #expect(await client.answer().status == status)
                }
                #expect(play.simulated.departures.map(\.model) == ["x"])
            }
        }
    }
}
