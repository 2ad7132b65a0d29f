import Health
import Vocabulary

/// What there is: places, as the views show them, and the choice among them.
extension Dispatcher {
    /// Brings the places of one backend in line with its view. A place with requests in flight outlives its model or
    /// backend until they have left.
    mutating func placesChanged(of backend: Int) {
        let (view, isRemoved) = (self.backends[backend].view, self.backends[backend].isRemoved)
        let offered = isRemoved ? [] : (view.models ?? []).filter { $0.withheld == nil }.map(\.name)
        for name in Array(self.models.keys) where !offered.contains(name) {
            self.withPlace(of: backend, name) { place in
                place.isOffered = false
                place.breaker.renew()  // What is listed under this name next is another model.
                place.silence = SilentRow()
            }
        }
        for name in offered {
            var model = self.models[name] ?? Model()
            let index = model.places.firstIndex { $0.backend >= backend } ?? model.places.count
            if index == model.places.count || model.places[index].backend != backend {
                let new = Place(backend: backend, breaker: Breaker(options: view.breaker))
                model.places.insert(new, at: index)  // In the order of configuration.
            }
            model.places[index].isOffered = true
            model.places[index].breaker.options = view.breaker
            model.places[index].slots = view.slots.slots(of: name)
            model.places[index].isLoaded = view.loaded.contains(name)
            // Unloading the model gives its slots back (`ollama.md` 1.12).
            if !model.places[index].isLoaded { model.places[index].silence = SilentRow() }
            self.models[name] = model
        }
        for name in Array(self.models.keys) { self.forgetIfDone(name) }
        self.catalogue = Catalogue(self.backends.lazy.filter { !$0.isRemoved && !$0.view.isExternal }.map(\.view))
    }

    /// A backend answered that it does not have a model that its inventory showed: until a new inventory comes, it
    /// counts as gone there.
    mutating func modelIsMissing(_ seat: Seat) {
        guard let backend = self.indexOf[seat.backend] else { return }
        self.backends[backend].view.models?.removeAll { $0.name == seat.model }
        self.placesChanged(of: backend)
    }

    private mutating func forgetIfDone(_ name: ModelName) {
        self.models[name]?.places.removeAll { !$0.isOffered && $0.inFlight == 0 }
        if let model = self.models[name], model.places.isEmpty, model.queue.isEmpty { self.models[name] = nil }
    }

    mutating func withPlace(of backend: Int, _ name: ModelName, _ change: (inout Place) -> Void) {
        guard let index = self.models[name]?.places.firstIndex(where: { $0.backend == backend }) else { return }
        change(&self.models[name]!.places[index])
    }

    // MARK: Choice

    /// The best place with a free slot for one model of an order, as an index; `nil` if there is none.
    func freePlace(for order: Order, _ name: ModelName) -> Int? {
        guard let model = self.models[name] else { return nil }
        var best: Int?
        for index in model.places.indices {
            guard model.places[index].inFlight < model.places[index].openSlots, self.letsPass(model.places[index]),
                self.isEligible(model.places[index], to: order, name)
            else { continue }
            if best.map({ self.isBetter(model.places[index], than: model.places[$0]) }) ?? true { best = index }
        }
        return best
    }

    /// True if the place could serve the order, as far as slots and breakers let it.
    func isEligible(_ place: Place, to order: Order, _ name: ModelName) -> Bool {
        place.isOffered && self.backends[place.backend].takesWork && self.isMeant(place, by: order)
            && (order.excluding.isEmpty || !order.excludes(self.backends[place.backend].view.id, name))
    }

    /// A place outside serves only those who were sent there by name.
    func isMeant(_ place: Place, by order: Order) -> Bool {
        let view = self.backends[place.backend].view
        return view.isExternal ? order.external == view.id : order.external == nil
    }

    /// The order of choice, as told at the type. Equal ones keep the order of configuration.
    private func isBetter(_ left: Place, than right: Place) -> Bool {
        let (leftIsTrial, rightIsTrial) = (self.takesTrial(left), self.takesTrial(right))
        if leftIsTrial != rightIsTrial { return leftIsTrial }
        if left.isLoaded != right.isLoaded { return left.isLoaded }
        // left.inFlight / left.openSlots against right.inFlight / right.openSlots, in whole numbers.
        let (leftLoad, rightLoad) = (left.inFlight * right.openSlots, right.inFlight * left.openSlots)
        if leftLoad != rightLoad { return leftLoad < rightLoad }
        let (one, other) = (left.backend, right.backend)
        let (busy, otherBusy) = (self.backends[one].inFlight, self.backends[other].inFlight)
        if busy != otherBusy { return busy < otherBusy }
        return self.backends[one].lastChosen < self.backends[other].lastChosen
    }

    private func takesTrial(_ place: Place) -> Bool {
        place.breaker.offersTrial || self.backends[place.backend].breaker.offersTrial
    }

    /// True if some place, free or not, could serve the order with this model before long.
    func couldServe(_ order: Order, _ name: ModelName, at now: Instant) -> Bool {
        guard let model = self.models[name] else { return false }
        return model.places.indices.contains { index in
            self.isEligible(model.places[index], to: order, name) && self.isWorthWaiting(index, model, at: now)
        }
    }

    // MARK: Seats

    mutating func seat(_ request: RequestID, _ name: ModelName, _ place: Int, at now: Instant) -> Seat {
        let model = self.models.index(forKey: name)!
        let backend = self.models.values[model].places[place].backend
        self.models.values[model].places[place].inFlight += 1
        self.choices += 1
        self.backends[backend].inFlight += 1
        self.backends[backend].lastChosen = self.choices
        let backendPass = self.backends[backend].breaker.admit(at: now)
        let placePass = self.models.values[model].places[place].breaker.admit(at: now)
        let taken = Taken(
            seat: Seat(
                request: request, backend: self.backends[backend].view.id, model: name,
                isLoaded: self.models.values[model].places[place].isLoaded,
                isExternal: self.backends[backend].view.isExternal,
                isTrial: backendPass.isTrial || placePass.isTrial), since: now,
            backendPass: backendPass, placePass: placePass)
        self.seated[request] = taken
        if taken.seat.isTrial { self.reviewWake() }
        return taken.seat
    }

    /// Gives a seat back, and tells the breakers what became of it.
    mutating func free(_ taken: Taken, _ outcome: SeatOutcome, at now: Instant) -> [Notice] {
        let seat = taken.seat
        guard let backend = self.indexOf[seat.backend], let model = self.models.index(forKey: seat.model),
            let index = self.models.values[model].places.firstIndex(where: { $0.backend == backend })
        else { preconditionFailure("the place of \(seat.request) at \(seat.backend) is gone before its request") }
        self.backends[backend].inFlight -= 1
        self.models.values[model].places[index].inFlight -= 1
        precondition(
            self.models.values[model].places[index].inFlight >= 0, "more left \(seat.backend) than came")
        var changes = self.tellBreakers(taken, outcome, backend, model, index, at: now)
        if !seat.isExternal,
            self.models.values[model].places[index].silence.ended(outcome, wasLoaded: seat.isLoaded)
        {
            changes.append(.slotsLost(seat.backend, seat.model))
        }
        if !self.models.values[model].places[index].isOffered { self.forgetIfDone(seat.model) }
        return changes
    }
}
