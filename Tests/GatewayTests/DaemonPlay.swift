import Accounting
import Configuration
import EventLoop
import Foundation
import Logging
import SimulatedOllama
import Testing
import Vocabulary

@testable import Gateway

/// The tests that drive a whole daemon over loopback, one after another.
@Suite(.serialized, .timeLimit(.minutes(1))) struct OnTheWire {}

/// A daemon before a simulated Ollama, with listeners and files of its own, whose clock stands still until it is told to
/// move.
@LoopActor final class DaemonPlay {
    let timers = SettableTimers()
    let daemon: Daemon
    let folder: TemporaryFolder
    /// What the daemon and its requests write.
    private let lines: LineWriter
    private let logDescriptor: Int32
    private let simulated: SimulatedOllama?

    /// How a daemon is set up.
    struct Plan: Sendable {
        /// None stands at the backend's address if `nil`.
        var simulated: SimulatedOllama.Options? = .init()
        /// Where the backend is, if it is not simulated.
        var backend = "127.0.0.1:1"
        var listeners = "{data: [127.0.0.1:0], operations: [127.0.0.1:0]}"
        /// Behind the backend, in the same braces.
        var moreBackends = ""
        var manifest = "schema: 1\n"
        var keys: KeySet?
        var more = ""
    }

    private init(_ plan: Plan) throws {
        self.folder = try TemporaryFolder()
        self.logDescriptor = open(self.folder["log"], O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        self.lines = LineWriter(descriptor: self.logDescriptor)
        let lines = self.lines
        var backend = plan.backend
        if let options = plan.simulated {
            let server = SimulatedOllama(options: options, timers: LoopTimers())
            backend = "\(try server.listen(on: SocketAddress("127.0.0.1", 0)))"
            self.simulated = server
        } else {
            self.simulated = nil
        }
        try self.folder.write(
            """
            schema: 1
            state: state
            listeners: \(plan.listeners)
            backends: {gpu1: {url: "http://\(backend)", zone: loopback, slots: 2}\(plan.moreBackends)}
            \(plan.more)
            """, to: "gatehouse.yaml")
        try self.folder.write(plan.manifest, to: "models.manifest")
        if let keys = plan.keys {
            try KeysFile(path: self.folder["keys.yaml"], pepperPath: self.folder["pepper"]).write(keys)
            try self.folder.write(Self.pepper, to: "pepper")
        }
        let loader = ConfigurationLoader(path: self.folder["gatehouse.yaml"], nodeDefault: "play")
        self.daemon = try Daemon(
            try loader.load(), loader: loader, timers: self.timers,
            log: Logger(label: "play", factory: { _ in JSONLogHandler(writer: lines, level: .trace) }), lines: lines)
        try self.daemon.listen()
    }

    /// The pepper of keys that a plan brings.
    nonisolated static let pepper = String(repeating: "p", count: 32)

    var data: SocketAddress { self.daemon.dataAddresses[0] }
    var operations: SocketAddress { self.daemon.operationsAddresses[0] }
    var node: Node { self.daemon.node }

    /// Runs `body` beside a fresh daemon, which is stopped afterwards; then `afterwards` is given the lines of its log.
    nonisolated static func run(
        _ plan: Plan = Plan(), _ body: @escaping @LoopActor @Sendable (DaemonPlay) async throws -> Void,
        afterwards: @escaping @Sendable ([Substring]) throws -> Void = { _ in }
    ) async throws {
        try await onLoop {
            let play = try DaemonPlay(plan)
            let result: Result<Void, any Error>
            do { result = .success(try await body(play)) } catch { result = .failure(error) }
            play.daemon.stop()
            play.daemon.stop()
            await play.until("the daemon has stopped") {
                play.timers.advance(by: .milliseconds(50))
                return play.node.connectionCount == 0 && play.node.outbound.figures.connectionsOpen == 0
            }
            play.simulated?.stop()
            let log = try play.log()
            try result.get()
            try afterwards(log)
        }
    }

    private func log() throws -> [Substring] {
        self.lines.close()
        close(self.logDescriptor)
        return try self.folder.text(of: "log").split(separator: "\n")
    }

    /// Lets the loop turn until `condition` holds; five real seconds are the end.
    func until(_ what: Comment, _ condition: () -> Bool) async {
        let real = LoopTimers()
        let end = real.now + .seconds(5)
        while !condition() {
            guard real.now < end else {
                Issue.record("not within five seconds: \(what)")
                return
            }
            await real.sleep(for: .milliseconds(1))
        }
    }

    /// Until the backend has shown what it has.
    func untilReady() async {
        await self.until("the backend is usable and its models are shown") {
            self.node.readiness.answer == .ready
                && self.node.fleet.backends.allSatisfy { $0.health.inventory.models.count == $0.shown.count }
        }
    }

    /// Asks the data plane.
    func ask(
        _ method: String, _ target: String, _ headers: [String] = [], body: String? = nil
    ) async throws -> WireAnswer {
        try await GatewayTests.ask(self.data, method, target, headers, body: body)
    }
}
