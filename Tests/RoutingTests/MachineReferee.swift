import Routing
import Testing
import Vocabulary

/// Plays the shell for one machine and refuses every action that is not legal where it comes. It carries out nothing;
/// it only keeps count of what a shell would hold.
struct MachineReferee {
    enum Client: Equatable { case nothing, begun, over }
    enum Wait: Equatable { case no, asked, queued }

    var machine: RequestMachine
    var budget: RetryBudget
    var client = Client.nothing
    var wait = Wait.no
    var seat: Seat?
    var transferRuns = false
    var headIsGood = false
    var attempted: [Seat] = []
    var exclusions: [Exclusion] = []
    var ending: RequestMachine.Ending?
    var faults: [String] = []
    var last: [RequestMachine.Action] = []

    init(_ machine: RequestMachine, budget: RetryBudget = RetryBudget()) {
        self.machine = machine
        self.budget = budget
    }

    private mutating func check(_ holds: Bool, _ fault: @autoclosure () -> String) {
        if !holds { self.faults.append(fault()) }
    }

    mutating func take(_ actions: [RequestMachine.Action]) {
        self.last = actions
        for action in actions {
            self.check(self.ending == nil, "\(action) after the end")
            self.take(action)
        }
    }

    private mutating func take(_ action: RequestMachine.Action) {
        switch action {
        case .enterQueue(let order):
            self.check(self.wait == .no && self.seat == nil, "asked for a second seat")
            self.check(self.client == .nothing, "a retry after the client has seen something")
            self.wait = .asked
            self.exclusions = order.excluding
        case .awaitSeat:
            self.check(self.wait == .queued, "waits without a queue")
        case .leaveQueue:
            self.check(self.wait != .no, "left a queue it is not in")
            self.wait = .no
        case .attempt(let seat, let number):
            self.check(self.seat == seat && !self.transferRuns, "an attempt without its seat")
            self.check(number <= Bounds.attemptsPerRequest, "attempt number \(number)")
            self.check(!self.attempted.contains(seat), "a second attempt at the same place")
            self.attempted.append(seat)
            self.transferRuns = true
            self.headIsGood = false
        case .cancelTransfer:
            self.check(self.transferRuns, "cancelled a transfer that does not run")
            self.transferRuns = false
        case .discardHeld:
            self.check(self.client == .nothing, "discarded what the client has seen")
        case .releaseSeat(let seat, _):
            self.check(self.seat == seat, "released a seat it does not have")
            self.check(!self.transferRuns, "released a seat while its transfer runs")
            self.seat = nil
        case .quarantine:
            break
        case .commit:
            self.check(self.client == .nothing && self.headIsGood, "committed without a good head")
            self.client = .begun
        case .passOn, .answer:
            self.check(self.client == .nothing, "answered twice")
            self.client = .over
        case .finish, .breakOff:
            self.check(self.client == .begun, "ended an answer that had not begun")
            self.client = .over
        case .cutClient:
            self.check(self.client != .over, "cut a client whose answer was over")
            self.client = .over
        case .end(let ending):
            self.check(self.seat == nil && self.wait == .no && !self.transferRuns, "left something behind")
            self.check(self.client == .over || ending.reason == .clientLeft, "the client was left hanging")
            self.check(ending.timings.ended != nil, "ended at no time")
            self.ending = ending
        }
    }

    mutating func take(_ relay: RequestMachine.Relay) {
        self.last = []
        switch relay {
        case .hold: self.check(self.client == .nothing, "holds what it should relay")
        case .commit: self.take([.commit])
        case .relay: self.check(self.client == .begun, "relays before the commit")
        case .discard: self.check(self.ending != nil, "drops bytes of a living answer")
        case .fail(let actions): self.take(actions)
        }
    }
}

/// Every event a shell can bring, with enough variety to reach every branch.
enum MachineEvent: CaseIterable {
    case seated, queued, refused, queueWaitOver
    case gateRefusedPlace, gateRefusedRequest
    case head200, head302, head400, head404, head501, head500, head503
    case bytes, content, terminal, errorEvent, malformed, remote, flood, missing
    case completed, connectFailed, stalled
    case clientLeft, clientTooSlow, operatorCancelled, deadline, drain

    static let interruptions: [MachineEvent] = [.clientLeft, .operatorCancelled, .deadline, .drain]
    static let interruptionsShort: [MachineEvent] = [.clientLeft, .deadline]
}

extension MachineReferee {
    static let places: [(BackendID, ModelName)] = [
        ("gpu1", "a:latest"), ("gpu2", "a:latest"), ("gpu1", "b:latest"), ("gpu2", "b:latest"),
    ]

    private var nextPlace: (BackendID, ModelName)? {
        Self.places.first { backend, model in
            !self.exclusions.contains { $0.backend == backend && ($0.model == nil || $0.model == model) }
        }
    }

