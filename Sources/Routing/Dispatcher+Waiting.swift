import Vocabulary

/// Who waits, who is next, and who waits in vain.
extension Dispatcher {
    /// After backends have changed: seats whoever can be seated, then refuses whoever nobody can serve any more.
    mutating func settle(at now: Instant) -> [Notice] {
        if self.waiting.isEmpty { return [] }
        return self.seatWaiters(for: self.models.keys.sorted(), at: now) + self.refuseStranded(at: now)
    }

    /// Seats the waiting in order as long as slots are free.
    mutating func seatWaiters(for names: [ModelName], at now: Instant) -> [Notice] {
        if self.waiting.isEmpty { return [] }
        var notices: [Notice] = []
        for name in names {
            while let seat = self.seatNext(for: name, at: now) { notices.append(.seated(seat)) }
        }
        return notices
    }

    /// Seats the first who can use a free slot; those who failed at that backend let others pass.
    private mutating func seatNext(for name: ModelName, at now: Instant) -> Seat? {
        guard let model = self.models[name], model.places.contains(where: { $0.inFlight < $0.openSlots }) else {
            return nil
        }
        for request in model.queue.inOrder + self.waitingElsewhere(for: name) {
            guard let waiter = self.waiting[request], let place = self.freePlace(for: waiter.order, name) else {
                continue
            }
            self.models[name]?.queue.seated(request)
            self.removeWaiter(request)
            return self.seat(request, name, place, at: now)
        }
        return nil
    }

    /// Those who would take this model too, but have no place in its queue: it was full when they came, or nobody had
    /// the model then. They take what those in the queue leave.
    private func waitingElsewhere(for name: ModelName) -> [RequestID] {
        let others = self.waiting.values.filter { $0.order.models.contains(name) && !$0.models.contains(name) }
        if others.isEmpty { return [] }
        let rank = { (order: Order) in (order.priority == .interactive ? 0 : 1, order.arrivedAt, order.request) }
        return others.map(\.order).sorted { rank($0) < rank($1) }.map(\.request)
    }

    private mutating func refuseStranded(at now: Instant) -> [Notice] {
        let stranded = self.waiting.values.filter { waiter in
            !waiter.order.models.contains { self.couldServe(waiter.order, $0, at: now) }
        }
        return stranded.map(\.order).sorted { ($0.arrivedAt, $0.request) < ($1.arrivedAt, $1.request) }.map { order in
            self.removeWaiter(order.request)
            return .refused(order.request, self.refusal(of: order, self.reasonForNone(of: order), at: now))
        }
    }

    /// Takes a request out of every queue; `nil` if it waits in none.
    @discardableResult
    mutating func removeWaiter(_ request: RequestID) -> Waiter? {
        guard let waiter = self.waiting.removeValue(forKey: request) else { return nil }
        for name in waiter.models { self.models[name]?.queue.remove(request) }
        return waiter
    }

    // MARK: How long

    /// Where a request waits, in the queue with the shortest expected wait.
    func bestPlace(of request: RequestID, in names: [ModelName]) -> QueuePlace {
        let places = names.compactMap { name -> QueuePlace? in
            guard let position = self.models[name]?.queue.position(of: request) else { return nil }
            return QueuePlace(
                model: name, position: position, predictedWait: self.predictedWait(name, position: position))
        }
        guard let best = places.min(by: Self.isSooner) else {
            preconditionFailure("\(request) waits for \(names) and is in none of their queues")
        }
        return best
    }

    private static func isSooner(_ left: QueuePlace, _ right: QueuePlace) -> Bool {
        guard let leftWait = left.predictedWait, let rightWait = right.predictedWait, leftWait != rightWait else {
            return left.position < right.position
        }
        return leftWait < rightWait
    }

    /// Where a waiting request stands now; `nil` if it does not wait.
    public func place(of request: RequestID) -> QueuePlace? {
        self.waiting[request].map { self.bestPlace(of: request, in: $0.models) }
    }

    func predictedWait(_ name: ModelName, position: Int) -> Duration? {
        guard let model = self.models[name] else { return nil }
        let slots = model.places.lazy.filter {
            let backend = self.backends[$0.backend]
            return $0.isOffered && backend.takesWork && !backend.view.isExternal && self.letsPass($0)
        }.reduce(0) { $0 + $1.openSlots }
        return model.service.wait(position: position, slots: slots)
    }

    /// When a request for one of these models is likely to find a slot, for `Retry-After`: the wait that a newcomer
    /// at the end of the shortest queue would have, between one second and `Bounds.queueWait`. Without any experience
    /// yet: five seconds.
    public func retryAfter(for names: [ModelName]) -> Duration {
        let waits = names.compactMap { name in
            self.models[name].flatMap { self.predictedWait(name, position: $0.queue.count + 1) }
        }
        return min(max(waits.min() ?? .seconds(5), .seconds(1)), Bounds.queueWait)
    }
}
