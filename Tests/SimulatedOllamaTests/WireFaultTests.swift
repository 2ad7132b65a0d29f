import EventLoop
import Foundation
import Testing
import Vocabulary

@testable import SimulatedOllama

extension OnTheWire {
    /// What a client sees of each fault.
    @Suite struct WireFaultTests {
        private static let chat = #"{"model":"llama3.2:3b","messages":[{"role":"user","content":"count to 9"}]}"#
        private static let whole =
            #"{"model":"llama3.2:3b","messages":[{"role":"user","content":"count to 9"}],"stream":false}"#

        private static func options(_ faults: String...) throws -> SimulatedOllama.Options {
            var options = SimulatedOllama.Options()
            options.faults = try faults.map { try Fault(parsing: $0) }
            return options
        }

        @Test func `refuse closes the port, and its end opens it again`() async throws {
            try await Play.run(try Self.options("refuse")) { play in
                let refused = #expect(throws: POSIXError.self) { _ = try play.client() }
                #expect(refused?.code == .ECONNREFUSED)
                play.simulated.setFaults([])
                let answer0 = try await play.ask("GET", "/api/version")
                #expect(answer0.status == 200)
            }
        }

        @Test func `garbage is not HTTP, and its end is HTTP again`() async throws {
            try await Play.run(try Self.options("garbage")) { play in
                let client = try play.client()
                await client.send("GET", "/api/version", nil)
                let bytes = await client.receive().bytes
                #expect(!bytes.isEmpty)
                #expect(!bytes.starts(with: "HTTP/".utf8))
                play.simulated.setFaults([])
                let answer1 = try await play.ask("GET", "/api/version")
                #expect(answer1.status == 200)
            }
        }

        @Test func `hang reads the request and never answers`() async throws {
            try await Play.run(try Self.options("hang@inference")) { play in
                let answer2 = try await play.ask("GET", "/api/tags")
                #expect(answer2.status == 200)
                let client = try play.client()
                client.setPatience(.milliseconds(50))
                await client.send("POST", "/api/chat", Self.chat)
                #expect(await client.receive().end == EAGAIN)
                #expect(play.simulated.counters.bodies == 1)
                client.close()
                await play.until("the client is seen to be gone") { play.simulated.counters.clientsGone == 1 }
            }
        }

        @Test(arguments: [0, 1, 100]) func `a reset comes after so many bytes`(bytes: Int) async throws {
            try await Play.run(try Self.options("reset-after=\(bytes)@inference")) { play in
                for request in [Self.chat, Self.whole] {
                    let answer = try await play.post("/api/chat", request)
                    #expect(answer.isReset)
                    #expect(answer.body.count == bytes)
                    #expect(!answer.isComplete)
                }
            }
        }

        @Test func `a stall comes after so many tokens, and its slot is free when the client leaves`() async throws {
            try await Play.run(try Self.options("stall-after=3")) { play in
                let client = try play.client()
                client.setPatience(.milliseconds(50))
                await client.send("POST", "/api/chat", Self.chat)
                let answer = await client.answer()
                #expect(answer.isSilent && !answer.isComplete)
                #expect(answer.text.split(separator: "\n").count == 3)
                client.close()
                play.simulated.setFaults([])
                let answer5 = try await play.post("/api/chat", Self.chat)
                #expect(answer5.isComplete)
            }
        }

        @Test func `a client that leaves takes the slots of its model, until that is unloaded`() async throws {
            var options = try Self.options("lose-slots")
            options.tokensPerSecond = 5
            try await Play.run(options) { play in
                let client = try play.client()
                client.setPatience(.milliseconds(50))
                await client.send("POST", "/api/chat", Self.chat)
                #expect(await !client.answer().isComplete)
                client.close()
                await play.until("the client is seen to be gone") { play.simulated.counters.clientsGone == 1 }
                play.simulated.setFaults([])
                let next = try play.client()
                next.setPatience(.milliseconds(50))
                await next.send("POST", "/api/chat", Self.chat)
                #expect(await next.receive().end == EAGAIN)
                next.close()
                await play.until("this one too") { play.simulated.counters.clientsGone == 2 }
                let shown = try await play.ask("GET", "/api/ps")
                #expect(shown.text.contains("llama3.2:3b"), "and nothing shows it")
                let unload = #"{"model":"llama3.2:3b","keep_alive":0}"#
                let unloaded = try await play.post("/api/generate", unload)
                #expect(unloaded.status == 200)
                let answer = try await play.post("/api/chat", Self.chat)
                #expect(answer.isComplete)
            }
        }

