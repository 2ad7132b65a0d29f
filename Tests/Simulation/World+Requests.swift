import Residency
import Routing
import Vocabulary

/// The shell's part for one request: events in, actions out.
extension World {
    mutating func arrive(_ index: Int) {
        let request = self.requests[index]
        let found = self.manifest.resolve(
            request.plan.asksFor, for: request.plan.use, promptTokens: Tokens(request.plan.tokens),
            in: self.dispatcher.catalogue)
        guard case .success(let resolution) = found else {
            if case .failure(let failure) = found { self.refusedEarly(index, failure.reason) }
            return
        }
        self.note("request \(index) arrives for \(request.plan.asksFor): \(resolution.rungs)")
        self.requests[index].arrivedAt = self.now
        self.requests[index].able = self.plan.localModels(for: request.plan).filter(self.dispatcher.catalogue.serves)
        let deadline = request.plan.patience.map { self.now + $0 }
        self.requests[index].machine = RequestMachine(
            request: request.id, rungs: resolution.rungs, trouble: resolution.trouble, priority: request.plan.priority,
            deadline: deadline, holding: request.plan.holding, promptTokens: Tokens(request.plan.tokens),
            limits: self.plan.limits)
        if let deadline { self.queue.schedule(.deadline(index), at: deadline) }
        if let after = request.plan.leavesAfter { self.queue.schedule(.clientLeaves(index), at: self.now + after) }
        if let after = request.plan.cancelledAfter {
            self.queue.schedule(.operatorCancels(index), at: self.now + after)
        }
        self.breakers.arrivals.append(self.now)
        self.tell(index) { $0.begun(budget: &$1, at: $2) }
    }

    private mutating func refusedEarly(_ index: Int, _ reason: Reason) {
        self.note("request \(index) is refused at once: \(reason)")
        self.tally.reasons[reason, default: 0] += 1
        self.requests[index].isRefusedEarly = true
    }

    mutating func tell(
        _ index: Int, _ event: (inout RequestMachine, inout RetryBudget, Instant) -> [RequestMachine.Action]
    ) {
        guard var machine = self.requests[index].machine else { return }
        let actions = event(&machine, &self.budget, self.now)
        self.requests[index].machine = machine
        self.run(actions, of: index)
    }

    mutating func clientIsSlow(_ index: Int) {
        guard let machine = self.requests[index].machine, machine.isCommitted || machine.isEnded else { return }
        self.note("request \(index): its client takes nothing")
        self.tell(index) { machine, _, now in machine.clientTooSlow(at: now) }
    }

    /// What was told of an order that has been left is no longer wanted, unless the request is over.
    mutating func noticeArrived(_ notice: Dispatcher.Notice, _ order: Int) {
        if let index = self.index(of: notice), self.requests[index].orders != order, !self.requests[index].isOver {
            self.tally.noticesDropped += 1
            return
        }
        switch notice {
        case .seated(let seat):
            guard let index = self.index(of: seat.request) else { return }
            if self.requests[index].isOver { self.tally.seatsThatCrossed += 1 }
            self.tell(index) { $0.seated(seat, budget: &$1, at: $2) }
        case .refused(let request, let refusal):
            guard let index = self.index(of: request) else { return }
            self.requests[index].wasBehindAt = self.now
            self.tell(index) { machine, _, now in machine.refused(refusal, at: now) }
        case .breakerChanged, .slotsLost, .oftenBusy:
            break  // Told at once, see `deliver`.
        }
    }

    func index(of request: RequestID) -> Int? { self.requests.firstIndex { $0.id == request } }

    private func index(of notice: Dispatcher.Notice) -> Int? {
        switch notice {
        case .seated(let seat): self.index(of: seat.request)
        case .refused(let request, _): self.index(of: request)
        case .breakerChanged, .slotsLost, .oftenBusy: nil
        }
    }

    // MARK: Actions

    mutating func run(_ actions: [RequestMachine.Action], of index: Int) {
        for action in actions {
            self.note("request \(index): \(Self.short(action))")
            self.run(action, of: index)
        }
    }

