import Health
import Vocabulary

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
    var slotsLost = 0
    var verdicts: [Reason: Int] = [:]
    /// Why requests have left.
    var triggers: [Trigger: Int] = [:]
    var detours = 0
    var noticesDropped = 0
    /// Requests that failed here and were answered outside, or the other way round.
    var rescuedOutside = 0
    /// Intents that were durable after nobody waited for them any more.
    var intentsGivenUp = 0
    var recountsThatMattered = 0

    var description: String {
        let answered = self.reasons[.allowLocal, default: 0]
        return "\(self.worlds) worlds, \(self.requests) requests, \(answered) answered, \(self.retried) retried, "
            + "\(self.rescued) rescued by it, \(self.waited) waited, \(self.grants) grants, "
            + "\(self.seatsThatCrossed) seats crossed with an end, breakers: "
            + Breaker.Label.allCases.map { "\(self.breakerChanges[$0, default: 0]) \($0.rawValue)" }
            .joined(separator: ", ")
            + ", \(self.earlyTrials) early trials, \(self.triggers.values.reduce(0, +)) left ("
            + Trigger.allCases.map { "\(self.triggers[$0, default: 0]) \($0.rawValue)" }.joined(separator: ", ")
            + "), \(self.verdicts.values.reduce(0, +)) verdicts, \(self.detours) detours, "
            + "\(self.slotsLost) lost slots"
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
        self.slotsLost += other.slotsLost
        self.verdicts.merge(other.verdicts, uniquingKeysWith: +)
        self.triggers.merge(other.triggers, uniquingKeysWith: +)
        self.detours += other.detours
        self.noticesDropped += other.noticesDropped
        self.rescuedOutside += other.rescuedOutside
        self.intentsGivenUp += other.intentsGivenUp
        self.recountsThatMattered += other.recountsThatMattered
    }
}
