import Residency
import Routing
import Vocabulary

/// What the referee knows of the latest place outside that was weighed for a request.
struct Weighed {
    let backend: BackendID
    let model: String
    let trigger: Trigger
    /// The policy's number, and its allowances by the referee's own reading.
    let policy: Int
    let allowances: [RuleID]
    let at: Instant
}

/// What must hold of whatever leaves.
extension World {
    /// Nothing forbidden is allowed, nothing allowed is forbidden, and the rule that is named is one that allows.
    mutating func checkVerdict(_ verdict: Verdict, _ index: Int) {
        let request = self.requests[index].plan
        let asked = Asked(
            project: request.project, feature: request.feature, raised: request.raised,
            declinesExternal: request.declinesExternal, trigger: verdict.trigger, backend: verdict.backend,
            model: verdict.model, bytes: request.bytes, wall: self.wall)
        let allowances = self.policyPlan?.allowances(for: asked, self.dayBook) ?? []
        self.requests[index].weighed = Weighed(
            backend: verdict.backend, model: verdict.model, trigger: verdict.trigger, policy: self.inForce,
            allowances: allowances, at: self.now)
        self.referee.check(
            .policy, verdict.isAllowed == !allowances.isEmpty,
            "request \(index): \(verdict.reason) \(verdict.rule?.rawValue ?? "") at \(verdict.backend), allowed by \(allowances)"
        )
        let isByRule = verdict.rule.map(allowances.contains) ?? false
        self.referee.check(
            .policy, !verdict.isAllowed || isByRule, "request \(index): allowed by \(verdict.rule ?? "")")
    }

    /// A seat outside is for whom the policy has let go there.
    mutating func checkSeatOutside(_ seat: Seat, _ verdict: Verdict, _ index: Int) {
        let isMeant = self.requests[index].weighed.map {
            $0.backend == seat.backend && $0.model == seat.model.rawValue && !$0.allowances.isEmpty
        }
        self.referee.check(
            .policy, isMeant ?? false, "request \(index) has a seat at \(seat.backend), where it may not go")
        self.referee.check(
            .policy, verdict.isAllowed && verdict.backend == seat.backend,
            "request \(index): an intent of another verdict")
    }

    /// Something leaves: allowed by the policy in force, not long ago, recorded before, and to where it was meant.
    mutating func checkDeparture(_ number: Int, _ cloud: Cloud, _ addresses: [IPAddress]) {
        let departure = self.departures[number]
        let whose = "request \(departure.request) at \(cloud.plan.id)"
        let weighed = self.requests[departure.request].weighed
        let isMeant = weighed.map { $0.backend == cloud.plan.id && !$0.allowances.isEmpty } ?? false
        self.referee.check(.policy, isMeant, "\(whose) leaves and must not")
        self.referee.check(.grants, weighed?.policy == self.inForce, "\(whose) leaves by a policy that has gone")
        let age = self.now - (weighed?.at ?? .zero)
        self.referee.check(.grants, age < .seconds(30), "\(whose) leaves \(age.inSeconds) s after it was judged")
        self.referee.check(.intents, departure.writing == .durable, "\(whose) leaves before its intent is durable")
        self.referee.check(.intents, !departure.wasSent, "\(whose) leaves twice by one intent")
        let isThere = addresses.allSatisfy { $0.octets.starts(with: [8, 8, UInt8(cloud.plan.index)]) }
        self.referee.check(.zones, isThere && !addresses.isEmpty, "\(whose) was sent to \(addresses)")
    }

    mutating func inspectDepartures() {
        for departure in self.departures {
            let expected = departure.writing == .durable ? 1 : 0
            self.referee.check(
                .outcomes, departure.outcomes == expected && !departure.isBeingWritten,
                "an intent of request \(departure.request) has \(departure.outcomes) outcomes")
            self.referee.check(
                .intents, !departure.wasSent || departure.writing == .durable,
                "request \(departure.request) has left, and there is no record of it")
        }
    }

    // MARK: Local first

    /// Whoever goes outside finds no free place here that could serve it, unless it was asked for by name.
    mutating func checkLocalFirst(_ order: Dispatcher.Order, _ index: Int) {
        let request = self.requests[index]
        guard let weighed = request.weighed, weighed.trigger != .callerRequested, request.wasBehindAt != self.now else {
            return
        }
        for place in self.dispatcher.figures.places where request.able.contains(place.model) {
            guard place.inFlight < min(place.slots, place.slotsOpen),
                let view = self.nodes.first(where: { $0.health.id == place.backend })?.view
            else { continue }
            let isExcluded = order.excluding.contains {
                $0.backend == place.backend && ($0.model == nil || $0.model == place.model)
            }
            let isOpen = [nil, place.model].contains { model in
                let phase = self.breakers.phases[BreakerWatch.Key(backend: place.backend, model: model)]
                return phase.map { $0.state != .closed } ?? false
            }
            let isThere = view.models?.contains { $0.name == place.model && $0.withheld == nil } ?? false
            let couldServe =
                view.availability == .usable && !view.isDraining && isThere && !isExcluded && !isOpen
            self.referee.check(
                .localFirst, !couldServe,
                "request \(index) goes to \(weighed.backend), and \(place.backend) has a free slot for \(place.model)")
        }
    }

    /// A shell that does wrong keeps a request from an order: true if it did.
    mutating func isKeptFrom(_ order: Dispatcher.Order, _ index: Int) -> Bool {
        let first = self.requests[index].firstModels ?? []
        let isBack = order.external == nil && order.models.starts(with: first)
        if self.requests[index].firstModels == nil, order.external == nil {
            self.requests[index].firstModels = order.models
        }
        let strands = self.sabotage == .strandsDetours && self.requests[index].isAway && isBack
        let passes = self.sabotage == .passesLocalBy && order.external == nil && self.dice.chance(50)
        guard strands || passes else {
            if self.requests[index].isAway, isBack {
                self.requests[index].isAway = false
                self.tally.detours += 1
            }
            return false
        }
        var nobody = Dispatcher()
        if case .refused(let refusal) = nobody.enter(order.continued, at: self.now) {
            self.tell(index) { machine, _, now in machine.refused(refusal, at: now) }
        }
        return true
    }

    /// Who has left its queue and found nobody comes back to it, while there is time.
    mutating func checkDetour(_ ending: RequestMachine.Ending, _ index: Int) {
        guard self.requests[index].isAway, ending.attempts == 0 else { return }
        let patience = self.requests[index].plan.patience ?? Bounds.queueWait
        let hasTime = self.now < self.requests[index].arrivedAt + min(patience, Bounds.queueWait)
        let isEndedByOthers = [.clientLeft, .clientTooSlow, .cancelled, .shutdown].contains(ending.reason)
        self.referee.check(
            .detour, isEndedByOthers || !hasTime, "request \(index) left its queue and ends as \(ending.reason)")
    }

    // MARK: First tokens

    mutating func firstTokenDue(_ index: Int) {
        guard let seat = self.requests[index].machine?.seat else { return }
        let node = self.nodes.first { $0.health.id == seat.backend }
        let since = node?.loadedSince[seat.model]
        self.tell(index) { machine, budget, now in
            machine.firstTokenDue(loadedSince: since, budget: &budget, at: now)
        }
    }
}

extension Dispatcher.Order {
    var continued: Dispatcher.Order {
        Dispatcher.Order(
            request: self.request, models: self.models, priority: self.priority, arrivedAt: self.arrivedAt,
            excluding: self.excluding, external: self.external, isContinued: true)
    }
}
