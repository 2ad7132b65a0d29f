import EventLoop
import Foundation
import Testing
import Vocabulary

@testable import SimulatedOllama

/// The tests that drive a simulated server over loopback, one after another.
@Suite(.serialized, .timeLimit(.minutes(1))) struct OnTheWire {}

/// A simulated server on loopback and what is needed to talk to it.
@LoopActor final class Play {
    let simulated: SimulatedOllama
    let address: SocketAddress
    private var clients: [WireClient] = []

    private init(_ options: SimulatedOllama.Options, timers: any Timers) throws {
        self.simulated = SimulatedOllama(options: options, timers: timers)
        self.address = try self.simulated.listen(on: SocketAddress(IPAddress(octets: [127, 0, 0, 1]), port: 0))
    }

    /// Runs `body` beside a fresh server. With `SettableTimers` no time passes but what the test lets pass.
    nonisolated static func run(
        _ options: SimulatedOllama.Options = .init(), timers: (@LoopActor @Sendable () -> any Timers)? = nil,
        _ body: @escaping @LoopActor @Sendable (Play) async throws -> Void
    ) async throws {
        UVLoop.main.runOnOwnThread()
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            startTask {
                do {
                    let play = try Play(options, timers: timers?() ?? LoopTimers())
                    try await body(play)
                    for client in play.clients { client.close() }
                    play.simulated.stop()
                    done.resume()
                } catch {
                    done.resume(throwing: error)
                }
            }
        }
    }

    func client() throws -> WireClient {
        let client = try WireClient(to: self.address)
        self.clients.append(client)
        return client
    }

    /// One request on a connection of its own, and its whole answer.
    func ask(_ method: String, _ target: String, _ body: String? = nil, headers: [String] = []) async throws
        -> WireAnswer
    {
        let client = try self.client()
        await client.send(method, target, body, headers: headers)
        let answer = await client.answer()
        client.close()
        return answer
    }

    func post(_ target: String, _ body: String, headers: [String] = []) async throws -> WireAnswer {
        try await self.ask("POST", target, body, headers: headers)
    }

    /// Lets the loop turn until `condition` holds; two real seconds are the end.
    func until(_ what: Comment, _ condition: () -> Bool) async {
        let real = LoopTimers()
        let end = real.now + .seconds(2)
        while !condition() {
            guard real.now < end else {
                Issue.record("not within two seconds: \(what)")
                return
            }
            await real.sleep(for: .milliseconds(1))
        }
    }
}
