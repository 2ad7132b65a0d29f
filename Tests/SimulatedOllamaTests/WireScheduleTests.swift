import EventLoop
import Testing
import Vocabulary

@testable import SimulatedOllama

extension OnTheWire {
    /// Slots, queues and time, as clients see them.
    @Suite struct WireScheduleTests {
        private static func chat(_ model: String, _ prompt: String = "count to 9", _ more: String = "") -> String {
            #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(prompt)"}]\#(more)}"#
        }

        private static func slow() -> SimulatedOllama.Options {
            var options = SimulatedOllama.Options()
            options.tokensPerSecond = 10
            options.loadedMax = 1
            options.queueMax = 1
            return options
        }

        @Test func `a full queue is 503 in each dialect, and requests for the loaded model still wait`() async throws {
            let timers = await SettableTimers()
            try await Play.run(Self.slow(), timers: { timers }) { play in
                var waiting: [WireClient] = []
                for model in ["llama3.2:3b", "qwen3:8b", "llava:7b"] {
                    let client = try play.client()
                    await client.send("POST", "/api/chat", Self.chat(model))
                    waiting.append(client)
                    let seen = waiting.count
                    await play.until("request \(seen) is in") { play.simulated.counters.inferences == seen }
                }
                let text = "server busy, please try again.  maximum pending requests exceeded"
                let native = try await play.post("/api/chat", Self.chat("qwen2.5-coder:7b"))
                #expect(native.status == 503 && native.text == "{\"error\":\"\(text)\"}")
                let openAI = try await play.post("/v1/chat/completions", Self.chat("qwen2.5-coder:7b"))
                #expect(openAI.status == 503 && openAI.text.contains("\"type\":\"api_error\""))
                let anthropic = try await play.post(
                    "/v1/messages", Self.chat("qwen2.5-coder:7b", "x", ",\"max_tokens\":5"))
                #expect(anthropic.status == 503 && anthropic.text.contains("\"type\":\"overloaded_error\""))
                let embed = try await play.post("/api/embed", #"{"model":"nomic-embed-text","input":"x"}"#)
                #expect(embed.status == 503)
                let same = try play.client()
                await same.send("POST", "/api/chat", Self.chat("llama3.2:3b"))
                await play.until("it waits for its slot") { play.simulated.scheduler.runners[0].waiting.count == 1 }
            }
        }

        @Test func `tokens come at their speed, each in a chunk of its own`() async throws {
            let timers = await SettableTimers()
            var options = Self.slow()
            options.timeToFirstToken = .seconds(5)
            try await Play.run(options, timers: { timers }) { play in
                let client = try play.client()
                await client.send("POST", "/api/chat", Self.chat("llama3.2:3b", "count to 4"))
                await play.until("it runs") { play.simulated.counters.answering == 1 }
                client.setPatience(.milliseconds(20))
                #expect(await client.receive().bytes.isEmpty)
                timers.advance(by: .seconds(5))
                await play.until("the head and one token are out") { timers.count > 0 }
                var text = String(decoding: await client.receive().bytes, as: UTF8.self)
                #expect(text.contains("200 OK") && text.components(separatedBy: "\"done\"").count == 2)
                timers.advance(by: .milliseconds(200))
                text += String(decoding: await client.receive().bytes, as: UTF8.self)
                #expect(text.components(separatedBy: "\"done\":false").count == 4)
                timers.advance(by: .seconds(1))
                client.setPatience(.seconds(2))
                text += String(decoding: await client.receive().bytes, as: UTF8.self)
                let answer = WireAnswer(reading: Array(text.utf8), toHead: false)
                #expect(answer.isComplete && answer.chunks.count == 5)
                #expect(answer.text.contains("\"prompt_eval_duration\":5000000000"))
            }
        }

        @Test func `a client that leaves in mid-stream frees the slot for the next`() async throws {
            let timers = await SettableTimers()
            try await Play.run(Self.slow(), timers: { timers }) { play in
                let first = try play.client()
                await first.send("POST", "/api/chat", Self.chat("llama3.2:3b", "write 1000 tokens"))
                await play.until("the first runs") { play.simulated.counters.answering == 1 }
                let second = try play.client()
                await second.send("POST", "/api/chat", Self.chat("llama3.2:3b", "count to 1"))
                await play.until("the second waits") { play.simulated.scheduler.runners[0].waiting.count == 1 }
                first.reset()
                await play.until("the second has the slot") {
                    play.simulated.counters.clientsGone == 1 && play.simulated.counters.answering == 1
                }
                timers.advance(by: .seconds(1))
                #expect(await second.answer().isComplete)
            }
        }

        @Test func `an idle model expires, and its expiry is told`() async throws {
            let timers = await SettableTimers()
            try await Play.run(.init(), timers: { timers }) { play in
                _ = try await play.post("/api/chat", Self.chat("llama3.2:3b", "count to 1", ",\"keep_alive\":\"90s\""))
                let ps = try await play.ask("GET", "/api/ps").text
                #expect(ps.contains("\"expires_at\":\"2026-01-01T00:01:30"))
                #expect(ps.contains("\"context_length\":4096"))
                timers.advance(by: .seconds(90))
                let answer1 = try await play.ask("GET", "/api/ps")
                #expect(answer1.text == "{\"models\":[]}")
                #expect(play.simulated.counters.expiries == 1)
            }
        }

        @Test func `another num_ctx reloads and shows`() async throws {
            try await Play.run { play in
                _ = try await play.post("/api/chat", Self.chat("llama3.2:3b"))
                _ = try await play.post("/v1/chat/completions", Self.chat("llama3.2:3b"))
                #expect(play.simulated.counters.reloads == 0)
                _ = try await play.post(
                    "/api/chat", Self.chat("llama3.2:3b", "x", ",\"options\":{\"num_ctx\":8192}"))
                #expect(play.simulated.counters.reloads == 1)
                let answer2 = try await play.ask("GET", "/api/ps")
                #expect(answer2.text.contains("\"context_length\":8192"))
            }
        }

        @Test func `twenty requests share two slots`() async throws {
            var options = SimulatedOllama.Options()
            options.slots = 2
            try await Play.run(options) { play in
                var clients: [WireClient] = []
                for _ in 0..<20 {
                    let client = try play.client()
                    await client.send("POST", "/api/chat", Self.chat("llama3.2:3b", "write 200 tokens"))
                    clients.append(client)
                }
                for client in clients { #expect(await client.answer().isComplete) }
                #expect(play.simulated.counters.tokens == 4000)
            }
        }

        @Test func `a stream as fast as possible arrives whole`() async throws {
            try await Play.run { play in
                let answer = try await play.post("/api/generate", #"{"model":"llama3.2:3b","prompt":"5000 tokens"}"#)
                #expect(answer.isComplete && answer.chunks.count == 5001)
            }
        }
    }
}
