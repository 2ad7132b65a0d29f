import Vocabulary

/// Why somebody gets neither seat nor place in a queue, and when asking again may help.
extension Dispatcher {
    /// A down backend is probed again within ten seconds (`health.md` E4); sooner there is nothing new to find.
    static let retryAfterDown = Duration.seconds(10)

    func reasonForNone(of order: Order) -> Reason {
        var isSomewhere = false
        for name in order.models {
            guard let model = self.models[name] else { continue }
            for index in model.places.indices
            where model.places[index].isOffered && self.isMeant(model.places[index], by: order) {
                isSomewhere = true
                guard self.isEligible(model.places[index], to: order, name) else { continue }
                if case .pauses = self.passage(of: index, model) { return .upstreamBusy }  // It works, but not now.
            }
        }
        return isSomewhere ? .backendsUnavailable : .modelUnavailable
    }

    /// True if nothing but a slot is missing at some place: no breaker stands before it, and nobody asked for a pause.
    func isFull(for order: Order, _ name: ModelName) -> Bool {
        guard let model = self.models[name] else { return false }
        return model.places.indices.contains { index in
            guard self.isEligible(model.places[index], to: order, name) else { return false }
            switch self.passage(of: index, model) {
            case .lets, .awaitsTrial: return true
            case .pauses, .isOpen: return false
            }
        }
    }

    func refusal(of order: Order, _ reason: Reason, at now: Instant) -> DispatchRefusal {
        let considered = order.models.flatMap { name in
            guard let model = self.models[name] else { return [DispatchRefusal.Considered]() }
            return model.places.indices.filter {
                model.places[$0].isOffered && self.isMeant(model.places[$0], by: order)
            }.map { index in
                DispatchRefusal.Considered(
                    backend: self.backends[model.places[index].backend].view.id, model: name,
                    finding: self.finding(index, model, order, name))
            }
        }
        return DispatchRefusal(
            reason: reason, retryAfter: self.retryAfter(of: order, reason, at: now), models: order.models,
            considered: considered, queueMax: self.limits.queuePerModel)
    }

    private func finding(
        _ place: Int, _ model: Model, _ order: Order, _ name: ModelName
    ) -> DispatchRefusal.Finding {
        let backend = self.backends[model.places[place].backend]
        if order.excludes(backend.view.id, name) { return .failedBefore }
        if case .unusable(let why) = backend.view.availability { return .unusable(why) }
        if backend.view.isDraining { return .draining }
        switch self.passage(of: place, model) {
        case .isOpen: return .open
        case .pauses: return .throttled
        case .lets, .awaitsTrial: return .full
        }
    }

    private func retryAfter(of order: Order, _ reason: Reason, at now: Instant) -> Duration {
        if reason == .queueFull { return self.retryAfter(for: order.models) }
        guard reason != .draining, let passes = self.firstPassage(for: order, at: now) else {
            return Self.retryAfterDown
        }
        return max(passes - now, .seconds(1))
    }

    /// When the first breaker before a place of the order lets somebody through, as a trial or not; `nil` where none
    /// stands before one.
    private func firstPassage(for order: Order, at now: Instant) -> Instant? {
        let isShutOut = self.isShutOut(order, at: now)
        var first: Instant?
        for name in order.models {
            guard let model = self.models[name] else { continue }
            for index in model.places.indices where self.isEligible(model.places[index], to: order, name) {
                var passes: Instant
                switch self.passage(of: index, model) {
                case .lets, .awaitsTrial: continue
                case .pauses(let until), .isOpen(let until): passes = until
                }
                if isShutOut, let early = self.earlyTrialAt(index, model) { passes = min(passes, early) }
                first = first.map { min($0, passes) } ?? passes
            }
        }
        return first
    }
}
