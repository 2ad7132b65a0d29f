import Testing
import Vocabulary

@testable import Residency

/// A day's limits after a restart, whatever has been done to the clock (L35 of `residency.md` A6).
@Suite struct DayLedgerRestartTests {
    private func day(_ day: Int64, hour: Int64 = 12) -> WallTime {
        WallTime(microseconds: (day * 24 + hour) * 3_600_000_000)
    }

    private func gone(_ days: Int64...) -> [DayLedger.Departure] {
        days.map { DayLedger.Departure(rule: "r", bytes: 10, wall: self.day($0)) }
    }

    @Test func `what left today counts, and what left before does not`() {
        let ledger = DayLedger(clock: .utc, departures: self.gone(9, 10, 10), at: self.day(10))
        #expect(ledger.used(by: "r", at: self.day(10)) == DayLedger.Use(requests: 2, bytes: 20))
        #expect(ledger.used(by: "r", at: self.day(11)) == DayLedger.Use())
        let later = DayLedger(clock: .utc, departures: self.gone(9), at: self.day(10))
        #expect(later.used(by: "r", at: self.day(10)) == DayLedger.Use())
    }

    @Test func `a clock that is set back over the restart gives nothing anew, also when it is right again`() {
        let ledger = DayLedger(clock: .utc, departures: self.gone(10), at: self.day(8))
        for day in [Int64(8), 9, 10] {
            #expect(ledger.used(by: "r", at: self.day(day)) == DayLedger.Use(requests: 1, bytes: 10), "\(day)")
        }
        #expect(ledger.used(by: "r", at: self.day(11)) == DayLedger.Use())
    }

    @Test func `a ledger that was made anew is the one that lived on`() {
        for days in [[Int64(10), 10, 11], [11, 10, 10], [10, 12, 11, 12], [10, 9, 8, 11, 10]] {
            var lived = DayLedger(clock: .utc)
            for day in days { lived.reserve(rule: "r", bytes: 10, wall: self.day(day)) }
            let departures = days.map { DayLedger.Departure(rule: "r", bytes: 10, wall: self.day($0)) }
            let anew = DayLedger(clock: .utc, departures: departures, at: self.day(days.last ?? 0))
            for day in Int64(7)...13 {
                #expect(
                    anew.used(by: "r", at: self.day(day)) == lived.used(by: "r", at: self.day(day)), "\(days) \(day)")
            }
        }
    }
}
