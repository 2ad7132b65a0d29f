import Residency
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
    /// What it asked for last.
    var order: Dispatcher.Order?
    /// The place outside of which it wants to know whether it may go there, and why.
    var weighed: (backend: BackendID, model: ModelName, trigger: Trigger)?
    /// The latest word of the policy.
    var verdict: Verdict?
    /// Where an intent is being written, and where it has been.
    var recording: Seat?
    var recorded: Seat?
    /// Intents of which nothing was sent.
    var unsent = 0
    var ending: RequestMachine.Ending?
    var faults: [String] = []
    var last: [RequestMachine.Action] = []

    init(_ machine: RequestMachine, budget: RetryBudget = RetryBudget()) {
        self.machine = machine
        self.budget = budget
    }

    var exclusions: [Exclusion] { self.order?.excluding ?? [] }

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
            self.check(self.weighed == nil, "asked for a seat before the policy has spoken")
            if let backend = order.external {
                let isAllowed = self.verdict.map { $0.isAllowed && $0.backend == backend } ?? false
                self.check(
                    isAllowed && order.models.map(\.rawValue) == [self.verdict?.model],
                    "asked for a seat outside that the policy does not allow")
            } else {
                self.verdict = nil  // It was for another rung.
            }
            self.wait = .asked
            self.order = order
        case .awaitSeat:
            self.check(self.wait == .queued, "waits without a queue")
        case .leaveQueue:
            self.check(self.wait != .no, "left a queue it is not in")
            self.wait = .no
        case .attempt(let seat, let number):
            self.check(self.seat == seat && !self.transferRuns, "an attempt without its seat")
            self.check(self.attempted.count < Bounds.attemptsPerRequest, "an attempt too many")
            self.check(number == self.attempted.count + self.unsent + 1, "attempt number \(number)")
            self.check(!self.attempted.contains(seat), "a second attempt at the same place")
            self.check(!seat.isExternal || self.recorded == seat, "sent outside what no durable intent tells of")
            self.recorded = nil
            self.attempted.append(seat)
            self.transferRuns = true
            self.headIsGood = false
        case .awaitFirstToken:
            self.check(self.seat != nil && self.client == .nothing, "awaits the first token of no attempt")
        case .weigh(let backend, let model, let trigger):
            self.check(self.wait == .no && self.seat == nil, "asks the policy while it has or awaits a seat")
            self.check(self.weighed == nil, "asks the policy twice at a time")
            self.check(self.client == .nothing, "another place after the client has seen something")
            self.verdict = nil
            self.weighed = (backend, model, trigger)
        case .recordIntent(let seat, let verdict, let number):
            self.check(self.seat == seat && seat.isExternal, "an intent without its seat outside")
            self.check(verdict.isAllowed && verdict == self.verdict, "an intent that the policy does not allow")
            self.check(
                verdict.request == seat.request && verdict.backend == seat.backend
                    && verdict.model == seat.model.rawValue, "an intent of another verdict")
            self.check(number == self.attempted.count + self.unsent + 1, "an intent of attempt \(number)")
            self.check(self.recording == nil, "two intents at a time")
            self.recording = seat
        case .reply(let text):
            self.check(self.client == .nothing && !text.isEmpty, "a reply after the client has seen something")
            self.client = .over
        case .cancelTransfer:
            self.check(self.transferRuns, "cancelled a transfer that does not run")
            self.transferRuns = false
        case .discardHeld:
            self.check(self.client == .nothing, "discarded what the client has seen")
        case .releaseSeat(let seat, _):
            self.check(self.seat == seat, "released a seat it does not have")
            self.check(!self.transferRuns, "released a seat while its transfer runs")
            (self.seat, self.recording, self.recorded) = (nil, nil, nil)
        case .quarantine:
            break
        case .commit:
            self.check(self.client == .nothing && self.headIsGood, "committed without a good head")
            self.client = .begun
        case .passOn:
            self.check(self.client == .nothing, "answered twice")
            self.client = .over
        case .answer(let failure):
            self.check(self.client == .nothing, "answered twice")
            self.check(!failure.message.isEmpty, "an error without a word")
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
