import Health
import Vocabulary

/// A breaker that has changed its state.
public struct BreakerChange: Equatable, Sendable {
    /// The backend that it guards.
    public let backend: BackendID
    /// The model there, if it guards only one.
    public let model: ModelName?
    /// What changed, and why.
    public let change: Breaker.Change
}

/// Breakers: whom they let pass, what they are told, and what is done when they keep everybody away.
extension Dispatcher {
    /// What the two breakers of a place mean together for a request that asks now.
    enum Passage {
        /// It may go, or could if a slot were free.
        case lets
        /// A trial is out; when it ends more is known.
        case awaitsTrial
        /// Both would let it go by then, unless something else happens.
        case pauses(until: Instant)
        /// The same, where at least one of them is open.
        case isOpen(until: Instant)
    }

    func passage(of place: Int, _ model: Model) -> Passage {
        let own = model.places[place].breaker.standing
        let shared = self.backends[model.places[place].backend].breaker.standing
        var (isOpen, awaitsTrial, until) = (false, false, Instant.zero)
        for standing in [own, shared] {
            switch standing {
            case .passes, .offersTrial: break
            case .awaitsTrial: awaitsTrial = true
            case .throttled(let end): until = max(until, end)
            case .open(let end): (isOpen, until) = (true, max(until, end))
            }
        }
        if isOpen { return .isOpen(until: until) }
        if until > .zero { return .pauses(until: until) }
        return awaitsTrial ? .awaitsTrial : .lets
    }

    /// On the way of every request, so no more than it takes.
    func letsPass(_ place: Place) -> Bool {
        place.breaker.letsPass && self.backends[place.backend].breaker.letsPass
    }

    /// True if whoever waits for this place may be served before long. One that is open is like one that is down; a
    /// long pause too, while a short one is a wait like others.
    func isWorthWaiting(_ place: Int, _ model: Model, at now: Instant) -> Bool {
        switch self.passage(of: place, model) {
        case .lets, .awaitsTrial: true
        case .pauses(let until): until - now <= Self.pauseWaited
        case .isOpen: false
        }
    }

    /// A pause up to this is waited for in the queue; a longer one is told to the client.
    static let pauseWaited = Duration.seconds(30)

    // MARK: The last resort

    /// A place for an early trial where nobody at all can serve the order (`health.md` E2, "last-backend rule"): else
    /// every request would be refused for the whole time for which the last breaker is open.
    func lastResort(for order: Order, at now: Instant) -> (model: ModelName, place: Int)? {
        guard self.isShutOut(order, at: now) else { return nil }
        for name in order.models {
            guard let model = self.models[name] else { continue }
            for index in model.places.indices {
                let place = model.places[index]
                guard place.inFlight < place.openSlots, self.isEligible(place, to: order, name) else { continue }
                if let at = self.earlyTrialAt(index, model), at <= now { return (name, index) }
            }
        }
        return nil
    }

    /// True if breakers stand before every place that works, also before those where this request has failed: whom
    /// another could still serve is no reason to try what is open.
    func isShutOut(_ order: Order, at now: Instant) -> Bool {
        order.models.allSatisfy { name in
            guard let model = self.models[name] else { return true }
            return !model.places.indices.contains { index in
                let place = model.places[index]
                return place.isOffered && self.backends[place.backend].takesWork && self.isMeant(place, by: order)
                    && self.isWorthWaiting(index, model, at: now)
            }
        }
    }

    /// When both breakers of an open place would take an early trial; `nil` if one of them does not.
    func earlyTrialAt(_ place: Int, _ model: Model) -> Instant? {
        let both = [model.places[place].breaker, self.backends[model.places[place].backend].breaker]
        var latest = Instant.zero
        for breaker in both where !breaker.letsPass {
            guard let at = breaker.earlyTrialAt else { return nil }
            latest = max(latest, at)
        }
        return latest
    }

    // MARK: Outcomes

    /// Tells both breakers what became of a seat.
    mutating func tellBreakers(
        _ taken: Taken, _ outcome: SeatOutcome, _ backend: Int, _ model: Dictionary<ModelName, Model>.Index,
        _ place: Int, at now: Instant
    ) -> [Notice] {
        let evidence = outcome.evidence
        let backendMayGo = !evidence.backend.isAgainst || self.mayLose(backend: backend)
        let placeMayGo =
            !evidence.place.isAgainst
            || self.mayLoseOne(of: self.models.values[model], isExternal: taken.seat.isExternal)
        let shared = self.backends[backend].breaker.ended(
            taken.backendPass, evidence.backend, mayOpenByRatio: backendMayGo, at: now, using: &self.generator)
        let own = self.models.values[model].places[place].breaker.ended(
            taken.placePass, evidence.place, mayOpenByRatio: placeMayGo, at: now, using: &self.generator)
        let often = self.adjustLimit(outcome, shared, own, taken.seat, backend, model, place, at: now)
        if shared == nil && own == nil { return [] }
        return often + self.notices(shared, of: taken.seat.backend, nil)
            + self.notices(own, of: taken.seat.backend, taken.seat.model)
    }

