import Health
import Routing
import Vocabulary

/// Watches a world and notes whatever must never happen.
struct Referee {
    enum Rule: String, CaseIterable {
        case endsOnce, attempts, zones, slots, queueBound, seats, silenceBeforeCommit, silenceAfterEnd, elsewhere
        case firstCome, honestEnd, nothingFromOutside, usableOnly, progress, breakers, dwell, trials, load
        case policy, intents, outcomes, grants, localFirst, dayLimits, detour
    }

    struct Violation: CustomStringConvertible {
        let rule: Rule
        let at: Instant
        let what: String

        var description: String {
            "\(self.rule.rawValue) at \((self.at - WorldPlan.origin).inSeconds) s: \(self.what)"
        }
    }

    private(set) var violations: [Violation] = []
    var now = WorldPlan.origin

    mutating func check(_ rule: Rule, _ holds: Bool, _ what: @autoclosure () -> String) {
        if !holds { self.violations.append(Violation(rule: rule, at: self.now, what: what())) }
    }
}

/// One client with its request, and what the referee knows of it.
struct SimulatedRequest {
    enum Shown { case nothing, begun, over }

    let index: Int
    let id: RequestID
    let plan: WorldPlan.Request
    var machine: RequestMachine?
    /// What the client has got so far.
    var shown = Shown.nothing
    /// When it acted on what was true a while ago: a refusal that took its time, a seat that it never heard of.
    var wasBehindAt: Instant?
    /// How often it has asked the dispatcher.
    var orders = 0
    /// What it was told by the latest order, while it waits.
    var order: Dispatcher.Order?
    /// True from the dispatcher's queue until it hears of its seat.
    var isWaiting = false
    var attempted: [Seat] = []
    /// Seats for which the gate gave no grant.
    var ungranted: [Seat] = []
    /// When it arrived, and which local models could serve it then.
    var arrivedAt = WorldPlan.origin
    var able: [ModelName] = []
    /// The latest place outside that was weighed for it.
    var weighed: Weighed?
    /// The models of its first order: the queue that it may leave and comes back to.
    var firstModels: [ModelName]?
    /// True from the leaving of a queue until the request is back there.
    var isAway = false
    /// Its send outside that is under way.
    var departure: Int?
    /// The numbers of its intents.
    var intents: Set<Int> = []
    var transfer: Int?
    var sawTerminal = false
    var endings: [RequestMachine.Ending] = []
    /// Refused before it had a machine: unknown name, node closed.
    var isRefusedEarly = false

    var isOver: Bool { !self.endings.isEmpty || self.isRefusedEarly }
}

/// All that happens in one world, in words.
final class Trace {
    var lines: [String] = []
}
