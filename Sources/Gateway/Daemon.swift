import Configuration
import Dialects
import EventLoop
import Foundation
import HTTPServer
import Logging
import Outbound
import Residency
import Storage
import TLS
import Vocabulary

/// A node with its listeners, from start to stop: what `serve` and `dev` run.
@LoopActor
final class Daemon {
    let node: Node
    let data: HTTPServer
    private let operations: HTTPServer
    private let admin: HTTPServer
    private let agent: AgentPort
    private let loader: ConfigurationLoader?
    private let timers: any Timers
    /// Listening sockets that were open before this process.
    private var inherited: InheritedSockets
    private let supervisor: Supervisor?
    private var signals: [SignalSource] = []
    /// Where the model APIs and the operations plane listen: as configured, with the kernel's choice for port 0.
    private(set) var dataAddresses: [SocketAddress] = []
    private(set) var operationsAddresses: [SocketAddress] = []
    private(set) var agentAddresses: [SocketAddress] = []
    private let ended = Waiter<Void>()
    /// It serves sockets that another process has opened.
    private var handsOver = false
    /// It was asked to stop, and waits for what is under way.
    private var isStopping = false
    private var hasEnded = false
    private var isReloading = false

    /// Opens what the configuration names. `loader` reads it again on a reload; `dev` has none. Nor has it sockets that
    /// another process has opened for it, and somebody who watches over it.
    init(
        _ configuration: GatehouseConfiguration, loader: ConfigurationLoader?, timers: any Timers, log: Logger,
        lines: LineWriter, inherited: InheritedSockets = InheritedSockets(), supervisor: Supervisor? = nil
    ) throws(StartFailure) {
        self.inherited = inherited
        self.supervisor = supervisor
        self.loader = loader
        self.timers = timers
        do {
            try FileManager.default.createDirectory(
                atPath: configuration.stateFolder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
            let usage = try UsageStore(path: configuration.stateFolder + "/" + Defaults.usageDatabase)
            let gate = try configuration.gate(generation: 1)
            let auditor = try Auditor(folder: configuration.stateFolder, usage: usage, timers: timers, log: log)
            // What has left within a day counts against the day's limits, whoever sent it.
            let earlier = try auditor.departures(
                since: WallTime(microseconds: timers.wallNow.microseconds - 86_400_000_000))
            self.node = Node(
                configuration, gate: gate, timers: timers, outbound: try Outbound(timers: timers), usage: usage,
                auditor: auditor, departures: Departures(configuration.policy, earlier: earlier, timers: timers),
                log: log, lines: lines)
        } catch {
            throw StartFailure("cannot start: \(error)")
        }
        let node = self.node
        let operations = OperationsPlane(node)
        let data = DataPlane(node, operations: operations)
        self.data = HTTPServer(timers: timers) { await data.handle($0) }
        self.operations = HTTPServer(timers: timers) { await operations.handle($0) }
        let reloading = Reloading()
        let admin = AdminPlane(node) { () throws(AdminFailure) in try await reloading.run() }
        self.admin = HTTPServer(timers: timers) { await admin.handle($0) }
        self.agent = AgentPort(
            timers: timers, onTrouble: { node.log.error("cannot accept agent checks: \($0.message)") },
            line: { node.agentLine })
        reloading.daemon = self
        for server in [self.data, self.operations, self.admin] {
            server.onTrouble = { node.log.error("cannot accept connections: \($0.message)") }
        }
        self.data.rejectionHeaders = { reason in
            [
                HTTPHeader("x-gatehouse-request-id", node.newRequestID().bytes),
                HTTPHeader("x-gatehouse-route", "none"),
                HTTPHeader("x-gatehouse-reason", reason.rawValue),
            ]
        }
        for server in [self.data, self.operations] {
            // An active health check of Envoy takes the node out at any answer that has it (`health.md` D).
            server.commonHeaders = {
                node.isDraining ? [HTTPHeader("x-envoy-immediate-health-check-fail", "true")] : []
            }
            // Before a path is known, OpenAI's shape is the one that most clients read.
            server.rejectionBody = { ErrorShape.body(dialect: .openAI, reason: $0, message: $1, requestID: nil) }
        }
        self.greetProxies()
        node.observe(servers: [self.data, self.operations])
        self.takeOnLimits()
    }

    /// The bounds of the configuration that hold for clients.
    private func takeOnLimits() {
        self.data.options.connection.clientReadIdle = self.node.configuration.limits.clientReadIdle
    }

    private func listen(
        at listener: GatehouseConfiguration.Listener, with server: HTTPServer, label: String, reserved: Bool = false
    ) throws(SocketError) -> SocketAddress {
        let socket = self.inherited.take(listener.address)
        if socket != nil { self.handsOver = true }
        return try server.listen(
            on: listener.address, label: label, reserved: reserved,
            reusePort: self.node.configuration.listeners.sharesPorts, inherited: socket,
            securedBy: self.securing(listener))
    }

    /// A socket that nobody serves would take connections and never answer.
    private func refuseLeftovers() throws(StartFailure) {
        guard let left = self.inherited.left.first else { return }
        throw StartFailure(
            "a socket at \(left.address) was handed over (LISTEN_FDS), and `listeners` names no such address: write the "
                + "same addresses there and in the socket unit")
    }

    /// TLS as the configuration has it when a connection comes.
    private func securing(_ listener: GatehouseConfiguration.Listener) -> HTTPServer.Securing? {
        guard listener.isSecure else { return nil }
        let (node, timers) = (self.node, self.timers)
        return { stream, client in
            guard let context = node.configuration.tls else { return nil }
            return try? TLSStream(stream, context, timers: timers) { result in
                node.handshakes.count(result)
                if case .failure(let problem) = result {
                    node.log.debug(
                        "a TLS handshake failed", metadata: ["peer": "\(client)", "cause": "\(problem)"])
                }
            }
        }
    }

    /// Proxies as the configuration has them when a connection comes.
    private func greetProxies() {
        let node = self.node
        self.data.beginning = { node.configuration.listeners.beginning(of: $0) }
        self.data.onProxyRefused = { peer, cause in
            node.log.debug("a connection was refused", metadata: ["peer": "\(peer)", "cause": "\(cause)"])
        }
    }

    private func checkKernelLayer() throws(StartFailure) {
        let layer = self.node.kernelLayer
        self.node.tellKernelLayer()
        guard self.node.configuration.requiresKernelLayer, !layer.isHolding else { return }
        throw StartFailure(
            "require_kernel_layer is true, and no filter of the kernel keeps this process inside (IPv4 \(layer.v4.rawValue), "
                + "IPv6 \(layer.v6.rawValue)): load the nftables file, or use the systemd unit with IPAddressDeny=any")
    }

    /// Listens everywhere, or nowhere.
    func listen() throws(StartFailure) {
        let configuration = self.node.configuration
        try self.checkKernelLayer()
        do throws(SocketError) {
            for listener in configuration.listeners.data {
                self.dataAddresses.append(try self.listen(at: listener, with: self.data, label: "data"))
            }
            for listener in configuration.listeners.operations {
                self.operationsAddresses.append(
                    try self.listen(at: listener, with: self.operations, label: "operations", reserved: true))
            }
            for address in configuration.listeners.agent {
                self.agentAddresses.append(try self.agent.listen(on: address))
            }
            try self.admin.listen(onUnixSocket: configuration.stateFolder + "/" + Defaults.adminSocket)
        } catch {
            throw StartFailure(error.message, isTakenAddress: error.code == .addressInUse)
        }
        try self.refuseLeftovers()
        // Only now is it sure that no other process runs on this state folder, whose open intents are not ours to end. No
        // request is served before this returns.
        self.node.auditor.begin(
            AuditStart(
                node: configuration.node, version: Version.text,
                configuration: AuditConfiguration(generation: 1, files: configuration.files)),
            folder: configuration.stateFolder)
        UVLoop.main.onSlow = { [weak node = self.node] span, holder in
            node?.log.warning("the event loop was held for \(span.milliseconds) ms", metadata: ["by": "\(holder)"])
        }
        self.node.onReadiness = { [supervisor] answer in supervisor?.tell(.status(answer.rawValue)) }
        self.node.disk.watch()
        self.node.listening()
        self.supervisor?.tell(.ready)
        self.purgeUsageDaily()
        self.node.auditor.schedule()
        self.node.auditor.scheduleHead()
    }

    /// Serves until it has been stopped.
    func run() async throws(StartFailure) {
        do throws(SocketError) {
            self.signals = [
                try SignalSource(signal: SIGTERM) { [weak self] in self?.stop() },
                try SignalSource(signal: SIGINT) { [weak self] in self?.stop() },
                try SignalSource(signal: SIGHUP) { [weak self] in
                    _ = startTask { await self?.reloadFromSignal() }
                },
            ]
        } catch {
            throw StartFailure(error.message)
        }
        await self.ended.wait()
    }

    // MARK: Reload

    private func reloadFromSignal() async {
        do throws(AdminFailure) {
            try await self.reload()
        } catch {
            self.node.log.error("the configuration was not reloaded, nothing changes: \(error.message)")
        }
    }

    /// The whole new configuration, or the old one as it is.
    fileprivate func reload() async throws(AdminFailure) {
        guard let loader else { throw AdminFailure(message: "this node runs without files") }
        do throws(AdminFailure) {
            try await self.takeOn(loader)
        } catch {
            self.node.reloadWasRefused()
            throw error
        }
    }

    private func takeOn(_ loader: ConfigurationLoader) async throws(AdminFailure) {
        // One after another: else the one that read the older files could be the last to be taken on.
        while self.isReloading { await self.timers.sleep(for: .milliseconds(20)) }
        self.isReloading = true
        defer { self.isReloading = false }
        let configuration: GatehouseConfiguration
        do throws(Problems) {
            configuration = try await runOnWorker { () throws(Problems) in try loader.load() }
        } catch {
            throw AdminFailure(message: error.description, isConfiguration: true)
        }
        let kept = configuration.keysOfRestart(differingFrom: self.node.configuration)
        if !kept.isEmpty {
            throw AdminFailure(
                message:
                    "nothing changes: the file has another value than the one in use for \(kept.joined(separator: ", ")), "
                    + "which only a restart takes on",
                isConfiguration: true)
        }
        do throws(GateProblems) {
            try self.node.apply(configuration)
        } catch {
            throw AdminFailure(message: error.description, isConfiguration: true)
        }
        self.takeOnLimits()
        self.purgeUsage()
    }

    /// Once a day, and after each reload.
    private func purgeUsageDaily() {
        self.purgeUsage()
        self.timers.schedule(after: .seconds(86_400)) { [weak self] in self?.purgeUsageDaily() }
    }

    /// Deletes what is older than the operator wants.
    private func purgeUsage() {
        let days = Int64(self.node.configuration.usageRetentionDays)
        self.node.usage?.purge(
            before: WallTime(microseconds: self.timers.wallNow.microseconds - days * 86_400_000_000))
    }

    // MARK: Stop

    /// A connection that was opened or answered so recently may be about to carry a request.
    private static let idleGrace = Duration.milliseconds(500)

    /// Drains as `health.md` D2: unready first, then nothing new is accepted, then an end when the last request is
    /// done or the deadline has passed. A second call waits no longer.
    func stop() {
        if self.isStopping { return self.stopNow() }
        self.isStopping = true
        // Sockets that were handed over stay open: who connects now is served by the next process, and need not notice.
        let delay = self.handsOver ? .zero : self.node.configuration.drain.delay
        self.node.log.notice("stopping: unready from now on, accepting for \(delay) more")
        self.supervisor?.tell(.stopping)
        self.node.beginDraining()
        self.timers.schedule(after: delay) { [weak self] in self?.stopAdmitting() }
    }

    private func stopAdmitting() {
        self.data.stopAccepting()
        self.data.closeIdle(for: Self.idleGrace)
        self.timers.schedule(after: Self.idleGrace) { [weak self] in self?.node.fleet.close() }
        self.timers.schedule(after: self.node.configuration.drain.timeout) { [weak self] in self?.stopNow() }
        self.endWhenIdle()
    }

    private func endWhenIdle() {
        if self.hasEnded { return }
        // A connection is there until its client has taken the last bytes.
        self.data.closeIdle(for: Self.idleGrace)
        if self.data.requestsInFlight == 0, self.data.connectionCount == 0 { return self.end() }
        self.timers.schedule(after: .milliseconds(50)) { [weak self] in self?.endWhenIdle() }
    }

    /// Requests that have not ended are told so in their own dialect.
    private func stopNow() {
        if self.hasEnded { return }
        self.data.stopAccepting()
        self.node.fleet.close()
        self.node.ledger.stopAll()
        // One second for the last bytes to leave.
        self.timers.schedule(after: .seconds(1)) { [weak self] in self?.end() }
        self.endWhenIdle()
    }

    private func end() {
        if self.hasEnded { return }
        self.hasEnded = true
        for server in [self.data, self.operations, self.admin] {
            server.stopAccepting()
            server.closeAll()
        }
        self.agent.close()
        self.node.outbound.close()
        self.node.usage?.close()
        self.node.auditor.close()
        self.node.log.notice("stopped")
        self.ended.resume(())
    }
}

/// Breaks the circle between the admin plane, which reloads, and the daemon, which owns it.
@LoopActor
private final class Reloading {
    weak var daemon: Daemon?

    func run() async throws(AdminFailure) {
        try await self.daemon?.reload()
    }
}

/// Why the daemon cannot start.
struct StartFailure: Error {
    let message: String
    /// Another process listens where this one should.
    let isTakenAddress: Bool

    init(_ message: String, isTakenAddress: Bool = false) {
        self.message = message
        self.isTakenAddress = isTakenAddress
    }
}
