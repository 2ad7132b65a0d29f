import EventLoop
import Health
import Outbound
import Residency
import Routing
import Vocabulary

/// All backends, and who gets a seat at which. Feeds what probes and requests show into the pure machines, and carries
/// out what these say.
@LoopActor
final class Fleet {
    /// Something an operator should read, with the backend it is about.
    struct News: Sendable {
        var backend: BackendID
        var isWarning: Bool
        var message: String
    }

    /// Hears of seats, and of refusals after waiting.
    @LoopActor
    protocol Waiting: AnyObject {
        func seated(_ seat: Seat)
        func refused(_ refusal: DispatchRefusal)
    }

    let timers: any Timers
    let outbound: Outbound
    private var generator: SeededGenerator
    let onNews: @LoopActor (News) -> Void
    /// Called after each probe and each command: what readiness hangs on may have changed.
    private let onChange: @LoopActor () -> Void

    private(set) var gate: Gate
    private(set) var manifest: Manifest
    private(set) var policy: Policy
    /// Those of the intranet, in the order configured.
    private(set) var backends: [Backend] = []
    /// Those outside, in the order configured.
    private(set) var external: [ExternalBackend] = []
    private var byID: [BackendID: Backend] = [:]
    var dispatcher: Dispatcher
    var budget = RetryBudget()
    private var waiting: [RequestID: any Waiting] = [:]
    /// Changes of each backend's breakers since the start, those of its models included.
    var breakerChanges: [BackendID: [Breaker.Label: Int]] = [:]
    /// When the dispatcher is to be woken for its breakers.
    var breakerWake: (at: Instant, timer: TimerToken)?
    private var toldRisks: [BackendID: Set<Risk>] = [:]

    init(
        timers: any Timers, outbound: Outbound, configuration: GatehouseConfiguration, gate: Gate,
        generator: SeededGenerator, onNews: @escaping @LoopActor (News) -> Void,
        onChange: @escaping @LoopActor () -> Void
    ) {
        self.timers = timers
        self.outbound = outbound
        self.generator = generator
        self.onNews = onNews
        self.onChange = onChange
        self.gate = gate
        self.manifest = configuration.manifest
        self.policy = configuration.policy
        self.dispatcher = Dispatcher(
            limits: .init(queuePerModel: configuration.limits.queuePerModel),
            generator: SeededGenerator(seed: self.generator.next()))
        self.apply(configuration, gate: gate)
    }

    subscript(_ id: BackendID) -> Backend? { self.byID[id] }

    /// Takes on a new configuration. Backends that stay keep what is known of them. Of one that has moved nothing is known
    /// any more, but what an operator has to lift: quarantine and drain.
    func apply(_ configuration: GatehouseConfiguration, gate: Gate) {
        self.gate = gate
        self.manifest = configuration.manifest
        self.policy = configuration.policy
        self.dispatcher.limits.queuePerModel = configuration.limits.queuePerModel
        var options = configuration.health.probing
        options.requireCloudOff = configuration.requiresCloudOff
        let earlier = self.byID
        self.backends = configuration.backends.filter { $0.site.external == nil }.map { settings in
            options.round = settings.site.api == .ollama ? .ollama : .compatible
            guard let known = earlier[settings.site.id], known.settings.site == settings.site else {
                let known = earlier[settings.site.id]
                known?.stop()
                self.dispatcher.backendMoved(settings.site.id)
                return Backend(
                    settings, options: options, generator: SeededGenerator(seed: self.generator.next()),
                    replacing: known)
            }
            known.settings = settings
            self.perform(known.health.optionsChanged(options, at: self.timers.now), of: known)
            return known
        }
        self.byID = Dictionary(uniqueKeysWithValues: self.backends.map { ($0.id, $0) })
        for (id, gone) in earlier where self.byID[id] == nil {
            gone.stop()
            self.toldRisks[id] = nil
            self.breakerChanges[id] = nil
            self.deliver(self.dispatcher.remove(id, at: self.timers.now))
        }
        self.outbound.closeConnections(before: gate.generation)
        self.applyExternal(configuration)
        for backend in self.backends {
            self.judgeAnew(backend)
            self.publish(backend)
            self.locate(backend)
        }
    }

    /// Takes on the backends outside. What their breakers know stays, where the site does. The name of one that no rule
    /// allows to anybody is not even resolved (L27 of `residency.md` A6).
    private func applyExternal(_ configuration: GatehouseConfiguration) {
        let earlier = self.external
        self.external = configuration.backends.compactMap(ExternalBackend.init)
        for gone in earlier {
            gone.resolution?.cancel()
            guard let next = self.external.first(where: { $0.id == gone.id }) else {
                if self.byID[gone.id] == nil { self.deliver(self.dispatcher.remove(gone.id, at: self.timers.now)) }
                continue
            }
            if next.site != gone.site { self.dispatcher.backendMoved(gone.id) }
            next.addresses = gone.addresses
            self.judgeAnew(next)
        }
        for backend in self.external {
            guard self.policy.mayAsk(backend.id) else {
                backend.addresses = .failure(
                    Refusal(.noMatchingAllow, "no rule of the policy allows backend `\(backend.id)` to anybody"))
                self.publish(backend)
                continue
            }
            self.publish(backend)
            self.locate(backend)
        }
    }

    /// The backend outside of this name.
    func external(_ id: BackendID) -> ExternalBackend? { self.external.first { $0.id == id } }

    /// True unless a reload has taken it away, or put another in its place.
    func isConfigured(_ backend: any Addressed) -> Bool {
        self.byID[backend.id] === backend || self.external.contains { $0 === backend }
    }

