import Accounting
import Dialects
import EventLoop
import HTTPServer
import Health
import Logging
import Outbound
import Residency
import Routing
import Storage
import Vocabulary

/// One running Gatehouse: the pure machines, wired to the loop. The planes (`DataPlane`, `OperationsPlane`,
/// `AdminPlane`) bring it requests; it is the only holder of what they share.
@LoopActor
final class Node {
    let timers: any Timers
    let outbound: Outbound
    let ledger = Ledger()
    let usage: UsageStore?
    let auditor: Auditor
    let departures: Departures
    /// The daemon's own lines; its level is the configuration's.
    private(set) var log: Logger
    let lines: LineWriter
    let disk: DiskWatch
    let startedAt: WallTime
    private let begunAt: Instant

    private(set) var configuration: GatehouseConfiguration
    private(set) var fleet: Fleet!
    private(set) var readiness: Readiness
    private var weight = Weight()
    private var readinessWake: TimerToken?
    var metrics = Metrics()
    /// What is known of the models' tokens; it begins anew with each process.
    var estimates = TokenEstimates()
    var keyFailures = FailureLimiter()
    private(set) var reloads = 0
    /// When the last reload was refused; `nil` if what the files say was taken on.
    private(set) var reloadRefusedAt: WallTime?
    /// Whether the kernel too keeps this process inside, as it was at the start or the last reload.
    private(set) var kernelLayer = KernelLayer.look()
    /// TLS handshakes of clients.
    var handshakes = HandshakeCounts()
    private(set) var readinessChanges = 0
    /// Told of each change of readiness.
    var onReadiness: @LoopActor (Readiness.Answer) -> Void = { _ in }
    private(set) var isDraining = false
    private var isListening = false
    private var startIsOver = false
    private var startWaiters: [Waiter<Void>] = []
    /// Ids of requests; nothing secret hangs on them, and asking the kernel for each would cost two calls a request.
    private var generator = SeededGenerator(seed: .random(in: .min ... .max))
    private var servers: [HTTPServer] = []

    init(
        _ configuration: GatehouseConfiguration, gate: Gate, timers: any Timers, outbound: Outbound,
        usage: UsageStore?, auditor: Auditor, departures: Departures, log: Logger, lines: LineWriter
    ) {
        self.configuration = configuration
        self.timers = timers
        self.outbound = outbound
        self.usage = usage
        self.auditor = auditor
        self.departures = departures
        self.log = log
        self.lines = lines
        self.disk = DiskWatch(folder: configuration.stateFolder, timers: timers)
        self.startedAt = timers.wallNow
        self.begunAt = timers.now
        self.readiness = Readiness(
            options: .init(backendsAreIndependent: configuration.health.backendsAreIndependent), at: timers.now)
        self.fleet = Fleet(
            timers: timers, outbound: outbound, configuration: configuration, gate: gate,
            generator: SeededGenerator(seed: self.generator.next()), onNews: { [weak self] in self?.tell($0) },
            onChange: { [weak self] in self?.reviewReadiness() })
    }

    /// Counts what these servers do, for `status` and metrics.
    func observe(servers: [HTTPServer]) {
        self.servers = servers
    }

    /// Open client connections.
    var connectionCount: Int { self.servers.reduce(0) { $0 + $1.connectionCount } }

    /// Connections cut for their beginning, where proxies speak the PROXY protocol.
    var proxyHeadersRefused: Int { self.servers.reduce(0) { $0 + $1.counters.proxyHeadersRefused } }
    /// Requests that the servers answered themselves.
    var rejections: [Reason: Int] {
        self.servers.reduce(into: [:]) { all, server in all.merge(server.counters.rejections, uniquingKeysWith: +) }
    }

    var now: Instant { self.timers.now }
    var uptime: Duration { self.now - self.begunAt }

    func newRequestID() -> RequestID {
        RequestID(at: self.timers.wallNow, using: &self.generator)
    }

    // MARK: Attempts

    /// What a request looks like at one backend.
    struct Prepared {
        var outgoing: Outgoing
        var plan: RewritePlan
        var headers = Self.usualHeaders

        /// Made once: nearly every request has these.
        static let usualHeaders = [OutboundHeader.contentTypeJSON]

        /// The body.
        var body: [UInt8] { self.outgoing.bytes }

        /// As the gate is asked for it.
        var request: OutboundRequest {
            OutboundRequest(
                method: .post, path: self.outgoing.call.backendPath, headers: self.headers, body: self.body,
                model: self.plan.sentModel)
        }
    }

    /// Rewrites a request for `backend`: the model's name there, and the manifest's bounds.
    func prepare(_ order: RequestOrder, _ model: ModelName, at backend: Backend) throws(Refusal) -> Prepared {
        let plan = try self.plan(order, model, at: backend)
        do throws(BodyRefusal) {
            return Prepared(outgoing: try order.body.outgoing(for: plan), plan: plan)
        } catch {
            throw Refusal(error.reason, error.message)
        }
    }

