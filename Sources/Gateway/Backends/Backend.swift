import Dialects
import EventLoop
import Health
import Residency
import Routing
import Vocabulary

/// What the shell keeps of one backend: its settings, its health machine, its addresses and what it showed of its
/// models.
@LoopActor
final class Backend: Addressed {
    let id: BackendID
    var settings: GatehouseConfiguration.BackendSettings
    var health: BackendHealth
    var addresses: Result<CheckedAddresses, Refusal>
    /// An operator has it drained.
    var isDrained = false
    /// The answers of `/api/show`, by canonical name: what `POST /api/show` is answered from.
    private(set) var shown: [ModelName: [UInt8]] = [:]
    /// The server's own objects of `/api/tags` and `/api/ps`, for the lists that clients get.
    private(set) var listed: [ModelName: [UInt8]] = [:]
    private(set) var running: [ModelName: [UInt8]] = [:]
    /// The next wake of the health machine.
    var wake: TimerToken?
    var resolution: TimerToken?
    /// Since when each model has been seen in its memory.
    private(set) var loadedSince: [ModelName: Instant] = [:]

    init(
        _ settings: GatehouseConfiguration.BackendSettings, options: BackendHealth.Options,
        generator: SeededGenerator, replacing earlier: Backend? = nil
    ) {
        self.id = settings.site.id
        self.settings = settings
        self.health = BackendHealth(
            settings.site.id, options: options, generator: generator, quarantine: earlier?.health.quarantine)
        self.isDrained = earlier?.isDrained ?? false
        self.addresses = .failure(Refusal(.dnsNoAnswer, "the name has not been resolved yet"))
    }

    /// Forgets the timers; a removed backend asks nothing any more.
    func stop() {
        self.wake?.cancel()
        self.resolution?.cancel()
    }

    /// Keeps the bytes of an answer that is passed on to clients.
    func keep(_ body: [UInt8], of probe: Probe, at now: Instant) {
        switch probe {
        case .version, .status: break
        case .tags:
            let models = (try? OllamaAnswers.tags(body)) ?? []
            self.listed = Self.shown(models.map { (ModelName(canonical: $0.name), $0.json) })
            self.shown = self.shown.filter { self.listed[$0.key] != nil }
        case .ps:
            let models = (try? OllamaAnswers.ps(body)) ?? []
            self.running = Self.shown(models.map { (ModelName(canonical: $0.name), $0.json) })
            self.nowLoaded(at: now)
        case .show(let name):
            self.shown[name] = HostPaths.removed(from: body, of: name)
        case .models:
            let models = (try? CompatibleAnswers.models(body)) ?? []
            self.listed = Dictionary(models.map(Self.listed)) { first, _ in first }
            self.running = Dictionary(models.map(Self.running)) { first, _ in first }
            self.nowLoaded(at: now)
        }
    }

    private func nowLoaded(at now: Instant) {
        var loaded: [ModelName: Instant] = [:]
        for name in self.running.keys { loaded[name] = self.loadedSince[name] ?? now }
        self.loadedSince = loaded
    }

    /// What `/api/tags` tells of a model whose server has no such list.
    private static func listed(_ model: CompatibleModel) -> (ModelName, [UInt8]) {
        let name = ModelName(canonical: model.id)
        let time = WallTime(microseconds: Int64(model.created) * 1_000_000)
        return (name, OwnAnswers.ollamaModel(name: name.rawValue, modifiedAt: time))
    }

    /// What `/api/ps` tells of it.
    private static func running(_ model: CompatibleModel) -> (ModelName, [UInt8]) {
        let name = ModelName(canonical: model.id)
        return (name, OwnAnswers.ollamaRunningModel(name: name.rawValue, context: model.context))
    }

    /// The objects as clients get them, the first of each name.
    private static func shown(_ models: [(ModelName, [UInt8])]) -> [ModelName: [UInt8]] {
        let models = models.compactMap { name, json in
            HostPaths.removed(from: json, of: name).map { (name, $0) }
        }
        return Dictionary(models) { first, _ in first }
    }

    /// What a person should know of it, the worst first.
    func risks(_ manifest: Manifest) -> [Risk] {
        self.health.inventory.risks(
            of: self.id,
            expecting: BackendExpectation(
                contexts: manifest.models.compactMapValues(\.context), slotsAssumed: self.settings.slots == nil))
    }

    var site: BackendSite { self.settings.site }

    func view(manifest: Manifest) -> BackendView {
        let inventory = self.health.inventory
        let models = inventory.models.map { model in
            Routing.InstalledModel(
                name: model.name, digest: model.digest.isEmpty ? nil : model.digest,
                capabilities: model.capabilities.isEmpty
                    ? nil : Set(model.capabilities.compactMap(ModelCapability.init)),
                context: inventory.loadedModel(model.name)?.context ?? model.contextMax,
                withheld: Self.obstacle(to: model))
        }
        return BackendView(
            id: self.id, availability: self.availability,
            models: self.health.hasBeenListed ? manifest.offer(models, of: self.id) : nil,
            loaded: Set(inventory.loaded.map(\.name)), slots: self.slots(manifest), isDraining: self.isDrained,
            breaker: self.settings.breaker)
    }

    /// A model that is answered from elsewhere is installed, and never served.
    private static func obstacle(to model: InventoryModel) -> String? {
        do throws(Refusal) {
            try ModelGuard.check(
                inventory: model.name.rawValue, remoteHost: model.remoteHost, remoteModel: model.remoteModel)
            return nil
        } catch {
            return error.message
        }
    }

    private var availability: BackendView.Availability {
        switch (self.health.usability, self.addresses) {
        case (.usable, .success): .usable
        case (.usable, .failure(let refusal)): .unusable(refusal.description)
        case (let other, _): .unusable(other.sentence)
        }
    }

    private func slots(_ manifest: Manifest) -> SlotPolicy {
        let byModel = manifest.models.compactMapValues(\.slots)
        guard let slots = self.settings.slots else { return .assumed(except: byModel) }
        return SlotPolicy(perModel: slots, byModel: byModel)
    }
}
