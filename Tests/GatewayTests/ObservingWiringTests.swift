import EventLoop
import Foundation
import SimulatedOllama
import Testing
import Vocabulary

@testable import Gateway

extension OnTheWire {
    /// What an operator reads of a node that has work: its log and its metrics.
    @Suite struct ObservingWiringTests {
        /// Stands in every place that a caller may fill freely.
        static let secret = "CANARY7f3a"

        @Test func `the log holds one JSON object a line, and nothing that a caller chose freely`() async throws {
            var plan = DaemonPlay.Plan()
            plan.manifest = "schema: 1\nmodels: {llama3.2:3b: {}}\naliases: {\"gpt-*\": llama3.2:3b}\n"
            try await DaemonPlay.run(plan) { play in
                await play.untilReady()
                let headers = [
                    "User-Agent: \(Self.secret)", "x-gatehouse-project: \(Self.secret)", "Cookie: \(Self.secret)",
                    "Authorization: Bearer \(Self.secret)", "x-gatehouse-conversation: \(Self.secret)",
                ]
                let content = #""messages":[{"role":"user","content":"\#(Self.secret)"}]"#
                for model in ["gpt-\(Self.secret)", "llama3.2:3b", "\(Self.secret):cloud", Self.secret] {
                    for path in ["/v1/chat/completions", "/api/chat"] {
                        let body = #"{"model":"\#(model)","user":"\#(Self.secret)",\#(content)}"#
                        _ = try await play.ask("POST", "\(path)?\(Self.secret)", headers, body: body)
                    }
                }
                _ = try await play.ask("GET", "/\(Self.secret)", headers)
                _ = try await play.ask("GET", "/v1/models/\(Self.secret)", headers)
                _ = try await askRaw(play.data, "\(Self.secret)\r\n\r\n")
            } afterwards: { lines in
                let objects = lines.map { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
                #expect(!objects.contains { $0 == nil })
                let requests = objects.compactMap { $0 }.filter { $0["message"] as? String == "request" }
                #expect(requests.count == 10)
                let served = requests.filter { $0["reason"] as? String == "allow_local" }
                #expect(served.count == 4)
                #expect(requests.count { $0["alias"] as? String == "gpt-*" } == 2)
                #expect(served.allSatisfy { $0["model"] as? String == "llama3.2:3b" })
                #expect(!lines.contains { $0.contains(Self.secret) })
            }
        }

        @Test func `a log that is not wanted is not written`() async throws {
            var plan = DaemonPlay.Plan()
            plan.more = "logging: {requests: false}"
            try await DaemonPlay.run(plan) { play in
                await play.untilReady()
                let answer = try await play.ask("POST", "/v1/chat/completions", body: AnswerHeadersTests.chat)
                #expect(answer.status == 200)
            } afterwards: { lines in
                #expect(!lines.contains { $0.contains("\"message\":\"request\"") })
            }
        }

        @Test func `the metrics page keeps to its format, and names each series once`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                _ = try await play.ask("POST", "/v1/chat/completions", body: AnswerHeadersTests.chat)
                _ = try await play.ask("POST", "/api/chat", body: AnswerHeadersTests.chat)
                _ = try await play.ask("GET", "/\(Self.secret)")
                let page = try await ask(play.operations, "GET", "/metrics")
                #expect(page.status == 200)
                #expect(page["content-type"] == MetricsText.contentType)
                Self.check(page.body)
                #expect(!page.body.contains(Self.secret))
                for sample in [
                    "gatehouse_ready 1", "gatehouse_requests_in_flight 0",
                    #"gatehouse_requests_total{endpoint="none",reason="path_unknown",status="404"} 1"#,
                    #"gatehouse_requests_total{endpoint="openai_chat",reason="allow_local",status="200"} 1"#,
                    #"gatehouse_backend_state{backend="gpu1",state="usable"} 1"#,
                    #"gatehouse_backend_state{backend="gpu1",state="unusable"} 0"#,
                    #"gatehouse_slots{backend="gpu1",model="llama3.2:3b"} 2"#,
                    #"gen_ai_server_request_duration_seconds_count{gen_ai_response_model="llama3.2:3b",backend="gpu1"} 2"#,
                ] { #expect(page.body.contains("\n\(sample)\n")) }
                let posted = try await ask(play.operations, "POST", "/metrics")
                #expect(posted.status == 405)
                #expect(posted["allow"] == "GET, HEAD")
            }
        }