    private func plan(_ order: RequestOrder, _ model: ModelName, at backend: Backend) throws(Refusal) -> RewritePlan {
        let (limits, inventory) = (order.resolution[model], backend.health.inventory)
        if backend.settings.site.api == .openAI {
            var plan = RewritePlan(
                compatible: model, in: inventory, outputTokensMax: limits?.outputTokensMax.count,
                promptTokens: self.estimates.tokens(of: order.body.promptBytes, for: model).count,
                losses: self.configuration.losses)
            plan.traits = backend.settings.traits
            return plan
        }
        let sent = try LocalSuffix.served(
            model.rawValue, isKnownToServer: inventory.version?.hasLocalSuffix ?? false,
            cloudIsKnownOff: inventory.cloud == .off)
        var plan = RewritePlan(
            servedModel: model.rawValue, appendsLocal: sent != model.rawValue,
            keepAlive: limits.map { RewritePlan.KeepAlive($0.keepAlive) } ?? .backend,
            outputTokensMax: limits?.outputTokensMax.count, losses: self.configuration.losses)
        plan.thinks = inventory.model(model)?.thinks
        return plan
    }

    /// Asks the gate for the one send of one attempt.
    func grant(_ prepared: Prepared, at backend: Backend, _ id: RequestID, attempt: Int) throws(Refusal) -> Grant {
        // Between the seat and this moment a reload or an incident may have come.
        guard backend.health.usability.isUsable else {
            throw Refusal(.grantInvalid, "backend `\(backend.id)` is \(backend.health.usability.label) by now")
        }
        return try self.fleet.gate.grant(
            prepared.request, to: backend.id, at: backend.addresses.get(), purpose: .request(id, attempt: attempt),
            now: self.now)
    }

    var transferLimits: TransferLimits {
        let limits = self.configuration.limits
        return TransferLimits(
            firstByte: limits.firstByte, betweenBytes: limits.betweenBytes, whole: limits.wholeAttempt)
    }

    /// Books a request that has ended; nothing here is on its client's path.
    func settle(_ record: RequestRecord) {
        guard let ending = record.ending else { return }
        self.ledger.end(record)
        self.metrics.count(record.endpoint, ending, usage: record.usage, arrivedAt: record.arrivedAt)
        if let row = record.usageRow(at: self.now) { self.usage?.append(row) }
        if let decision = AuditDecision(of: record) { self.auditor.record(.decision(decision)) }
        if self.configuration.logging.requests {
            self.lines.write(record.logLine(at: self.now, wall: self.timers.wallNow))
        }
    }

    // MARK: Configuration

    /// What was found of the layer behind the door, in the log.
    func tellKernelLayer() {
        let found = self.kernelLayer
        let families: Logger.Metadata = ["ipv4": "\(found.v4.rawValue)", "ipv6": "\(found.v6.rawValue)"]
        if found.isHolding {
            self.log.notice("the kernel keeps this process from addresses that are not allowed", metadata: families)
        } else {
            self.log.notice(
                "no filter of the kernel stands behind the door of this process; deploy/systemd and deploy/nftables have one",
                metadata: families)
        }
    }

    /// Takes on a configuration that has been read as a whole.
    func apply(_ configuration: GatehouseConfiguration) throws(GateProblems) {
        let gate = try configuration.gate(generation: self.fleet.gate.generation + 1)
        self.configuration = configuration
        self.log.logLevel = configuration.logging.lowestLevel
        self.auditor.log.logLevel = configuration.logging.lowestLevel
        self.readiness.options.backendsAreIndependent = configuration.health.backendsAreIndependent
        self.departures.apply(configuration.policy)
        self.fleet.apply(configuration, gate: gate)
        let layer = KernelLayer.look()
        if layer != self.kernelLayer {
            self.kernelLayer = layer
            self.tellKernelLayer()
        }
        self.reloads += 1
        self.reloadRefusedAt = nil
        self.auditor.record(
            .configuration(AuditConfiguration(generation: gate.generation, files: configuration.files)))
        self.auditor.watch(self.fleet)
        self.reviewReadiness()
        self.log.notice("the configuration was reloaded", metadata: ["reloads": "\(self.reloads)"])
    }

    /// The files could not be taken on: the configuration in force stays, and that is told until they can.
    func reloadWasRefused() {
        self.reloadRefusedAt = self.timers.wallNow
        self.reviewReadiness()
    }

    /// That, in words without anything of the files; empty if all is well.
    private var refusedReload: String {
        self.reloadRefusedAt.map { "the reload at \($0.rfc3339) was refused, the configuration before it holds" } ?? ""
    }

    // MARK: Health

    private func tell(_ news: Fleet.News) {
        self.log.log(
            level: news.isWarning ? .warning : .info, "\(news.message)", metadata: ["backend": "\(news.backend)"])
        // The fleet tells news while it is being made.
        if let fleet { self.auditor.watch(fleet) }
        self.reviewReadiness()
    }