    /// What can happen now. `all` adds the rare twins.
    func possible(all: Bool) -> [MachineEvent] {
        let interruptions = all ? MachineEvent.interruptions : MachineEvent.interruptionsShort
        if self.ending != nil { return [] }
        switch self.wait {
        case .asked: return self.nextPlace == nil ? [.refused] : [.seated, .queued, .refused]
        case .queued: return [.seated, .refused, .queueWaitOver] + interruptions
        case .no: break
        }
        guard self.transferRuns else { return [] }
        if self.machine.timings.answerBegan == nil {
            let rare: [MachineEvent] = all ? [.head302, .head501, .gateRefusedRequest, .completed] : []
            return rare + interruptions
                + [.head200, .head400, .head404, .head500, .head503, .gateRefusedPlace, .connectFailed]
        }
        let ends: [MachineEvent] = [.completed, .stalled] + interruptions
        if !self.headIsGood { return ends + (all ? [.bytes, .missing, .flood] : [.missing]) }
        let slow: [MachineEvent] = self.client == .begun ? [.clientTooSlow] : []
        return ends + slow + [.content, .terminal, .malformed, .remote]
            + (all ? [.bytes, .errorEvent, .flood] : [.bytes])
    }

    mutating func play(_ event: MachineEvent, at now: Instant) {
        switch event {
        case .seated:
            let (backend, model) = self.nextPlace ?? Self.places[0]
            let seat = Seat(request: self.machine.request, backend: backend, model: model)
            if self.ending == nil { (self.seat, self.wait) = (seat, .no) }
            self.take(self.machine.seated(seat, budget: &self.budget, at: now))
        case .queued:
            self.wait = .queued
            self.take(self.machine.queued(at: now))
        case .refused:
            self.wait = .no
            self.take(self.machine.refused(Self.refusal, at: now))
        case .queueWaitOver:
            self.take(self.machine.queueWaitOver(retryAfter: .seconds(7), at: now))
        case .gateRefusedPlace, .gateRefusedRequest:
            self.transferRuns = false
            self.attempted = self.attempted.dropLast()
            let reason: Reason = event == .gateRefusedPlace ? .dnsMixedAnswer : .pathForbidden
            self.take(self.machine.attemptRefused(reason, "no", budget: &self.budget, at: now))
        case .head200: self.head(200, now)
        case .head302: self.head(302, now)
        case .head400: self.head(400, now)
        case .head404: self.head(404, now)
        case .head500: self.head(500, now)
        case .head501: self.head(501, now)
        case .head503: self.head(503, now)
        case .bytes: self.bytes([], now)
        case .content: self.bytes(.content, now)
        case .terminal: self.bytes([.content, .terminal], now)
        case .errorEvent: self.bytes(.error, now)
        case .malformed: self.bytes(.malformed, now)
        case .remote: self.bytes([.content, .remoteModel], now)
        case .missing: self.bytes(.modelMissing, now)
        case .flood: self.bytes([], count: 2 << 20, now)
        case .completed: self.end(.completed([], detail: nil), now)
        case .connectFailed: self.end(.failed(.upstreamConnectFailed, detail: "connection refused"), now)
        case .stalled: self.end(.failed(.upstreamStalled, detail: "fell silent"), now)
        case .clientLeft: self.take(self.machine.clientLeft(at: now))
        case .clientTooSlow: self.take(self.machine.clientTooSlow(at: now))
        case .operatorCancelled: self.take(self.machine.operatorCancelled(at: now))
        case .deadline: self.take(self.machine.deadlineReached(retryAfter: .seconds(7), at: now))
        case .drain: self.take(self.machine.drainDeadlineReached(at: now))
        }
    }

    private mutating func head(_ status: Int, _ now: Instant) {
        self.headIsGood = status == 200
        self.take(
            self.machine.answerBegan(status: status, retryAfter: .seconds(3), budget: &self.budget, at: now))
    }

    private mutating func bytes(_ signs: AnswerSigns, count: Int = 10, _ now: Instant) {
        self.take(self.machine.answerContinued(signs, bytes: count, budget: &self.budget, at: now))
    }

    private mutating func end(_ end: AttemptEnd, _ now: Instant) {
        self.transferRuns = false
        self.take(self.machine.attemptEnded(end, budget: &self.budget, at: now))
    }

    /// As a dispatcher refuses that knows one backend which is down.
    static let refusal: DispatchRefusal = {
        var dispatcher = fleet(backend("gpu9", availability: .unusable("connection refused")))
        return dispatcher.enter(9).refusal!
    }()
}

func machine(
    _ models: [ModelName] = ["a:latest"], deadline: Instant? = nil, holding: Holding = .stream
) -> MachineReferee {
    var referee = MachineReferee(
        RequestMachine(request: id(1), models: models, deadline: deadline, holding: holding))
    referee.take(referee.machine.begun(budget: &referee.budget, at: start))
    return referee
}

/// Plays events a second apart.
func played(
    _ events: MachineEvent..., models: [ModelName] = ["a:latest"], holding: Holding = .stream
) -> MachineReferee {
    var referee = machine(models, holding: holding)
    for (index, event) in events.enumerated() { referee.play(event, at: start + .seconds(index + 1)) }
    #expect(referee.faults.isEmpty, "\(events): \(referee.faults)")
    return referee
}
