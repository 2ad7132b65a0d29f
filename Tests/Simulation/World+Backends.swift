import Health
import Residency
import Routing
import Vocabulary

/// The shell's part for backends: probes, names, views.
extension World {
    mutating func health(
        _ index: Int, _ what: String, _ tell: (inout BackendHealth, Instant) -> [BackendHealth.Action]
    ) {
        let actions = tell(&self.nodes[index].health, self.now)
        var isNews = false
        for action in actions {
            switch action {
            case .probe(let probe, let timeout): self.probe(index, probe, timeout)
            case .wake(let time):
                self.nodes[index].wakeNumber += 1
                self.queue.schedule(.wake(index, number: self.nodes[index].wakeNumber), at: max(time, self.now))
            case .changed(let change):
                self.note("gpu\(index) is \(change.to.sentence) (\(what))")
                isNews = true
            case .inventoryChanged: isNews = true
            }
        }
        if isNews { self.updateView(index) }
    }

    mutating func wake(_ index: Int, _ number: Int) {
        if number == self.nodes[index].wakeNumber { self.health(index, "wake") { $0.due(at: $1) } }
    }

    private mutating func probe(_ index: Int, _ probe: Probe, _ timeout: Duration) {
        do throws(Refusal) {
            let request: OutboundRequest =
                switch probe {
                case .version: .get(.version)
                case .status: .get(.status)
                case .tags: .get(.tags)
                case .ps: .get(.ps)
                case .models: .get(.openAIModels)
                case .show(let name): .post(.show, body: [], model: name.rawValue)
                }
            try self.depart(request, index, .probe)
        } catch {
            self.queue.schedule(.probe(index, probe, answer: nil), at: self.now)
            return
        }
        let server = self.nodes[index].server
        let hangs = !server.isUp && self.dice.chance(30)
        self.queue.schedule(
            .probe(index, probe, answer: server.isUp ? server.answer(probe, at: self.now) : nil),
            at: self.now + (hangs ? timeout : self.dice.moment))
    }

    mutating func probeEnded(_ index: Int, _ probe: Probe, _ answer: ProbeAnswer?) {
        self.health(index, probe.label) { health, now in
            if let answer { return health.probeSucceeded(answer, at: now) }
            return health.probeFailed(probe, .upstreamConnectFailed, detail: "connection refused", at: now)
        }
    }

    mutating func tellHealth(_ backend: BackendID, _ outcome: SeatOutcome) {
        guard let index = self.nodes.firstIndex(where: { $0.health.id == backend }) else { return }
        switch outcome {
        case .success, .slow: self.health(index, "answered") { $0.trafficSucceeded(at: $1) }
        case .failure(let reason): self.health(index, "failed") { $0.trafficFailed(reason, at: $1) }
        case .modelMissing: self.health(index, "model missing") { $0.refreshInventory(at: $1) }
        case .busy, .neutral: break
        }
    }

    /// The dispatcher has learned that a backend does not have what it showed.
    mutating func modelIsMissing(_ seat: Seat) {
        self.breakers.phases[BreakerWatch.Key(backend: seat.backend, model: seat.model)] = nil
        guard let index = self.nodes.firstIndex(where: { $0.health.id == seat.backend }) else { return }
        self.nodes[index].view?.models?.removeAll { $0.name == seat.model }
    }

    mutating func quarantine(_ backend: BackendID) {
        guard let index = self.nodes.firstIndex(where: { $0.health.id == backend }) else { return }
        self.nodes[index].isQuarantined = true
        if self.sabotage == .ignoresQuarantine { return }
        self.health(index, "answered from outside") { $0.remoteModelSeen("remote_host", at: $1) }
        self.queue.schedule(.release(index), at: self.now + .seconds(10))
    }

    private mutating func updateView(_ index: Int) {
        let node = self.nodes[index]
        let isSeen = node.health.usability != .unknown || !node.health.inventory.models.isEmpty
        let models = node.health.inventory.models.map { InstalledModel(name: $0.name, digest: $0.digest) }
        let slots = node.server.slots + (self.sabotage == .raisesSlots ? 1 : 0)
        let loaded = Set(node.health.inventory.loaded.map(\.name))
        self.nodes[index].loadedSince = Dictionary(
            uniqueKeysWithValues: loaded.map { ($0, node.loadedSince[$0] ?? self.now) })
        let view = BackendView(
            id: node.health.id, availability: node.health.usability.isUsable ? .usable : .unusable("down"),
            models: isSeen ? self.manifest.offer(models, of: node.health.id) : nil,
            loaded: loaded, slots: SlotPolicy(perModel: slots),
            isDraining: node.isDraining, breaker: self.plan.breaker)
        self.nodes[index].view = view
        self.forgetBreakers(of: view.id, exceptFor: (view.models ?? []).filter { $0.withheld == nil }.map(\.name))
        self.deliver(self.dispatcher.update(view, at: self.now))
    }

    // MARK: Fate

    mutating func flip(_ index: Int) {
        self.nodes[index].server.isUp.toggle()
        let isUp = self.nodes[index].server.isUp
        self.note("gpu\(index) goes \(isUp ? "up" : "down")")
        if isUp { return }
        self.nodes[index].server.loaded = [:]
        self.cutTransfers(to: self.nodes[index].health.id)
    }

    mutating func cutTransfers(to backend: BackendID) {
        for number in self.transfers.indices where self.transfers[number].isRunning {
            guard self.transfers[number].seat.backend == backend else { continue }
            self.transferBrought(.end(.failed(.upstreamTruncated, detail: "connection reset")), number)
        }
    }

    mutating func drain(_ index: Int) {
        self.nodes[index].isDraining.toggle()
        self.note("gpu\(index) is \(self.nodes[index].isDraining ? "drained" : "let back")")
        self.updateView(index)
    }

    mutating func inventoryChanges(_ index: Int) {
        let all = self.nodes[index].server.allModels
        self.nodes[index].server.models =
            self.nodes[index].server.models.count == all.count ? Array(all.dropFirst()) : all
        self.note("gpu\(index) has now \(self.nodes[index].server.models)")
    }

    /// Takes what the name resolves to now to the gate. A resolver that is silent does not undo what was judged.
    mutating func resolve(_ index: Int) {
        let kind = self.plan.backends[index].addresses.last { $0.0 <= self.now }?.1 ?? .inside
        self.nodes[index].addresses = kind
        do throws(Refusal) {
            self.nodes[index].checked = try self.gate.judge(
                Self.resolved(kind, index), of: self.nodes[index].health.id, at: self.now)
        } catch {
            if error.reason != .dnsNoAnswer { self.nodes[index].checked = nil }
            self.note("gpu\(index): \(error)")
        }
    }

    static func resolved(_ kind: WorldPlan.AddressKind, _ index: Int) -> [IPAddress] {
        let inside = IPAddress(octets: [10, 20, 0, UInt8(index + 1)])
        let outside = IPAddress(octets: [93, 184, 216, 34])
        return switch kind {
        case .inside: [inside]
        case .outside: [outside]
        case .mixed: [inside, outside]
        case .none: []
        }
    }

    mutating func release(_ index: Int) {
        self.nodes[index].isQuarantined = false
        self.health(index, "let back by an operator") { $0.releaseQuarantine(at: $1) }
    }

    mutating func stop() {
        self.note("this node is told to stop")
        self.dispatcher.close()
    }
}