    /// All listeners accept.
    func listening() {
        self.isListening = true
        self.timers.schedule(after: Bounds.start) { [weak self] in
            self?.startIsOver = true
            self?.tellStart()
        }
        self.reviewReadiness()
    }

    /// Takes no new requests from balancers, or from anybody once `stopAdmitting` was called.
    func beginDraining() {
        self.isDraining = true
        self.reviewReadiness()
    }

    // MARK: Start

    /// Backends have not told yet what they have, so that a request that finds none may do well to wait for a moment: a client
    /// whose connection waited while this process took over from another knows of no start.
    var isStarting: Bool { !self.startIsOver && !self.fleet.hasBeenProbed }

    /// Suspends until a backend has told something, or the start is over.
    func newsOfStart() async {
        let waiter = Waiter<Void>()
        self.startWaiters.append(waiter)
        await waiter.wait()
    }

    private func tellStart() {
        let waiters = self.startWaiters
        self.startWaiters = []
        for waiter in waiters { waiter.resume(()) }
    }

    /// Puts the facts of this moment to the readiness machine.
    func reviewReadiness() {
        // The fleet tells news while it is being made.
        guard let fleet else { return }
        if !self.startWaiters.isEmpty { self.tellStart() }
        let facts = Readiness.Facts(
            isListening: self.isListening, allProbed: fleet.hasBeenProbed, isDraining: self.isDraining,
            backendsUsable: fleet.backends.count { $0.health.usability.isUsable && !$0.isDrained },
            backends: fleet.backends.count, refusedReload: self.refusedReload)
        for action in self.readiness.update(facts, at: self.now) {
            switch action {
            case .changed(let from, let to, let cause):
                self.readinessChanges += 1
                self.onReadiness(to)
                self.log.notice(
                    "readiness \(from.rawValue) -> \(to.rawValue)", metadata: ["cause": "\(cause)"])
            case .wake(let instant):
                self.readinessWake?.cancel()
                self.readinessWake = self.timers.schedule(after: instant - self.now) { [weak self] in
                    self?.reviewReadiness()
                }
            }
        }
    }

    /// Whether a model, a tier or an alias can be answered now.
    func readiness(ofModel name: String) -> ModelReadiness {
        guard case .success(let found) = self.fleet.manifest.resolve(name, in: self.fleet.dispatcher.catalogue) else {
            return .unknown
        }
        let backends = self.fleet.backends.filter { !$0.isDrained }.map(\.health)
        return found.models.contains { ModelReadiness(of: $0, in: backends) == .ready } ? .ready : .notReady
    }

    /// The share of traffic this node asks for, 0 to 100.
    func currentWeight() -> Int {
        let places = self.fleet.dispatcher.figures.places
        let slots = places.reduce(0) { $0 + $1.slots }
        let taken = places.reduce(0) { $0 + $1.inFlight }
        return self.weight.update(
            isReady: self.readiness.answer == .ready, climbs: self.readinessChanges > 1, slotsFree: slots - taken,
            slots: slots, at: self.now)
    }

    /// What an operator should read, in plain sentences.
    var warnings: [String] {
        var warnings = self.fleet.backends.flatMap { backend in
            backend.risks(self.configuration.manifest).map(\.message)
        }
        for place in self.fleet.dispatcher.figures.places where place.hasLostSlots {
            warnings.append("\(place.backend) has lost its slots for \(place.model): it is loaded and answers nobody")
        }
        if self.reloadRefusedAt != nil { warnings.append("\(self.refusedReload); `gatehouse check` says why") }
        if case .failing(let problem) = self.usage?.condition {
            warnings.append("usage cannot be written: \(problem.message)")
        }
        if let dropped = self.usage?.dropped, dropped > 0 {
            warnings.append("\(dropped) usage rows were lost, since they could not be written")
        }
        warnings += self.auditor.warnings
        if self.lines.dropped > 0 { warnings.append("\(self.lines.dropped) log lines were lost") }
        return warnings
    }
}

extension ProviderCall {
    /// As the gate knows it.
    var backendPath: String {
        switch self {
        case .endpoint(let endpoint): endpoint.backendPath
        case .geminiGenerate: BackendPath.geminiGenerate.rawValue
        case .geminiStream: BackendPath.geminiStream.rawValue
        case .geminiEmbed: BackendPath.geminiEmbed.rawValue
        }
    }
}

extension RewritePlan.KeepAlive {
    /// What the manifest says, as Ollama's `keep_alive` says it (`ollama.md` 7).
    init(_ keepAlive: ManifestModel.KeepAlive) {
        switch keepAlive {
        case .asBackend: self = .backend
        case .forever: self = .seconds(-1)
        case .idle(let duration): self = .seconds(duration.wholeSecondsUp)
        }
    }
}
