import Accounting
import Configuration
import EventLoop
import Foundation
import Health
import Logging
import Outbound
import Residency
import SimulatedOllama
import Vocabulary

/// How `gatehouse dev` is asked to behave.
public struct DevelopmentOptions: Sendable {
    var port: UInt16
    var operationsPort: UInt16
    var ollama: String
    var logsRequests: Bool

    /// As the command line has them.
    public init(port: UInt16, operationsPort: UInt16, ollama: String, logsRequests: Bool) {
        self.port = port
        self.operationsPort = operationsPort
        self.ollama = ollama
        self.logsRequests = logsRequests
    }
}

/// `gatehouse dev`: runs without files, before the Ollama of this machine, else before a simulated one.
public func develop(_ options: DevelopmentOptions) -> Int32 {
    let scrubbed = scrubEnvironment()
    let lines = LineWriter(descriptor: STDERR_FILENO)
    defer { lines.close() }
    let log = Logger(label: "gatehouse", factory: { _ in JSONLogHandler(writer: lines, level: .warning) })
    return runOnLoop {
        do {
            try DevelopmentFolder.make()
            let timers = LoopTimers()
            let backend = try await DevelopmentBackend(options.ollama, timers: timers)
            let daemon = try Daemon(
                try options.configuration(before: backend.address), loader: nil, timers: timers, log: log,
                lines: lines)
            do throws(StartFailure) { try daemon.listen() } catch {
                let way = error.isTakenAddress ? " with --port and --operations-port" : ""
                throw StartFailure(error.message + way)
            }
            await daemon.node.waitUntilProbed()
            say(options.banner(backend, model: daemon.node.modelForTrying, scrubbed: scrubbed))
            try await daemon.run()
            backend.stop()
            return ExitStatus.done
        } catch let failure as StartFailure {
            complain(failure.message)
            return ExitStatus.failed
        } catch {
            complain("\(error)")
            return ExitStatus.failed
        }
    }
}

/// The Ollama that `dev` stands before.
@LoopActor
private struct DevelopmentBackend {
    let address: BackendAddress
    let simulated: SimulatedOllama?
    /// What was found, in a sentence.
    let sentence: String

    init(_ wanted: String, timers: LoopTimers) async throws {
        let list = try ServerList(servers: [wanted], zones: [])
        let finding = await (try Inspection(list.servers, networks: [])).run()[0]
        if let inventory = finding.inventory {
            self.address = finding.server
            self.simulated = nil
            self.sentence =
                "before Ollama \(inventory.version?.text ?? "") on \(wanted), which has \(inventory.models.count) models"
            return
        }
        var options = SimulatedOllama.Options()
        options.tokensPerSecond = 50
        options.slots = 4
        let server = SimulatedOllama(options: options, timers: timers)
        let bound = try server.listen(on: SocketAddress(IPAddress(octets: [127, 0, 0, 1]), port: 0))
        self.address = BackendAddress(.tcp(host: "127.0.0.1", port: bound.port))
        self.simulated = server
        self.sentence = "NO OLLAMA ANSWERS ON \(wanted): a SIMULATED one, built in, makes up the answers"
    }

    func stop() {
        self.simulated?.stop()
    }
}

extension DevelopmentOptions {
    fileprivate func configuration(before backend: BackendAddress) throws(Problems) -> GatehouseConfiguration {
        let loopback = IPAddress(octets: [127, 0, 0, 1])
        return GatehouseConfiguration(
            node: "dev",
            listeners: .init(
                data: [.init(address: SocketAddress(loopback, port: self.port))],
                operations: [.init(address: SocketAddress(loopback, port: self.operationsPort))], origins: []),
            stateFolder: DevelopmentFolder.path, zones: [],
            backends: [
                .init(
                    site: BackendSite(id: "ollama", endpoint: backend.endpoint, tls: backend.tls, zone: .loopback),
                    slots: nil, breaker: .loopback)
            ],
            manifest: try ManifestFile.read(
                bytes: PackageResources.models_manifest, file: "models.manifest", standIn: .anyInstalled),
            keys: KeyRing(), requiresCloudOff: false,
            health: .init(probing: BackendHealth.Options(), backendsAreIndependent: true), limits: .init(),
            logging: .init(requests: self.logsRequests), usageRetentionDays: 180,
            drain: .init(delay: .zero, timeout: .seconds(5)), hostAddresses: [])
    }

    fileprivate func banner(_ backend: DevelopmentBackend, model: String?, scrubbed: [String]) -> String {
        let url = "http://127.0.0.1:\(self.port)"
        let model = model ?? "general"
        let body = #"{"model": "\#(model)", "messages": [{"role": "user", "content": "Why is the sky blue?"}]"#
        let removed = scrubbed.isEmpty ? "" : "\nremoved from the environment: \(scrubbed.joined(separator: ", "))"
        return """
            gatehouse \(Version.text), \(backend.sentence)\(removed)

            OpenAI's API    \(url)/v1
            Ollama's API    \(url)
            Anthropic's API \(url)
            health, metrics http://127.0.0.1:\(self.operationsPort)

            paste one of these into another terminal:

              curl \(url)/v1/chat/completions -d '\(body)}'

              curl -N \(url)/v1/chat/completions -d '\(body), "stream": true}'

              \(CommandLine.arguments[0]) status

            control-C ends it.
            """
    }
}

extension Node {
    /// Waits until every backend has been asked once.
    fileprivate func waitUntilProbed() async {
        while !self.fleet.hasBeenProbed { await self.timers.sleep(for: .milliseconds(5)) }
    }

    /// A model that is there: what the tier `general` stands for.
    fileprivate var modelForTrying: String? {
        let catalogue = self.fleet.dispatcher.catalogue
        return try? self.fleet.manifest.resolve("general", in: catalogue).get().models.first?.rawValue
    }
}
