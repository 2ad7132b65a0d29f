import Vocabulary

// What answers and failures do to the round, the reach and the inventory.
extension BackendHealth {
    /// Takes an answer into the inventory and the round; the cause of a change it may bring.
    mutating func take(_ answer: ProbeAnswer, at now: Instant) -> String {
        switch answer {
        case .version(let version):
            if version != self.inventory.version { self.tagsAreDoubted = true }
            self.inventory.version = version
        case .status(let cloud):
            self.inventory.cloud = cloud
        case .tags(let models):
            self.takeTags(models, at: now)
            self.hasBeenListed = true
        case .ps(let loaded):
            self.inventory.loaded = loaded
        case .show(let name, let model):
            self.takeShown(model, of: name)
            return ""
        case .models(let models):
            self.inventory.take(models)
            self.hasBeenListed = true
        }
        return self.probeOfRoundEnded(answer.probe, at: now)
    }

    private mutating func takeTags(_ models: [InventoryModel], at now: Instant) {
        self.tagsDue = now + self.options.intervalTags.jittered(using: &self.generator)
        self.tagsAreDoubted = false
        let digests = Dictionary(models.map { ($0.name, $0.digest) }) { first, _ in first }
        self.shown = self.shown.filter { digests[$0.key] == $0.value.digest }
        self.inventory.models = models.map(self.withShown)
        self.toShow = models.filter { !$0.isRemote && self.shown[$0.name] == nil }.map(\.name)
    }

    private mutating func takeShown(_ model: ShownModel, of name: ModelName) {
        guard let index = self.inventory.models.firstIndex(where: { $0.name == name }) else { return }
        self.shown[name] = ShownDigest(digest: self.inventory.models[index].digest, model: model)
        self.inventory.models[index] = self.withShown(self.inventory.models[index])
    }

    /// `model` with what `/api/show` told of this digest. Either source may say that it is remote.
    private func withShown(_ model: InventoryModel) -> InventoryModel {
        guard let known = self.shown[model.name], known.digest == model.digest else { return model }
        var merged = model
        merged.capabilities.formUnion(known.model.capabilities)
        merged.contextMax = known.model.contextMax ?? model.contextMax
        merged.remoteHost = model.remoteHost ?? known.model.remoteHost
        merged.remoteModel = model.remoteModel ?? known.model.remoteModel
        return merged
    }

    private mutating func probeOfRoundEnded(_ probe: Probe, at now: Instant) -> String {
        guard case .running(let probes, let since) = self.round, probes.first == probe else {
            preconditionFailure("\(probe) was in flight outside of a round")
        }
        // From unknown, version and tags are enough: what is in memory only orders backends.
        if case .unknown = self.reach, probe == .tags || probe == .models { self.reach = .up(failures: 0) }
        var rest = Array(probes.dropFirst())
        if self.tagsAreDoubted, rest.last == .ps, !rest.contains(.tags) {  // Such as after a new version.
            rest.insert(.tags, at: rest.count - 1)
        }
        self.round = .running(rest, since: since)
        guard rest.isEmpty else { return "it answered" }
        let cause = self.roundSucceeded()
        self.endRound(at: now)
        return cause
    }

    private mutating func roundSucceeded() -> String {
        switch self.reach {
        case .unknown, .up:
            self.reach = .up(failures: 0)
            return "it answered"
        case .down(let successes, let reason, let detail):
            guard successes + 1 < self.options.riseMax else {
                self.reach = .up(failures: 0)
                return "\(counted(successes + 1, "probe round")) succeeded"
            }
            self.reach = .down(successes: successes + 1, reason, detail: detail)
            return ""
        }
    }

    /// Counts a failed round; the cause of the change it may bring.
    mutating func roundFailed(_ reason: Reason, detail: String) -> String {
        switch self.reach {
        case .unknown(let failures):
            self.reach = self.fallen(failures + 1, reason, detail) ?? .unknown(failures: failures + 1)
            return "\(counted(failures + 1, "probe round")) failed, the last at \(detail)"
        case .up(let failures):
            self.reach = self.fallen(failures + 1, reason, detail) ?? .up(failures: failures + 1)
            return "\(counted(failures + 1, "probe round")) failed, the last at \(detail)"
        case .down:
            self.reach = .down(successes: 0, reason, detail: detail)
            return "a probe failed: \(detail)"
        }
    }

    private func fallen(_ failures: Int, _ reason: Reason, _ detail: String) -> Reach? {
        failures < self.options.fallMax ? nil : .down(successes: 0, reason, detail: detail)
    }

    /// Where nothing listens any more, another process will answer next, perhaps with its cloud on: what the old one
    /// said of its cloud no longer counts.
    mutating func doubtProcess(_ reason: Reason) {
        if reason == .upstreamConnectFailed, self.options.round == .ollama { self.inventory.cloud = .unknown }
    }
}
