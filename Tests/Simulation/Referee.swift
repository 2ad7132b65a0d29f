import Health
import Routing
import Vocabulary

/// Watches a world and notes whatever must never happen.
struct Referee {
    enum Rule: String, CaseIterable {
        case endsOnce, attempts, zones, slots, queueBound, seats, silenceBeforeCommit, silenceAfterEnd, elsewhere
        case firstCome, honestEnd, nothingFromOutside, usableOnly, progress, breakers, dwell, trials, load
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
    /// What it was told by the latest order, while it waits.
    var order: Dispatcher.Order?
    /// True from the dispatcher's queue until it hears of its seat.
    var isWaiting = false
    var attempted: [Seat] = []
    /// Seats for which the gate gave no grant.
    var ungranted: [Seat] = []
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

/// What happened in many worlds, to show that the rare is not merely imagined.
struct Tally: CustomStringConvertible {
    var worlds = 0
    var requests = 0
    var reasons: [Reason: Int] = [:]
    var retried = 0
    var rescued = 0
    var grants = 0
    var gateRefusals: [Reason: Int] = [:]
    var seatsThatCrossed = 0
    var waited = 0
    var breakerChanges: [Breaker.Label: Int] = [:]
    var earlyTrials = 0

    var description: String {
        let answered = self.reasons[.allowLocal, default: 0]
        return "\(self.worlds) worlds, \(self.requests) requests, \(answered) answered, \(self.retried) retried, "
            + "\(self.rescued) rescued by it, \(self.waited) waited, \(self.grants) grants, "
            + "\(self.seatsThatCrossed) seats crossed with an end, breakers: "
            + Breaker.Label.allCases.map { "\(self.breakerChanges[$0, default: 0]) \($0.rawValue)" }
            .joined(separator: ", ") + ", \(self.earlyTrials) early trials"
    }

    mutating func add(_ other: Tally) {
        self.worlds += other.worlds
        self.requests += other.requests
        self.reasons.merge(other.reasons, uniquingKeysWith: +)
        self.retried += other.retried
        self.rescued += other.rescued
        self.grants += other.grants
        self.gateRefusals.merge(other.gateRefusals, uniquingKeysWith: +)
        self.seatsThatCrossed += other.seatsThatCrossed
        self.waited += other.waited
        self.breakerChanges.merge(other.breakerChanges, uniquingKeysWith: +)
        self.earlyTrials += other.earlyTrials
    }
}
