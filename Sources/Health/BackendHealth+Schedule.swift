import Vocabulary

// When the next probe goes out, and what is announced.
extension BackendHealth {
    /// Announces what changed, sends what is due, says when to come back.
    mutating func advance(at now: Instant, cause: String) -> [Action] {
        var actions: [Action] = []
        let verdict = self.verdict(at: now)
        if verdict.isNews(after: self.usability) {
            actions.append(.changed(UsabilityChange(from: self.usability, to: verdict, cause: cause)))
        }
        self.usability = verdict
        if self.inFlight == nil, let probe = self.nextProbe(at: now) {
            self.inFlight = probe
            actions.append(.probe(probe, timeout: probe.timeout))
        }
        if let wake = self.nextWake(at: now) { actions.append(.wake(at: wake)) }
        return actions
    }

    /// The judgement of this moment, strongest first.
    func verdict(at now: Instant) -> Usability {
        if let quarantine { return .quarantined(detail: quarantine) }
        switch self.reach {
        case .unknown: return .unknown
        case .down(_, let reason, let detail): return .unusable(reason, detail: detail)
        case .up where self.freshUntil.map({ $0 <= now }) ?? true: return .unknown
        case .up: return self.cloudVerdict
        }
    }

    private var cloudVerdict: Usability {
        guard self.options.requireCloudOff else { return .usable }
        switch self.inventory.cloud {
        case .off, .absent: return .usable
        case .on: return .unusable(.cloudNotOff, detail: "/api/status says that its cloud is on")
        case .unknown: return .unusable(.cloudNotOff, detail: "/api/status does not say that its cloud is off")
        }
    }

    /// The moment from which nothing fresh is known.
    private var freshUntil: Instant? {
        let latest = [self.answeredAt, self.trafficSucceededAt].compactMap(\.self).max()
        return latest.map { $0 + self.options.freshness }
    }

    private mutating func nextProbe(at now: Instant) -> Probe? {
        switch self.round {
        case .running(let probes, _):
            return probes.first
        case .waiting(let until) where until <= now:
            let probes = self.probesOfRound(at: now)
            self.round = .running(probes, since: now)
            self.roundStartedAt = now
            return probes.first
        case .waiting:
            guard case .up = self.reach, !self.toShow.isEmpty else { return nil }
            return .show(self.toShow.removeFirst())
        }
    }

    private mutating func probesOfRound(at now: Instant) -> [Probe] {
        switch self.options.round {
        case .ollama: break
        case .compatible:
            self.tagsAreDoubted = false  // Every round lists them.
            return [.models]
        }
        let tags = self.tagsAreDoubted || self.tagsDue <= now
        return tags ? [.version, .status, .tags, .ps] : [.version, .status, .ps]
    }

    private func nextWake(at now: Instant) -> Instant? {
        let stale = self.usability.isUsable ? self.freshUntil : nil
        guard self.inFlight == nil, case .waiting(let until) = self.round else { return stale }
        return min(until, stale ?? until)
    }

    /// Plans the next round, counted from the beginning of this one.
    mutating func endRound(at now: Instant) {
        guard case .running(_, let since) = self.round else { preconditionFailure("no round to end") }
        self.hasBeenProbed = true
        self.round = .waiting(until: max(now, since + self.intervalNow.jittered(using: &self.generator)))
    }

    private var intervalNow: Duration {
        switch self.reach {
        case .up(failures: 0) where !self.tagsAreDoubted: self.options.interval
        case .down(successes: 0, _, _): self.options.intervalDown
        case .unknown, .up, .down: self.options.intervalChanging
        }
    }

    /// Brings the next round forward, but leaves the changing interval between the beginnings of two: hints come with
    /// every failing request.
    mutating func hasten(at now: Instant) {
        guard case .waiting(let until) = self.round else { return }
        let earliest = self.roundStartedAt.map { max(now, $0 + self.options.intervalChanging) } ?? now
        self.round = .waiting(until: min(until, earliest))
    }
}

/// `1 probe round`, `3 probe rounds in a row`.
func counted(_ count: Int, _ thing: String) -> String {
    count == 1 ? "1 \(thing)" : "\(count) \(thing)s in a row"
}

extension Duration {
    /// Whole seconds as `15 s`, else milliseconds as `1,500 ms` is written: `1500 ms`.
    var inWords: String {
        self.milliseconds % 1000 == 0 ? "\(self.milliseconds / 1000) s" : "\(self.milliseconds) ms"
    }
}