    /// True once every backend has been asked once, well or not.
    var hasBeenProbed: Bool { self.backends.allSatisfy(\.health.hasBeenProbed) }

    // MARK: Seats

    /// Asks for a seat. A request that is queued hears later, unless it leaves.
    func enter(_ order: Dispatcher.Order, for request: any Waiting) -> Dispatcher.Entry {
        let entry = self.dispatcher.enter(order, at: self.timers.now)
        if case .queued = entry { self.waiting[order.request] = request }
        self.scheduleBreakers()
        return entry
    }

    /// Leaves the queue, or the seat that was given and not heard of.
    func abandon(_ request: RequestID) {
        self.waiting[request] = nil
        self.deliver(self.dispatcher.abandon(request, at: self.timers.now))
    }

    /// Gives a seat back, and tells the health of the backend that was `asked` what happened there; none if nothing
    /// was sent. One that has moved meanwhile has a successor under its name, which it says nothing of.
    func leave(_ seat: Seat, _ outcome: SeatOutcome, asked backend: Backend?) {
        let now = self.timers.now
        self.deliver(self.dispatcher.leave(seat, outcome, at: now))
        guard let backend, self.byID[seat.backend] === backend else { return }
        switch outcome {
        case .success, .slow: self.perform(backend.health.trafficSucceeded(at: now), of: backend)
        case .failure(let reason): self.perform(backend.health.trafficFailed(reason, at: now), of: backend)
        case .modelMissing: self.perform(backend.health.refreshInventory(at: now), of: backend)
        case .busy, .neutral: break
        }
    }

    /// New requests are refused from now on.
    func close() {
        self.dispatcher.close()
    }

    func deliver(_ notices: [Dispatcher.Notice]) {
        for notice in notices {
            switch notice {
            case .seated(let seat): self.waiting.removeValue(forKey: seat.request)?.seated(seat)
            case .refused(let request, let refusal): self.waiting.removeValue(forKey: request)?.refused(refusal)
            case .breakerChanged(let change): self.tell(change)
            case .oftenBusy(let backend, let model): self.tellBusy(backend, model)
            case .slotsLost(let backend, let model): self.slotsWereLost(by: backend, model)
            }
        }
        self.scheduleBreakers()
    }

    // MARK: Operators

    /// Sends a backend nothing new, or something again.
    func drain(_ backend: Backend, _ isDrained: Bool) {
        backend.isDrained = isDrained
        self.publish(backend)
        self.onChange()
    }

    /// An answer came from outside: the backend gets nothing any more.
    func quarantine(_ id: BackendID, _ detail: String) {
        guard let backend = self.byID[id] else { return }
        self.perform(backend.health.remoteModelSeen(detail, at: self.timers.now), of: backend)
    }

    /// Lets a quarantined backend back.
    func release(_ backend: Backend) {
        self.perform(backend.health.releaseQuarantine(at: self.timers.now), of: backend)
    }

    // MARK: Health

    private func perform(_ actions: [BackendHealth.Action], of backend: Backend) {
        for action in actions {
            switch action {
            case .probe(let probe, let timeout):
                _ = startTask { [weak self] in await self?.ask(probe, of: backend, timeout: timeout) }
            case .wake(let instant):
                backend.wake?.cancel()
                backend.wake = self.timers.schedule(after: instant - self.timers.now) { [weak self] in
                    guard let self else { return }
                    self.perform(backend.health.due(at: self.timers.now), of: backend)
                }
            case .changed(let change):
                self.onNews(
                    News(
                        backend: backend.id, isWarning: !change.to.isUsable,
                        message: "\(change.from.label) -> \(change.to.sentence): \(change.cause)"))
                self.publish(backend)
            case .inventoryChanged:
                self.publish(backend)
                self.tellRisks(of: backend)
            }
        }
    }

    private func ask(_ probe: Probe, of backend: Backend, timeout: Duration) async {
        let inventory = backend.health.inventory
        let outcome = await self.outbound.ask(
            probe, of: backend.id, at: backend.addresses, through: self.gate, purpose: .probe, timeout: timeout,
            namesLocally: inventory.needsLocalSuffix, now: self.timers.now)
        guard self.byID[backend.id] === backend else { return }
        let now = self.timers.now
        switch outcome {
        case .success(let found):
            backend.keep(found.body, of: probe, at: now)
            self.perform(backend.health.probeSucceeded(found.answer, at: now), of: backend)
        case .failure(let failure):
            self.perform(
                backend.health.probeFailed(probe, failure.reason, detail: failure.detail, at: now), of: backend)
        }
        self.onChange()
    }

    func publish(_ backend: any Addressed) {
        self.deliver(self.dispatcher.update(backend.view(manifest: self.manifest), at: self.timers.now))
    }

    /// The first probe waits for the first address.
    func wasLocated(_ backend: any Addressed) {
        guard let backend = backend as? Backend, backend.wake == nil else { return }
        self.perform(backend.health.due(at: self.timers.now), of: backend)
    }

    /// Each risk is told once, and again only after it was gone.
    private func tellRisks(of backend: Backend) {
        guard backend.health.hasBeenProbed else { return }  // Half an inventory looks riskier than it is.
        let risks = backend.risks(self.manifest)
        let told = self.toldRisks[backend.id] ?? []
        for risk in risks where !told.contains(risk) {
            self.onNews(News(backend: backend.id, isWarning: risk.severity > .notice, message: risk.message))
        }
        self.toldRisks[backend.id] = Set(risks)
    }
}