        @Test func `a truncated stream ends cleanly without its terminal record`() async throws {
            try await Play.run(try Self.options("truncate-after=2")) { play in
                let native = try await play.post("/api/chat", Self.chat)
                #expect(native.isComplete && !native.text.contains("\"done\":true"))
                let body = Self.chat.dropLast() + ",\"stream\":true}"
                let openAI = try await play.post("/v1/chat/completions", String(body))
                #expect(openAI.isComplete && openAI.chunks.count == 2)
                #expect(!openAI.text.contains("[DONE]") && !openAI.text.contains("\"finish_reason\":\"stop\""))
            }
        }

        @Test func `status and redirect answer every request, or that of one header`() async throws {
            try await Play.run(try Self.options("status=503")) { play in
                let answer6 = try await play.ask("GET", "/api/version")
                #expect(answer6.status == 503)
                let answer7 = try await play.post("/api/chat", Self.chat)
                #expect(answer7.status == 503)
                play.simulated.setFaults([])
                let answer = try await play.ask(
                    "GET", "/api/version", headers: ["x-simulated-fault: redirect=http://127.0.0.1:1/x"])
                #expect(answer.status == 307)
                #expect(answer.header("Location") == "http://127.0.0.1:1/x")
                let answer9 = try await play.ask("GET", "/api/version")
                #expect(answer9.status == 200)
                let refused = try await play.ask("GET", "/", headers: ["x-simulated-fault: sttus=500"])
                #expect(refused.status == 400 && refused.text.contains("did you mean 'status'?"))
            }
        }

        @Test func `remote-host shows in lists and answers`() async throws {
            try await Play.run(try Self.options("remote-host")) { play in
                let answer10 = try await play.ask("GET", "/api/tags")
                #expect(answer10.text.contains("\"remote_host\":\"https://ollama.com"))
                let answer11 = try await play.post("/api/chat", Self.whole)
                #expect(answer11.text.contains("\"remote_model\":"))
                #expect(play.simulated.departures.isEmpty)
            }
        }

        @Test func `slow-load keeps a request waiting without a head`() async throws {
            let timers = await SettableTimers()
            try await Play.run(try Self.options("slow-load=30"), timers: { timers }) { play in
                let client = try play.client()
                await client.send("POST", "/api/chat", Self.whole)
                await play.until("the request waits") { play.simulated.scheduler.nextDeadline != nil }
                client.setPatience(.milliseconds(30))
                #expect(await client.receive().end == EAGAIN)
                let answer12 = try await play.ask("GET", "/api/ps")
                #expect(answer12.text == "{\"models\":[]}")
                client.setPatience(.seconds(2))
                timers.advance(by: .seconds(30))
                let answer = await client.answer()
                #expect(answer.isComplete && answer.text.contains("\"load_duration\":30000000000"))
            }
        }

        @Test func `faults are set, shown and ended over HTTP`() async throws {
            try await Play.run { play in
                let refused = try await play.post("/__simulated/faults", #"{"faults":["hangs"]}"#)
                #expect(refused.status == 400 && refused.text.contains("did you mean 'hang'?"))
                let answer14 = try await play.post("/__simulated/faults", #"{"faults":["status=500"]}"#)
                #expect(answer14.status == 200)
                await play.until("the fault holds") { !play.simulated.faults.isEmpty }
                let answer15 = try await play.ask("GET", "/api/tags")
                #expect(answer15.status == 500)
                let shown = try await play.ask("GET", "/__simulated/faults").text
                #expect(shown == #"{"faults":["status=500"]}"#)
                let answer16 = try await play.ask("DELETE", "/__simulated/faults")
                #expect(answer16.text == #"{"faults":[]}"#)
                let answer17 = try await play.ask("GET", "/api/tags")
                #expect(answer17.status == 200)
            }
        }
    }
}