    private mutating func run(_ action: RequestMachine.Action, of index: Int) {
        self.referee.check(.endsOnce, self.requests[index].endings.isEmpty, "request \(index): \(action) after its end")
        switch action {
        case .enterQueue(let order): self.enter(order, index)
        case .awaitSeat(let until): self.queue.schedule(.queueWaitOver(index), at: max(until, self.now))
        case .leaveQueue:
            if !self.requests[index].isWaiting { self.requests[index].wasBehindAt = self.now }
            self.requests[index].isWaiting = false
            self.requests[index].orders += 1
            self.requests[index].isAway = self.requests[index].machine?.isEnded == false
            self.seatReleased(of: self.requests[index].id)
            self.deliver(self.dispatcher.abandon(self.requests[index].id, at: self.now))
        case .attempt(let seat, let number): self.attempt(seat, number, index)
        case .weigh(let backend, let model, let trigger): self.weigh(backend, model, trigger, index)
        case .recordIntent(let seat, let verdict, let number): self.recordIntent(seat, verdict, number, index)
        case .awaitFirstToken(let until): self.queue.schedule(.firstToken(index), at: max(until, self.now))
        case .reply: self.show(index, .over)
        case .cancelTransfer: self.cancelTransfer(of: index)
        case .discardHeld: break
        case .releaseSeat(let seat, let outcome):
            if self.sabotage == .keepsSeats, self.requests[index].machine?.isEnded == true { return }
            self.seatReleased(of: seat.request)
            self.settle(index)
            if outcome == .modelMissing { self.modelIsMissing(seat) }
            self.deliver(self.dispatcher.leave(seat, outcome, at: self.now))
            self.tellHealth(seat.backend, outcome)
        case .quarantine(let backend): self.quarantine(backend)
        case .commit: self.show(index, .begun)
        case .passOn, .answer: self.show(index, .over)
        case .finish:
            let isWhole = self.requests[index].sawTerminal
            self.referee.check(.honestEnd, isWhole, "request \(index): an incomplete answer was ended as complete")
            self.show(index, .over)
        case .breakOff:
            let lies = self.sabotage == .finishesBrokenAnswers && !self.requests[index].sawTerminal
            self.referee.check(.honestEnd, !lies, "request \(index): an incomplete answer was ended as complete")
            self.show(index, .over)
        case .cutClient: self.show(index, .over)
        case .end(let ending): self.end(ending, index)
        }
    }

    private mutating func end(_ ending: RequestMachine.Ending, _ index: Int) {
        if self.sabotage == .forgetsRequests, ending.reason == .clientLeft { return }
        self.requests[index].endings.append(ending)
        self.tally.reasons[ending.reason, default: 0] += 1
        if ending.attempts > 1 { self.tally.retried += 1 }
        if ending.reason == .allowLocal, !ending.tried.isEmpty { self.tally.rescued += 1 }
        let isMixed = Set(self.requests[index].attempted.map(\.isExternal)).count == 2
        if isMixed, [.allowLocal, .allowRule].contains(ending.reason) { self.tally.rescuedOutside += 1 }
        if ending.timings.queued > .zero { self.tally.waited += 1 }
        self.checkDetour(ending, index)
        let isTold = self.requests[index].shown == .over || ending.reason == .clientLeft
        self.referee.check(.endsOnce, isTold, "request \(index): its client was left hanging")
        self.referee.check(
            .attempts, ending.attempts == self.requests[index].attempted.count,
            "request \(index): told \(ending.attempts) sends, made \(self.requests[index].attempted.count)")
    }

    /// The client gets something: once begun it is never begun again, once over nothing follows.
    private mutating func show(_ index: Int, _ shown: SimulatedRequest.Shown) {
        let before = self.requests[index].shown
        self.referee.check(.silenceAfterEnd, before != .over, "request \(index): something followed its end")
        self.referee.check(.silenceAfterEnd, shown != .begun || before == .nothing, "request \(index): begun twice")
        self.requests[index].shown = shown
        if shown == .begun, let after = self.requests[index].plan.slowAfter {
            self.queue.schedule(.clientSlow(index), at: self.now + after)
        }
    }

