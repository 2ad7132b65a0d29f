import Residency
import Routing
import Vocabulary

/// The shell's part for one request: events in, actions out.
extension World {
    mutating func arrive(_ index: Int) {
        let request = self.requests[index]
        let found = self.manifest.resolve(request.plan.asksFor, in: self.dispatcher.catalogue)
        guard case .success(let resolution) = found else {
            if case .failure(let failure) = found { self.refusedEarly(index, failure.reason) }
            return
        }
        self.note("request \(index) arrives for \(request.plan.asksFor): \(resolution.models)")
        let deadline = request.plan.patience.map { self.now + $0 }
        self.requests[index].machine = RequestMachine(
            request: request.id, models: resolution.models, priority: request.plan.priority, deadline: deadline,
            holding: request.plan.holding)
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

    private mutating func tell(
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

    mutating func noticeArrived(_ notice: Dispatcher.Notice) {
        switch notice {
        case .seated(let seat):
            guard let index = self.index(of: seat.request) else { return }
            if self.requests[index].isOver { self.tally.seatsThatCrossed += 1 }
            self.tell(index) { $0.seated(seat, budget: &$1, at: $2) }
        case .refused(let request, let refusal):
            guard let index = self.index(of: request) else { return }
            self.tell(index) { machine, _, now in machine.refused(refusal, at: now) }
        case .breakerChanged:
            break  // Told at once, see `deliver`.
        }
    }

    func index(of request: RequestID) -> Int? { self.requests.firstIndex { $0.id == request } }

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
        case .awaitSeat(let until): self.queue.schedule(.queueWaitOver(index), at: until)
        case .leaveQueue:
            self.requests[index].isWaiting = false
            self.seatReleased(of: self.requests[index].id)
            self.deliver(self.dispatcher.abandon(self.requests[index].id, at: self.now))
        case .attempt(let seat, let number): self.attempt(seat, number, index)
        case .cancelTransfer: self.cancelTransfer(of: index)
        case .discardHeld: break
        case .releaseSeat(let seat, let outcome):
            if self.sabotage == .keepsSeats, self.requests[index].machine?.isEnded == true { return }
            self.seatReleased(of: seat.request)
            if outcome == .modelMissing { self.breakers.phases[.init(backend: seat.backend, model: seat.model)] = nil }
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
        if ending.timings.queued > .zero { self.tally.waited += 1 }
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
        switch self.dispatcher.enter(real, at: self.now) {
        case .seated(let seat):
            self.checkSeat(seat)
            for other in waiting where other.couldUse(seat) {
                self.referee.check(.firstCome, false, "request \(index) overtook waiting request \(other.index)")
            }
            self.tell(index) { $0.seated(seat, budget: &$1, at: $2) }
        case .queued:
            self.requests[index].isWaiting = true
            self.tell(index) { machine, _, now in machine.queued(at: now) }
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
            }
            let delay = Duration.milliseconds(self.dice.number(0...5) * 50)
            self.queue.schedule(.notice(notice), at: self.now + delay)
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
        default: "\(action)"
        }
    }
}

extension SimulatedRequest {
    /// Whether it surely waits in the queue of this seat's model and could take it. Requests for several models may
    /// have no place in one of the queues, so they prove nothing.
    func couldUse(_ seat: Seat) -> Bool {
        guard let order, order.models == [seat.model] else { return false }
        return !order.excluding.contains { $0.backend == seat.backend && ($0.model == nil || $0.model == seat.model) }
    }
}

extension Dispatcher.Order {
    fileprivate var without: Dispatcher.Order {
        Dispatcher.Order(request: self.request, models: self.models, priority: self.priority, arrivedAt: self.arrivedAt)
    }

    fileprivate var reversed: Dispatcher.Order {
        let age = self.arrivedAt - WorldPlan.origin
        return Dispatcher.Order(
            request: self.request, models: self.models, priority: self.priority,
            arrivedAt: WorldPlan.origin - age, excluding: self.excluding)
    }
}
