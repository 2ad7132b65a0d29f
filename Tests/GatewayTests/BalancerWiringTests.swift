import EventLoop
import Foundation
import Testing
import Vocabulary

@testable import Gateway

extension OnTheWire {
    /// What load balancers are told beside `/readyz`.
    @Suite struct BalancerWiringTests {
        static let plan: DaemonPlay.Plan = {
            var plan = DaemonPlay.Plan()
            plan.listeners = "{data: [127.0.0.1:0], operations: [127.0.0.1:0], agent: [127.0.0.1:0], balancers: 2}"
            plan.manifest = "schema: 1\ndiscovered: refuse\nmodels: {llama3.2:3b: {}}\n"
            return plan
        }()

        /// What the agent port says, whatever it is told.
        @LoopActor static func line(_ play: DaemonPlay, saying text: String = "") async throws -> String {
            let address = play.daemon.agentAddresses[0]
            return String(
                decoding: try await runOnWorker { () throws in try exchange(Array(text.utf8), with: address) },
                as: UTF8.self)
        }

        /// Expects that the agent port says so.
        @LoopActor static func expect(
            _ play: DaemonPlay, says line: String, told text: String = "",
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let found = try await Self.line(play, saying: text)
            #expect(found == line, sourceLocation: sourceLocation)
        }

        @Test func `the agent port tells one line and ends, and what it tells changes with the node`() async throws {
            try await DaemonPlay.run(Self.plan) { play in
                await play.untilReady()
                // Two slots and a queue of 64 for the one model, shared by two balancers.
                try await Self.expect(play, says: "up ready 100% maxconn:33\n")
                try await Self.expect(play, says: "up ready 100% maxconn:33\n", told: "gatehouse?\n")
                play.timers.advance(by: .seconds(10))
                play.node.fleet.drain(play.node.fleet.backends[0], true)
                try await Self.expect(play, says: "down ready 0% maxconn:33 #not ready\n")
                play.daemon.stop()
                try await Self.expect(play, says: "up drain 0% maxconn:33\n")
            }
        }

        @Test func `a crowd at the agent port is bounded, and who stays is sent away`() async throws {
            try await DaemonPlay.run(Self.plan) { play in
                await play.untilReady()
                let address = play.daemon.agentAddresses[0]
                let crowd = try await runOnWorker { () throws in
                    try (0..<Bounds.agentConnections).map { _ in try connected(to: address) }
                }
                defer { for guest in crowd { close(guest) } }
                await play.until("all of them have their line") {
                    var byte: UInt8 = 0
                    return crowd.allSatisfy {
                        recv($0, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 1
                    }
                }
                try await Self.expect(play, says: "")
                play.timers.advance(by: .seconds(2))
                // A connection is gone some turns of the loop after it was closed.
                var line = ""
                for _ in 0..<100 where line.isEmpty { line = try await Self.line(play) }
                #expect(line == "up ready 100% maxconn:33\n")
            }
        }

        @Test func `a node that drains has every answer say so to Envoy`() async throws {
            let header = "x-envoy-immediate-health-check-fail"
            try await DaemonPlay.run { play in
                await play.untilReady()
                let before = [
                    try await play.ask("GET", "/v1/models"), try await ask(play.operations, "GET", "/readyz"),
                ]
                #expect(before.map { $0[header] } == [nil, nil])
                play.daemon.stop()
                let after = [
                    try await play.ask("GET", "/v1/models"), try await play.ask("GET", "/nowhere"),
                    try await ask(play.operations, "GET", "/readyz"), try await askRaw(play.data, "nonsense\r\n\r\n"),
                ]
                #expect(after.map { $0[header] } == ["true", "true", "true", "true"])
            }
        }

        /// Expects that the command exits so.
        @LoopActor static func expect(
            _ question: AdminQuestion, _ code: Int32, _ client: AdminClient,
            sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let found = try await question(client)
            #expect(found == code, sourceLocation: sourceLocation)
        }

        @Test func `keepalived is told readiness and weight by one number`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                let client = try AdminWiringTests.client(of: play)
                let question = healthQuestion(model: nil, asJSON: false, forKeepalived: true)
                try await Self.expect(question, 102, client)
                let model = healthQuestion(model: "nobody", asJSON: false, forKeepalived: true)
                try await Self.expect(model, 1, client)
                play.timers.advance(by: .seconds(10))
                play.node.fleet.drain(play.node.fleet.backends[0], true)
                try await Self.expect(question, 1, client)
                play.daemon.stop()
                try await Self.expect(question, 2, client)
            }
        }
    }
}
