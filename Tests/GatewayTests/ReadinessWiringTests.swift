import EventLoop
import Testing
import Vocabulary

@testable import Gateway

extension OnTheWire {
    /// What `/startupz` and `/readyz` say, as the node has wired it.
    @Suite struct ReadinessWiringTests {
        /// Takes connections and never says a word.
        @LoopActor final class Silent {
            private var connections: [StreamConnection] = []
            private var listener: TCPListener?
            var address: SocketAddress { self.listener!.address }
            var count: Int { self.connections.count }

            init() throws {
                self.listener = try TCPListener(address: SocketAddress("127.0.0.1", 0)) { [unowned self] in
                    self.connections.append($0)
                }
            }

            func close() {
                self.listener?.close()
                for connection in self.connections { connection.close() }
            }
        }

        /// Asks the operations port.
        static func expect(
            _ play: DaemonPlay, _ path: String, _ status: Int, sourceLocation: SourceLocation = #_sourceLocation
        ) async throws {
            let answer = try await ask(play.operations, "GET", path)
            #expect(answer.status == status, "\(path)", sourceLocation: sourceLocation)
        }

        @Test func `a node whose backend never answers is started after its time, and not ready`() async throws {
            let silent = try await onLoop { try Silent() }
            var plan = DaemonPlay.Plan()
            plan.simulated = nil
            plan.backend = try await onLoop { "\(silent.address)" }
            try await DaemonPlay.run(plan) { play in
                await play.until("the backend is asked") { silent.count > 0 }
                try await Self.expect(play, "/startupz", 503)
                try await Self.expect(play, "/readyz", 503)
                try await Self.expect(play, "/livez", 200)
                #expect(play.node.fleet.hasBeenProbed == false)
                // Nobody turns the clock of the transfer on the way: the probe still hangs when the start ends.
                play.timers.advance(by: .seconds(1))
                try await Self.expect(play, "/startupz", 503)
                play.timers.advance(by: .seconds(29))
                try await Self.expect(play, "/startupz", 200)
                try await Self.expect(play, "/readyz", 503)
                let verbose = try await ask(play.operations, "GET", "/readyz?verbose")
                #expect(verbose.body.contains("[+]started"))
                #expect(verbose.body.contains("[-]backends 0 of 1 usable"))
                try await Self.expect(play, "/health", 503)
                #expect(try await ask(play.operations, "GET", "/weight").body == "0\n")
            }
            try await onLoop { silent.close() }
        }

        @Test func `a node whose backend refuses is started at once, and not ready`() async throws {
            var plan = DaemonPlay.Plan()
            plan.simulated = nil
            try await DaemonPlay.run(plan) { play in
                await play.until("the first round has ended") { play.node.fleet.hasBeenProbed }
                try await Self.expect(play, "/startupz", 200)
                try await Self.expect(play, "/readyz", 503)
            }
        }

        @Test func `a shared backend that is down does not take all nodes out`() async throws {
            var plan = DaemonPlay.Plan()
            plan.simulated = nil
            plan.more = "health: {independent_backends: false}"
            try await DaemonPlay.run(plan) { play in
                await play.until("the first round has ended") { play.node.fleet.hasBeenProbed }
                try await Self.expect(play, "/readyz", 200)
            }
        }

        @Test func `a node whose backend answers is ready, model by model`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                try await Self.expect(play, "/startupz", 200)
                try await Self.expect(play, "/readyz", 200)
                try await Self.expect(play, "/readyz/models/llama3.2:3b", 200)
                try await Self.expect(play, "/readyz/models/llama3.2%3A3b", 200)
                try await Self.expect(play, "/readyz/models/nobody", 404)
                // The data port answers them too, whatever the host is called.
                #expect(try await play.ask("GET", "/readyz", ["Host: balancer.lan"]).status == 200)
            }
        }

        @Test func `a drained backend makes the node unready, and an undrained one ready again`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                let backend = play.node.fleet.backends[0]
                play.timers.advance(by: .seconds(10))  // An answer stays at least so long.
                play.node.fleet.drain(backend, true)
                try await Self.expect(play, "/readyz", 503)
                play.node.fleet.drain(backend, false)
                try await Self.expect(play, "/readyz", 503)
                play.timers.advance(by: .seconds(10))
                try await Self.expect(play, "/readyz", 200)
            }
        }

        @Test func `a node that is stopped is unready at once, and still answers`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                play.daemon.stop()
                let answer = try await play.ask("GET", "/readyz")
                #expect(answer.status == 503)
                #expect(answer.body.contains("draining"))
                #expect(try await play.ask("GET", "/v1/models").status == 200)
            }
        }
    }
}
