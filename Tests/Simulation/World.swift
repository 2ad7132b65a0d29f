import Health
import Residency
import Routing
import Vocabulary

/// What can be done wrong in a shell, to see that the referee notices.
enum Sabotage: CaseIterable {
    case keepsSeats, grantsWithoutGate, relaysHeldBytes, runsOnAfterCancel, forgetsExclusions, raisesSlots
    case raisesQueueBound, lastComeFirst, finishesBrokenAnswers, forgetsRequests, ignoresQuarantine
    case wakesBreakersEarly, retriesWithoutBudget
    case saysYes, sendsUnrecorded, forgetsOutcomes, asksGateTooLate, passesLocalBy, forgetsDays, strandsDetours
    case reusesNumbers
}

/// One simulated installation: the real machines (manifest, dispatcher, request, retry budget, health, gate) between
/// simulated clients and simulated backends, on a clock that jumps from event to event. It plays the shell.
struct World {
    enum Event {
        case arrive(Int)
        case transfer(Int, SimulatedBackend.Event)
        case notice(Dispatcher.Notice, order: Int)
        case queueWaitOver(Int), deadline(Int), clientLeaves(Int), clientSlow(Int), operatorCancels(Int)
        case flip(Int), mute(Int), drain(Int), inventory(Int), resolve(Int), release(Int)
        case wake(Int, number: Int), probe(Int, Probe, answer: ProbeAnswer?), breakers(number: Int)
        case firstToken(Int), intentDurable(Int), intentGivenUp(Int)
        case flipOutside(Int), resolveOutside(Int)
        case reload, recount, clockJump(Duration)
        case stop, drainDeadline

        /// Probes come by the hundred and move no request; what they change is seen at the next one.
        var concernsRequests: Bool {
            switch self {
            case .wake, .probe, .resolve: false
            default: true
            }
        }
    }

    /// A backend with what the shell keeps of it.
    struct Node {
        var server: SimulatedBackend
        var health: BackendHealth
        var addresses = WorldPlan.AddressKind.inside
        var checked: CheckedAddresses?
        var isDraining = false
        var isQuarantined = false
        var wakeNumber = 0
        /// What the dispatcher was told last.
        var view: BackendView?
        /// Since when its models are known to be in memory.
        var loadedSince: [ModelName: Instant] = [:]
    }

    /// A backend outside with what the shell keeps of it.
    struct Cloud {
        let plan: WorldPlan.External
        var server: SimulatedBackend
        var addresses = WorldPlan.AddressKind.inside
        var checked: CheckedAddresses?
        /// What another gate judged before.
        var outdated: CheckedAddresses?
    }

    struct Transfer {
        let request: Int
        let seat: Seat
        var isRunning = true
    }

    let plan: WorldPlan
    let sabotage: Sabotage?
    /// Those of the plan, as real ones, and what a shell that is up to no good asks instead.
    let policies: [Policy]
    let loosened: [Policy]
    /// The number of the policy in force.
    var inForce = 0
    var gate: Gate
    var ledger: DayLedger
    /// The referee's count of the same.
    var dayBook = DayBook()
    /// What people have done to the clock.
    var clockShift = Duration.zero
    let manifest: Manifest
    var dice: Dice
    var queue = EventQueue<Event>()
    var now = WorldPlan.origin
    var nodes: [Node] = []
    var requests: [SimulatedRequest] = []
    var transfers: [Transfer] = []
    var clouds: [Cloud] = []
    var departures: [Departure] = []
    var dispatcher: Dispatcher
    var budget = RetryBudget()
    var breakers = BreakerWatch()
    var referee = Referee()
    var tally = Tally()
    let trace: Trace?

    init(seed: UInt64, sabotage: Sabotage? = nil, traced: Bool = false) throws {
        var generator = SeededGenerator(seed: seed)
        let plan = WorldPlan(using: &generator)
        self.plan = plan
        self.sabotage = sabotage
        self.trace = traced ? Trace() : nil
        self.policies = try plan.policies.map { try $0?.made() ?? .none }
        self.loosened = try plan.policies.map { try $0?.loosened() ?? .none }
        self.gate = try Self.gate(of: plan, self.policies[0], generation: 1)
        self.ledger = DayLedger(clock: self.policies[0].clock)
        self.manifest = try plan.manifest()
        let bound = plan.queuePerModel + (sabotage == .raisesQueueBound ? 20 : 0)
        self.dice = Dice(generator: generator)
        self.dispatcher = Dispatcher(
            limits: Dispatcher.Limits(queuePerModel: bound),
            generator: SeededGenerator(seed: self.dice.generator.next()))
        if sabotage == .retriesWithoutBudget { self.budget = RetryBudget(percent: 100, floor: 100) }
        for backend in plan.backends {
            let jitter = SeededGenerator(seed: self.dice.generator.next())
            self.nodes.append(
                Node(server: SimulatedBackend(backend), health: BackendHealth(backend.id, generator: jitter)))
        }
        self.clouds = plan.external.map { Cloud(plan: $0, server: SimulatedBackend($0)) }
        for (index, request) in plan.requests.enumerated() {
            let id = RequestID(at: WallTime(microseconds: Int64(index) * 1000), using: &self.dice.generator)
            self.requests.append(SimulatedRequest(index: index, id: id, plan: request))
        }
        self.tally.worlds = 1
        self.tally.requests = self.requests.count
        self.scheduleFate()
    }