    private mutating func enter(_ order: Dispatcher.Order, _ index: Int) {
        let known = self.sabotage == .forgetsExclusions ? order.without : order
        let real = self.sabotage == .lastComeFirst ? known.reversed : known
        let waiting = self.requests.filter(\.isWaiting)
        self.requests[index].order = order
        self.requests[index].orders += 1
        if self.isKeptFrom(order, index) { return }
        if order.external != nil { self.checkLocalFirst(order, index) }
        switch self.dispatcher.enter(real, at: self.now) {
        case .seated(let seat):
            self.checkSeat(seat)
            for other in waiting where other.couldUse(seat) {
                self.referee.check(.firstCome, false, "request \(index) overtook waiting request \(other.index)")
            }
            self.tell(index) { $0.seated(seat, budget: &$1, at: $2) }
        case .queued(let place):
            self.requests[index].isWaiting = true
            self.tell(index) { machine, _, now in machine.queued(predictedWait: place.predictedWait, at: now) }
        case .refused(let refusal):
            self.tell(index) { machine, _, now in machine.refused(refusal, at: now) }
        }
        self.scheduleBreakers()
    }

    /// Notices travel through each request's inbox, so that other events may come first.
    mutating func deliver(_ notices: [Dispatcher.Notice]) {
        for notice in notices {
            switch notice {
            case .seated(let seat): self.checkNotice(seat)
            case .refused(let request, _): self.index(of: request).map { self.requests[$0].isWaiting = false }
            case .breakerChanged(let change):
                self.breakerChanged(change)
                continue
            case .slotsLost:
                self.tally.slotsLost += 1
                continue
            case .oftenBusy: continue
            }
            let delay = Duration.milliseconds(self.dice.number(0...5) * 50)
            let order = self.index(of: notice).map { self.requests[$0].orders } ?? 0
            self.queue.schedule(.notice(notice, order: order), at: self.now + delay)
        }
        self.scheduleBreakers()
    }

    private mutating func checkNotice(_ seat: Seat) {
        self.checkSeat(seat)
        guard let index = self.index(of: seat.request), let order = self.requests[index].order else { return }
        self.requests[index].isWaiting = false
        for other in self.requests where other.isWaiting && other.couldUse(seat) {
            guard let earlier = other.order, earlier.priority == order.priority else { continue }
            self.referee.check(
                .firstCome, earlier.arrivedAt >= order.arrivedAt,
                "request \(index) was seated before request \(other.index), which came first")
        }
    }

    static func short(_ action: RequestMachine.Action) -> String {
        switch action {
        case .end(let ending): "end \(ending.reason) status \(ending.status) attempts \(ending.attempts)"
        case .answer(let failure): "answer \(failure.reason): \(failure.message)"
        case .breakOff(let failure): "break off \(failure.reason): \(failure.message)"
        case .enterQueue(let order): "enter \(order.models) excluding \(order.excluding)"
        case .releaseSeat(let seat, let outcome): "release \(seat.backend) \(seat.model) \(outcome)"
        case .attempt(let seat, let number): "attempt \(number) at \(seat.backend) with \(seat.model)"
        case .weigh(let backend, let model, let trigger): "weigh \(backend) with \(model) for \(trigger.rawValue)"
        case .recordIntent(let seat, _, let number): "intent \(number) at \(seat.backend) with \(seat.model)"
        case .awaitSeat(let until): "await seat until \((until - WorldPlan.origin).inSeconds) s"
        case .awaitFirstToken(let until): "await first token until \((until - WorldPlan.origin).inSeconds) s"
        default: "\(action)"
        }
    }
}

extension SimulatedRequest {
    /// Whether it surely waits in the queue of this seat's model and could take it. Requests for several models may
    /// have no place in one of the queues, so they prove nothing.
    func couldUse(_ seat: Seat) -> Bool {
        guard let order, order.models == [seat.model], !seat.isExternal else { return false }
        return !order.excluding.contains { $0.backend == seat.backend && ($0.model == nil || $0.model == seat.model) }
    }
}

extension Dispatcher.Order {
    fileprivate var without: Dispatcher.Order {
        Dispatcher.Order(
            request: self.request, models: self.models, priority: self.priority, arrivedAt: self.arrivedAt,
            external: self.external, isContinued: self.isContinued)
    }

    fileprivate var reversed: Dispatcher.Order {
        let age = self.arrivedAt - WorldPlan.origin
        return Dispatcher.Order(
            request: self.request, models: self.models, priority: self.priority,
            arrivedAt: WorldPlan.origin - age, excluding: self.excluding, external: self.external,
            isContinued: self.isContinued)
    }
}
