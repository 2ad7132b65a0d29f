import EventLoop
import Routing
import Testing
import Vocabulary

@testable import Gateway

extension OnTheWire {
    /// What a reload takes on, and what it refuses.
    @Suite struct ReloadWiringTests {
        /// Adds `line` to the configuration and reloads.
        @LoopActor static func reload(_ play: DaemonPlay, with line: String) async throws {
            let text = try play.folder.text(of: "gatehouse.yaml")
            try play.folder.write(text + "\n\(line)\n", to: "gatehouse.yaml")
            _ = try await AdminWiringTests.client(of: play).post("/reload")
        }

        @Test func `the bound of the queues is taken on`() async throws {
            var plan = DaemonPlay.Plan()
            plan.more = "limits: {queue_per_model: 5}"
            try await DaemonPlay.run(plan) { play in
                #expect(play.node.fleet.dispatcher.limits.queuePerModel == 5)
                let text = try play.folder.text(of: "gatehouse.yaml")
                try play.folder.write(
                    text.replacing("queue_per_model: 5", with: "queue_per_model: 7"), to: "gatehouse.yaml")
                _ = try await AdminWiringTests.client(of: play).post("/reload")
                #expect(play.node.fleet.dispatcher.limits.queuePerModel == 7)
            }
        }

        @Test func `how long a client may take nothing is taken on`() async throws {
            try await DaemonPlay.run { play in
                #expect(play.daemon.data.options.connection.clientReadIdle == .seconds(30))
                try await Self.reload(play, with: "limits: {client_read_idle: 5s}")
                #expect(play.daemon.data.options.connection.clientReadIdle == .seconds(5))
            }
        }

        @Test func `the level of the log is taken on`() async throws {
            try await DaemonPlay.run { play in
                try await Self.reload(play, with: "logging: {level: error}")
                #expect(play.node.log.logLevel == .error)
                play.node.log.warning("never seen")
                play.node.log.error("seen")
            } afterwards: { lines in
                #expect(lines.contains { $0.contains("\"message\":\"seen\"") })
                #expect(!lines.contains { $0.contains("never seen") })
            }
        }

        @Test func `whether backends are shared is taken on`() async throws {
            var plan = DaemonPlay.Plan()
            plan.simulated = nil
            try await DaemonPlay.run(plan) { play in
                await play.until("the first round has ended") { play.node.fleet.hasBeenProbed }
                try await ReadinessWiringTests.expect(play, "/readyz", 503)
                try await Self.reload(play, with: "health: {independent_backends: false}")
                try await ReadinessWiringTests.expect(play, "/readyz", 200)
            }
        }

