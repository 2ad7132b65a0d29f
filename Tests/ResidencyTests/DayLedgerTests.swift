import Testing
import Vocabulary

@testable import Residency

@Suite struct DayLedgerTests {
    private func wall(_ day: Int, _ hour: Int = 12) -> WallTime {
        WallTime(microseconds: Int64(day * 86_400 + hour * 3600) * 1_000_000)
    }

    @Test func `what leaves is counted by rule, and a new day begins with nothing`() {
        var ledger = DayLedger(clock: .utc)
        #expect(ledger.used(by: "r", at: self.wall(100)) == .init())
        ledger.reserve(rule: "r", bytes: 10, wall: self.wall(100))
        ledger.reserve(rule: "r", bytes: 20, wall: self.wall(100, 23))
        ledger.reserve(rule: "s", bytes: 1, wall: self.wall(100))
        #expect(ledger.used(by: "r", at: self.wall(100)) == .init(requests: 2, bytes: 30))
        #expect(ledger.used(by: "s", at: self.wall(100)) == .init(requests: 1, bytes: 1))
        #expect(ledger.used(by: "r", at: self.wall(101, 0)) == .init())
        ledger.reserve(rule: "s", bytes: 5, wall: self.wall(101, 0))
        #expect(ledger.used(by: "r", at: self.wall(101)) == .init())
        #expect(ledger.used(by: "s", at: self.wall(101)) == .init(requests: 1, bytes: 5))
    }

    @Test func `a clock that is set back gives no budget anew`() {
        var ledger = DayLedger(clock: .utc)
        ledger.reserve(rule: "r", bytes: 10, wall: self.wall(100))
        ledger.reserve(rule: "r", bytes: 10, wall: self.wall(99))
        #expect(ledger.used(by: "r", at: self.wall(99)) == .init(requests: 2, bytes: 20))
        #expect(ledger.used(by: "r", at: self.wall(100)) == .init(requests: 2, bytes: 20))
        #expect(ledger.used(by: "r", at: self.wall(-7)) == .init(requests: 2, bytes: 20))
    }

    @Test func `the day is that of the policy`() throws {
        let shanghai = try #require(PolicyClock("+08:00"))
        var ledger = DayLedger(clock: shanghai)
        ledger.reserve(rule: "r", bytes: 1, wall: self.wall(100, 15))
        #expect(ledger.used(by: "r", at: self.wall(100, 15)).requests == 1)
        #expect(ledger.used(by: "r", at: self.wall(100, 16)).requests == 0)
        // Another offset does not bring an earlier day.
        ledger.reserve(rule: "r", bytes: 1, wall: self.wall(100, 16))
        ledger.clock = .utc
        #expect(ledger.used(by: "r", at: self.wall(100, 16)).requests == 1)
    }

    @Test func `a ledger that is made of what has left is the one that was`() throws {
        for seed in 0..<50 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let clock = try #require(PolicyClock("-03:30"))
            var ledger = DayLedger(clock: clock)
            var departures: [DayLedger.Departure] = []
            var moment = self.wall(100, 0)
            for _ in 0..<40 {
                moment = moment + .seconds(Int.random(in: 0..<7200, using: &generator))
                let rule: RuleID = Bool.random(using: &generator) ? "r" : "s"
                departures.append(.init(rule: rule, bytes: Int.random(in: 0..<99, using: &generator), wall: moment))
                ledger.reserve(rule: rule, bytes: departures[departures.count - 1].bytes, wall: moment)
            }
            let again = DayLedger(clock: clock, departures: departures, at: moment)
            #expect(again == ledger, "seed \(seed)")
            // After the clock was set back, a restart goes on with the day that was reached.
            let back = DayLedger(clock: clock, departures: departures, at: self.wall(90))
            #expect(back == ledger, "seed \(seed)")
            #expect(back.used(by: "r", at: self.wall(90)) == ledger.used(by: "r", at: moment), "seed \(seed)")
        }
    }

    @Test func `sums stop at what an integer holds, and a negative length takes nothing off`() {
        var ledger = DayLedger(clock: .utc)
        ledger.reserve(rule: "r", bytes: .max, wall: self.wall(1))
        ledger.reserve(rule: "r", bytes: .max, wall: self.wall(1))
        ledger.reserve(rule: "r", bytes: -5, wall: self.wall(1))
        #expect(ledger.used(by: "r", at: self.wall(1)) == .init(requests: 3, bytes: .max))
    }

    @Test func `a rule for which there is no place left has spent its day`() throws {
        var ledger = DayLedger(clock: .utc)
        for number in 0..<(3 * Bounds.policyRules + 10) {
            ledger.reserve(rule: RuleID("r\(number)"), bytes: 1, wall: self.wall(1))
        }
        #expect(ledger.used(by: "r0", at: self.wall(1)) == .init(requests: 1, bytes: 1))
        let policy = try samplePolicy([.allow("new", limits: .init(requestsPerDay: 1_000_000))])
        #expect(
            Essence(policy.judge(sampleQuestion(), today: ledger, at: now, wall: self.wall(1)))
                == Essence(false, .limitRate, "new"))
        #expect(
            Essence(policy.judge(sampleQuestion(), today: ledger, at: now, wall: self.wall(2)))
                == Essence(true, .allowRule, "new"))
    }
}