        /// Every sample belongs to the family above it, every family has its help and type, every series stands once.
        static func check(_ page: String) {
            var family = ""
            var families: Set<String> = []
            var series: Set<Substring> = []
            for line in page.split(separator: "\n") {
                let words = line.split(separator: " ")
                if line.hasPrefix("# HELP ") {
                    family = String(words[2])
                    #expect(families.insert(family).inserted, "\(family) stands twice")
                    #expect(words.count > 4, "\(family) is not explained")
                } else if line.hasPrefix("# TYPE ") {
                    #expect(
                        words.count == 4 && words[2] == family && MetricsText.Kind(rawValue: String(words[3])) != nil)
                } else {
                    let name = line.prefix { $0 != "{" && $0 != " " }
                    #expect(["", "_bucket", "_sum", "_count"].contains { name == family + $0 }, "\(line)")
                    let value = line.lastIndex(of: " ").map { line[line.index(after: $0)...] } ?? ""
                    #expect(Double(value)?.isFinite == true, "\(line)")
                    #expect(series.insert(line.dropLast(value.count)).inserted, "\(line) stands twice")
                }
            }
        }
    }

    /// Requests that wait, and what ends their waiting.
    @Suite struct WaitingWiringTests {
        /// A backend that answers probes, and no request.
        static func plan(queue: Int) -> DaemonPlay.Plan {
            var plan = DaemonPlay.Plan()
            plan.simulated?.faults = [Fault(.hang, scope: .inference)]
            plan.more = "limits: {queue_per_model: \(queue)}"
            return plan
        }

        /// Asks, and hands over the answer later.
        @LoopActor static func askLater(_ play: DaemonPlay, _ headers: [String] = []) -> Waiter<WireAnswer?> {
            let waiter = Waiter<WireAnswer?>()
            _ = startTask {
                waiter.resume(
                    try? await play.ask("POST", "/v1/chat/completions", headers, body: AnswerHeadersTests.chat))
            }
            return waiter
        }

        @Test func `a full queue says when to come again, and the end of the node says so to those who waited`()
            async throws
        {
            try await DaemonPlay.run(Self.plan(queue: 0)) { play in
                await play.untilReady()
                let waiting = [Self.askLater(play), Self.askLater(play)]
                await play.until("both slots are taken") { play.node.ledger.openCount == 2 }
                let refused = try await play.ask("POST", "/v1/chat/completions", body: AnswerHeadersTests.chat)
                AnswerHeadersTests.check(refused, 429, .queueFull)
                #expect((refused["retry-after"].flatMap { Int($0) } ?? 0) >= 1)
                play.daemon.stop()
                play.daemon.stop()
                for waiter in waiting {
                    let answer = try #require(await waiter.wait())
                    AnswerHeadersTests.check(answer, 503, .shutdown)
                    #expect((answer["retry-after"].flatMap { Int($0) } ?? 0) >= 1)
                }
            }
        }

        @Test func `a caller's patience ends its waiting, at a backend and in the queue`() async throws {
            try await DaemonPlay.run(Self.plan(queue: 4)) { play in
                await play.untilReady()
                let served = [
                    Self.askLater(play, ["x-request-timeout: 60"]), Self.askLater(play, ["x-request-timeout: 60"]),
                ]
                await play.until("both slots are taken") { play.node.ledger.openCount == 2 }
                let queued = Self.askLater(play, ["x-request-timeout: 5"])
                await play.until("one waits") { play.node.ledger.openCount == 3 }
                play.timers.advance(by: .seconds(5))
                let early = try #require(await queued.wait())
                AnswerHeadersTests.check(early, 429, .queueTimeout)
                #expect((early["retry-after"].flatMap { Int($0) } ?? 0) >= 1)
                play.timers.advance(by: .seconds(55))
                for waiter in served {
                    let late = try #require(await waiter.wait())
                    AnswerHeadersTests.check(late, 504, .deadlineExceeded)
                }
            }
        }

        @Test func `an operator can end a request`() async throws {
            try await DaemonPlay.run(Self.plan(queue: 4)) { play in
                await play.untilReady()
                let waiter = Self.askLater(play)
                await play.until("it is under way") { play.node.ledger.openCount == 1 }
                let client = try AdminWiringTests.client(of: play)
                let running = try await client.get("/requests", as: [RequestReport].self)
                #expect(running.map(\.state) == ["running"])
                let id = try #require(running.first?.id)
                #expect(try await client.post("/requests/\(id)/cancel").message == "request \(id) is being ended")
                let answer = try #require(await waiter.wait())
                #expect(answer["x-gatehouse-reason"] == "cancelled")
                #expect(answer["x-gatehouse-request-id"] == id)
                let ended = try await client.get("/requests/\(id)", as: RequestReport.self)
                #expect(ended.state == "ended")
                #expect(ended.reason == "cancelled")
                #expect(ended.status == answer.status)
            }
        }
    }
}