        @Test func `usage that is kept too long is deleted at once`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                _ = try await play.ask("POST", "/v1/chat/completions", body: AnswerHeadersTests.chat)
                let client = try AdminWiringTests.client(of: play)
                #expect(try await client.get("/usage?days=30", as: [UsageReport].self).isEmpty == false)
                play.timers.stepWallClock(by: .seconds(3 * 86_400))
                #expect(try await client.get("/usage?days=30", as: [UsageReport].self).isEmpty == false)
                try await Self.reload(play, with: "usage: {retention_days: 2}")
                #expect(try await client.get("/usage?days=30", as: [UsageReport].self).isEmpty)
            }
        }

        @Test(arguments: [
            ("state: other", "state"),
            ("listeners: {data: [127.0.0.1:1], operations: [127.0.0.1:0]}", "listeners.data"),
            ("listeners: {data: [127.0.0.1:0], operations: []}", "listeners.operations"),
            (
                "listeners: {data: [127.0.0.1:0], operations: [127.0.0.1:0], agent: [127.0.0.1:0]}", "listeners.agent"
            ),
        ])
        func `what only a restart takes on is told by name, and nothing changes`(line: String, key: String) async throws
        {
            try await DaemonPlay.run { play in
                let own = line.prefix { $0 != ":" } + ":"
                let kept = try play.folder.text(of: "gatehouse.yaml").split(separator: "\n").filter {
                    !$0.hasPrefix(own)
                }
                try play.folder.write(
                    (kept + [line[...], "node: other"]).joined(separator: "\n"), to: "gatehouse.yaml")
                await #expect {
                    _ = try await AdminWiringTests.client(of: play).post("/reload")
                } throws: { error in
                    let failure = error as? AdminFailure
                    return failure?.isConfiguration == true
                        && failure?.message
                            == "nothing changes: the file has another value than the one in use for \(key), "
                            + "which only a restart takes on"
                }
                #expect(play.node.reloads == 0)
                #expect(play.node.configuration.node == "play")
            }
        }

        /// L34 of `residency.md` A6: what is tampered with, half written or of a later version is never in force.
        @Test func `a policy with mistakes leaves the last good one in force`() async throws {
            try await DaemonPlay.run { play in
                #expect(play.node.configuration.policy == .none)
                let client = try AdminWiringTests.client(of: play)
                try play.folder.write("schema: 1\nrevision: good\n", to: "policy.yaml")
                _ = try await client.post("/reload")
                let good = play.node.configuration.policy
                #expect(good.source?.revision == "good")
                for bad in [
                    "", "schema: 1\n", "schema: 1\nrevision: x\nrules: [", "schema: 1\nrevision: x\nallow: all\n",
                    "schema: 1\nrevision: &r x\n", "schema: 1\nrevision: x\nrevision: y\n", "schema: 2\nrevision: x\n",
                ] {
                    try play.folder.write(bad, to: "policy.yaml")
                    await #expect(throws: AdminFailure.self, "\(bad)") { _ = try await client.post("/reload") }
                    #expect(play.node.configuration.policy == good)
                }
                #expect(play.node.reloads == 1)
            }
        }

        @Test func `a backend that moves keeps its quarantine and its drain`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                play.node.fleet.quarantine("gpu1", "an answer came from outside")
                play.node.fleet.drain(play.node.fleet.backends[0], true)
                let text = try play.folder.text(of: "gatehouse.yaml")
                try play.folder.write(
                    text.replacing("http://127.0.0.1", with: "http://localhost"), to: "gatehouse.yaml")
                _ = try await AdminWiringTests.client(of: play).post("/reload")
                let moved = play.node.fleet.backends[0]
                #expect(moved.settings.site.endpoint.description.hasPrefix("localhost"))
                #expect(moved.health.usability == .quarantined(detail: "an answer came from outside"))
                #expect(moved.isDrained)
                await play.until("it was asked again") { moved.health.hasBeenProbed }
                #expect(moved.health.usability == .quarantined(detail: "an answer came from outside"))
                play.node.fleet.drain(moved, false)
                play.node.fleet.release(moved)
                await play.until("an operator's word lets it back") {
                    play.timers.advance(by: .milliseconds(10))
                    return moved.health.usability == .usable
                }
            }
        }

        private final class Nobody: Fleet.Waiting {
            func seated(_ seat: Seat) {}
            func refused(_ refusal: DispatchRefusal) {}
        }

        @Test func `what fails at a backend that has moved says nothing of its successor`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                let fleet = play.node.fleet!
                let asked = fleet.backends[0]
                let order = Dispatcher.Order(
                    request: play.node.newRequestID(),
                    models: [try #require(fleet.dispatcher.catalogue.served.first).name],
                    arrivedAt: play.node.now)
                let seat = try #require(self.seat(in: fleet, order))
                let text = try play.folder.text(of: "gatehouse.yaml")
                try play.folder.write(
                    text.replacing("http://127.0.0.1", with: "http://localhost"), to: "gatehouse.yaml")
                _ = try await AdminWiringTests.client(of: play).post("/reload")
                let moved = fleet.backends[0]
                #expect(moved !== asked)
                await play.until("it was asked") { moved.health.hasBeenProbed }
                let before = String(reflecting: moved.health)
                fleet.leave(seat, .failure(.upstreamConnectFailed), asked: asked)
                #expect(String(reflecting: moved.health) == before)
                fleet.leave(
                    try #require(self.seat(in: fleet, order)), .failure(.upstreamConnectFailed), asked: moved)
                #expect(String(reflecting: moved.health) != before)
            }
        }

        @LoopActor private func seat(in fleet: Fleet, _ order: Dispatcher.Order) -> Seat? {
            if case .seated(let seat) = fleet.enter(order, for: Nobody()) { seat } else { nil }
        }
    }
}
