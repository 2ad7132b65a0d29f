import Health
import Testing
import Vocabulary

@Suite struct BreakerKeyTests {
    @Test func `a refused key opens at once and for long, and a new start ends it`() {
        var generator = SeededGenerator(seed: 1)
        let start = Instant(nanoseconds: 1_000_000_000_000)
        var breaker = Breaker(options: .init(failures: 5))
        let pass = breaker.admit(at: start)
        let change = breaker.ended(pass, .keyRefused, at: start, using: &generator)
        #expect(change?.to == .open && change?.cause == .keyRefused && change?.until == start + .seconds(300))
        // Nobody is sent to find out early: the answer would be the same.
        #expect(breaker.earlyTrialAt == start + .seconds(300))
        _ = breaker.due(at: start + .seconds(300))
        let trial = breaker.admit(at: start + .seconds(300))
        let again = breaker.ended(trial, .keyRefused, at: start + .seconds(301), using: &generator)
        #expect(again?.until == start + .seconds(601))
        breaker.renew()
        #expect(breaker.letsPass)
    }
}