    /// What an outcome, and a change that it has brought, mean for how many may go there.
    private mutating func adjustLimit(
        _ outcome: SeatOutcome, _ shared: Breaker.Change?, _ own: Breaker.Change?, _ seat: Seat, _ backend: Int,
        _ model: Dictionary<ModelName, Model>.Index, _ place: Int, at now: Instant
    ) -> [Notice] {
        if shared?.isRecovery ?? false {
            for name in Array(self.models.keys) {
                self.withPlace(of: backend, name) { $0.recovered() }
            }
        }
        if own?.isRecovery ?? false {
            self.models.values[model].places[place].recovered()
        } else if own?.to == .throttled {
            let isOften = self.models.values[model].places[place].paused(at: now)
            return isOften ? [.oftenBusy(seat.backend, seat.model)] : []
        } else if outcome == .success || outcome == .slow {
            self.models.values[model].places[place].answered()
        }
        return []
    }

    private func notices(_ change: Breaker.Change?, of backend: BackendID, _ model: ModelName?) -> [Notice] {
        change.map { [.breakerChanged(BreakerChange(backend: backend, model: model, change: $0))] } ?? []
    }

    /// At most half of the backends that work for a model are kept away by ratios at once (`health.md` E2, "max
    /// ejection"): where all are equally bad, the fault is not theirs, and fewer of them would only do worse. What
    /// fails in a row is gone in any case.
    ///
    /// Backends here and outside do not stand in for each other, also where they call a model alike.
    private func mayLoseOne(of model: Model, isExternal: Bool) -> Bool {
        var (works, away) = (0, 0)
        for place in model.places
        where place.isOffered && self.backends[place.backend].takesWork
            && self.backends[place.backend].view.isExternal == isExternal
        {
            works += 1
            if place.breaker.isOpenByRatio || self.backends[place.backend].breaker.isOpenByRatio { away += 1 }
        }
        return (away + 1) * 2 <= works
    }

    private func mayLose(backend: Int) -> Bool {
        let isExternal = self.backends[backend].view.isExternal
        return self.models.values.allSatisfy { model in
            !model.places.contains { $0.backend == backend && $0.isOffered }
                || self.mayLoseOne(of: model, isExternal: isExternal)
        }
    }

    // MARK: Time

    /// The time of `wakeAt` has come. Those who wait may follow a breaker that takes a trial now.
    public mutating func due(at now: Instant) -> [Notice] {
        var notices: [Notice] = []
        for index in self.backends.indices {
            let change = self.backends[index].breaker.due(at: now)
            notices += self.notices(change, of: self.backends[index].view.id, nil)
        }
        for name in self.models.keys.sorted() {
            for index in self.models[name]!.places.indices {
                let change = self.models[name]!.places[index].breaker.due(at: now)
                let backend = self.backends[self.models[name]!.places[index].backend].view.id
                notices += self.notices(change, of: backend, name)
            }
        }
        self.reviewWake()
        return notices + self.settle(at: now)
    }

    mutating func reviewWake() {
        var earliest: Instant?
        func consider(_ breaker: Breaker) {
            guard let at = breaker.wakeAt else { return }
            earliest = earliest.map { min($0, at) } ?? at
        }
        for backend in self.backends { consider(backend.breaker) }
        for model in self.models.values { for place in model.places { consider(place.breaker) } }
        self.wakeAt = earliest
    }

    /// A backend of this name stands elsewhere now: what its breakers know does not hold for it.
    public mutating func backendMoved(_ backend: BackendID) {
        guard let index = self.indexOf[backend] else { return }
        self.renewBreakers(of: index)
        self.reviewWake()
    }

    /// An operator holds a breaker open or closed, or lets it go (`nil`): that of the backend, or of one model there.
    /// `nil` is returned where there is no such breaker.
    public mutating func hold(
        _ backend: BackendID, _ model: ModelName?, open: Bool?, until: Instant, at now: Instant
    ) -> [Notice]? {
        guard let index = self.indexOf[backend], !self.backends[index].isRemoved else { return nil }
        func held(_ breaker: inout Breaker) -> Breaker.Change? {
            open.map { breaker.hold(open: $0, until: until) } ?? breaker.release()
        }
        var change: Breaker.Change?
        if let model {
            var isThere = false
            self.withPlace(of: index, model) {
                isThere = true
                change = held(&$0.breaker)
            }
            if !isThere { return nil }
        } else {
            change = held(&self.backends[index].breaker)
        }
        self.reviewWake()
        return self.notices(change, of: backend, model) + self.settle(at: now)
    }

    mutating func renewBreakers(of backend: Int) {
        self.backends[backend].breaker.renew()
        for name in Array(self.models.keys) {
            self.withPlace(of: backend, name) { place in
                place.breaker.renew()
                place.silence = SilentRow()
            }
        }
    }
}