    private mutating func scheduleFate() {
        for (index, backend) in self.plan.backends.enumerated() {
            for (time, _) in backend.addresses { self.queue.schedule(.resolve(index), at: time) }
            for time in backend.flips { self.queue.schedule(.flip(index), at: time) }
            for time in backend.mutes { self.queue.schedule(.mute(index), at: time) }
            for time in backend.drains { self.queue.schedule(.drain(index), at: time) }
            for time in backend.inventoryChanges { self.queue.schedule(.inventory(index), at: time) }
            self.queue.schedule(.wake(index, number: 0), at: WorldPlan.origin)
        }
        for (index, backend) in self.plan.external.enumerated() {
            for (time, _) in backend.addresses { self.queue.schedule(.resolveOutside(index), at: time) }
            for time in backend.flips { self.queue.schedule(.flipOutside(index), at: time) }
        }
        for time in self.plan.reloads { self.queue.schedule(.reload, at: time) }
        for time in self.plan.recounts { self.queue.schedule(.recount, at: time) }
        for (time, shift) in self.plan.clockJumps { self.queue.schedule(.clockJump(shift), at: time) }
        for (index, request) in self.plan.requests.enumerated() {
            // The first round of probes has its time before the first client comes.
            self.queue.schedule(.arrive(index), at: request.arrivesAt + .milliseconds(500))
        }
        if let stop = self.plan.stop {
            self.queue.schedule(.stop, at: stop.at)
            self.queue.schedule(.drainDeadline, at: stop.deadline)
        }
    }

    /// Runs until every client has its answer or has left, and the audit chain has all.
    mutating func run() {
        let limit = WorldPlan.origin + .seconds(600)
        while self.requests.contains(where: { !$0.isOver }) || self.departures.contains(where: \.isBeingWritten),
            let (time, event) = self.queue.next()
        {
            self.now = time
            self.referee.now = time
            if time > limit {
                self.referee.check(.progress, false, "still unfinished after ten minutes")
                break
            }
            self.handle(event)
            if event.concernsRequests { self.watch() }
        }
        self.inspectTheEnd()
    }

    func note(_ line: @autoclosure () -> String) {
        self.trace?.lines.append("\((self.now - WorldPlan.origin).inSeconds) s  \(line())")
    }

    private mutating func handle(_ event: Event) {
        switch event {
        case .arrive(let index): self.arrive(index)
        case .transfer(let number, let event): self.transferBrought(event, number)
        case .notice(let notice, let order): self.noticeArrived(notice, order)
        case .queueWaitOver(let index): self.step(index) { $0.queueWaitOver(retryAfter: $1, at: $2) }
        case .deadline(let index): self.step(index) { $0.deadlineReached(retryAfter: $1, at: $2) }
        case .clientLeaves(let index): self.step(index) { machine, _, now in machine.clientLeft(at: now) }
        case .operatorCancels(let index): self.step(index) { machine, _, now in machine.operatorCancelled(at: now) }
        case .clientSlow(let index): self.clientIsSlow(index)
        case .flip(let index): self.flip(index)
        case .mute(let index):
            self.nodes[index].server.isMute.toggle()
            self.note("gpu\(index) \(self.nodes[index].server.isMute ? "falls silent" : "comes back to itself")")
        case .drain(let index): self.drain(index)
        case .inventory(let index): self.inventoryChanges(index)
        case .resolve(let index): self.resolve(index)
        case .release(let index): self.release(index)
        case .wake(let index, let number): self.wake(index, number)
        case .breakers(let number): self.breakersDue(number)
        case .probe(let index, let probe, let answer): self.probeEnded(index, probe, answer)
        case .firstToken(let index): self.firstTokenDue(index)
        case .intentDurable(let number): self.intentDurable(number)
        case .intentGivenUp(let number): self.intentGivenUp(number)
        case .flipOutside(let index): self.flipOutside(index)
        case .resolveOutside(let index): self.resolveOutside(index)
        case .reload: self.reload()
        case .recount: self.recount()
        case .clockJump(let shift):
            self.note("somebody sets the clock by \(shift.inSeconds) s")
            self.clockShift += shift
        case .stop: self.stop()
        case .drainDeadline:
            self.note("drain deadline")
            for index in self.requests.indices {
                self.step(index) { machine, _, now in machine.drainDeadlineReached(at: now) }
            }
        }
    }

    /// Tells one machine an event and runs what it returns; requests that are not there yet know nothing of it.
    private mutating func step(
        _ index: Int, _ tell: (inout RequestMachine, Duration, Instant) -> [RequestMachine.Action]
    ) {
        guard var machine = self.requests[index].machine else { return }
        let retryAfter = self.dispatcher.retryAfter(for: ["a:latest"])
        let actions = tell(&machine, retryAfter, self.now)
        self.requests[index].machine = machine
        self.run(actions, of: index)
    }
}
