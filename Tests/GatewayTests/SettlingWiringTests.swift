import Accounting
import EventLoop
import Foundation
import Synchronization
import Testing
import Vocabulary

@testable import Gateway

extension OnTheWire {
    /// Every request leaves its mark, also one that no model ever saw.
    @Suite struct SettlingWiringTests {
        @Test func `what was refused or answered here is logged, remembered and in usage`() async throws {
            let sent = Mutex<[Int]>([])
            var plan = DaemonPlay.Plan()
            plan.listeners = "{data: [127.0.0.1:0], operations: [127.0.0.1:0], origins: [https://chat.example.org]}"
            try await DaemonPlay.run(plan) { play in
                await play.untilReady()
                func reason(_ answer: WireAnswer) async throws -> String? {
                    sent.withLock { $0.append(answer.body.utf8.count) }
                    let id = try #require(answer["x-gatehouse-request-id"])
                    let report = try await AdminWiringTests.client(of: play).get(
                        "/requests/\(id)", as: RequestReport.self)
                    #expect(report.status == answer.status)
                    #expect(report.state == "ended")
                    #expect(report.route == "none")
                    #expect(report.attempts.isEmpty)
                    return report.reason
                }
                #expect(try await reason(play.ask("GET", "/v1/models")) == "answered_here")
                #expect(try await reason(play.ask("HEAD", "/api/tags")) == "answered_here")
                #expect(try await reason(play.ask("GET", "/v1/models/nobody")) == "model_unknown")
                #expect(try await reason(play.ask("POST", "/v1/chat/completions", body: "{")) == "invalid_json")
                let unknown = #"{"model":"nobody","messages":[]}"#
                #expect(try await reason(play.ask("POST", "/api/chat", body: unknown)) == "model_unknown")
                let unload = #"{"model":"llama3.2:3b","messages":[],"keep_alive":0}"#
                #expect(try await reason(play.ask("POST", "/api/chat", body: unload)) == "answered_here")
                let forwarded = ["X-Forwarded-For: 10.0.0.1"]
                #expect(try await reason(play.ask("GET", "/api/ps", forwarded)) == "loopback_only")
                #expect(try await reason(play.ask("GET", "/nowhere")) == "path_unknown")
                #expect(try await reason(play.ask("HEAD", "/nowhere")) == "path_unknown")
                #expect(try await reason(play.ask("POST", "/api/pull", body: "{}")) == "path_forbidden")
                #expect(try await reason(play.ask("DELETE", "/v1/models")) == "method_not_allowed")
                let preflight = ["Origin: https://chat.example.org", "Access-Control-Request-Method: POST"]
                #expect(try await reason(play.ask("OPTIONS", "/v1/models", preflight)) == "answered_here")
                let foreign = ["Origin: https://evil.example.org", "Access-Control-Request-Method: POST"]
                #expect(try await reason(play.ask("OPTIONS", "/v1/models", foreign)) == "origin_forbidden")
                _ = try await play.ask("GET", "/readyz")
                let usage = try await AdminWiringTests.client(of: play).get("/usage?days=1", as: [UsageReport].self)
                #expect(usage.map(\.requests) == [13])
                #expect(usage.map(\.errors) == [9])
            } afterwards: { lines in
                let objects = lines.map { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
                let requests = objects.compactMap { $0 }.filter { $0["message"] as? String == "request" }
                #expect(
                    requests.map { $0["status"] as? Int } == [
                        200, 200, 404, 400, 404, 200, 403, 404, 404, 403, 405, 204, 403,
                    ])
                #expect(
                    requests.map { $0["endpoint"] as? String } == [
                        "/v1/models", "/api/tags", "/v1/models/", "/v1/chat/completions", "/api/chat", "/api/chat",
                        "/api/ps", "none", "none", "none", "none", "none", "none",
                    ])
                let bytes = requests.map { $0["bytes_out"] as? Int ?? -1 }
                #expect(bytes == sent.withLock { $0 })
                #expect(bytes.count { $0 == 0 } == 3, "two HEADs and a preflight")
            }
        }

        @Test func `a caller without a key leaves a row, and one with a key its id`() async throws {
            var plan = DaemonPlay.Plan()
            var keys = KeySet()
            var generator = SeededGenerator(seed: 5)
            let pepper = try #require(Pepper(Array(DaemonPlay.pepper.utf8)))
            let text = try keys.add(
                KeyDraft(name: "app"), pepper: pepper, at: WallTime(microseconds: 1_767_225_600_000_000),
                using: &generator)
            plan.keys = keys
            let bearer = "Authorization: Bearer \(text.revealed)"
            let id = text.id.rawValue
            try await DaemonPlay.run(plan) { play in
                await play.untilReady()
                let without = try await play.ask("GET", "/v1/models")
                #expect(without.status == 401)
                let with = try await play.ask("GET", "/v1/models", [bearer])
                #expect(with.status == 200)
                let broken = try await play.ask("POST", "/api/chat", [bearer], body: "[")
                #expect(broken.status == 400)
            } afterwards: { lines in
                let objects = lines.map { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
                let requests = objects.compactMap { $0 }.filter { $0["message"] as? String == "request" }
                let callers = requests.map { $0["key"] as? String ?? "none" }
                #expect(callers == ["none", id, id])
                let reasons = requests.map { $0["reason"] as? String ?? "none" }
                #expect(reasons == ["key_missing", "answered_here", "invalid_json"])
            }
        }

        @Test func `a request that is no HTTP has the shape of OpenAI's errors`() async throws {
            try await DaemonPlay.run { play in
                let answer = try await askRaw(play.data, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
                #expect(answer.status == 400)
                #expect(answer.member("error", "code") == "bad_request")
                #expect(answer.member("error", "type") == "invalid_request_error")
                #expect(answer.body.contains(#""param":null"#))
            }
        }
    }
}
