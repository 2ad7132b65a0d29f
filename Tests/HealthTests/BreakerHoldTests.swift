import Health
import Testing
import Vocabulary

@Suite struct BreakerHoldTests {
    private let start = Instant(nanoseconds: 1_000_000_000_000)

    @Test func `held open it lets nobody pass, not even a trial, until its time is over`() {
        var breaker = Breaker()
        let change = breaker.hold(open: true, until: self.start + .seconds(60))
        #expect(change?.to == .open && change?.cause == .held && change?.until == self.start + .seconds(60))
        #expect(!breaker.letsPass && !breaker.offersTrial && breaker.earlyTrialAt == nil)
        #expect(breaker.standing == .open(until: self.start + .seconds(60)))
        #expect(breaker.wakeAt == self.start + .seconds(60))
        let early = breaker.due(at: self.start + .seconds(59))
        #expect(early == nil)
        let over = breaker.due(at: self.start + .seconds(60))
        #expect(over?.to == .closed)
        #expect(breaker.letsPass && breaker.wakeAt == nil)
    }

    @Test func `held closed no failure opens it, and what was failing then does not count afterwards`() {
        var generator = SeededGenerator(seed: 1)
        var breaker = Breaker(options: .init(failures: 1))
        _ = breaker.hold(open: false, until: self.start + .seconds(60))
        let passes = (0..<10).map { _ in breaker.admit(at: self.start) }
        for pass in passes.dropLast() {
            let change = breaker.ended(pass, .failed, at: self.start, using: &generator)
            #expect(change == nil && breaker.letsPass)
        }
        let release = breaker.release()
        #expect(release?.cause == .holdOver)
        let straggler = breaker.ended(passes[9], .failed, at: self.start, using: &generator)
        #expect(straggler == nil && breaker.letsPass)
        let later = breaker.admit(at: self.start)
        let opening = breaker.ended(later, .failed, at: self.start, using: &generator)
        #expect(opening?.to == .open)
    }

    @Test func `what is not held is not let go`() {
        var breaker = Breaker()
        let change = breaker.release()
        #expect(change == nil)
    }

    @Test func `an open breaker that is held closed begins anew afterwards`() {
        var generator = SeededGenerator(seed: 1)
        var breaker = Breaker(options: .init(failures: 1))
        let pass = breaker.admit(at: self.start)
        _ = breaker.ended(pass, .failed, at: self.start, using: &generator)
        let change = breaker.hold(open: false, until: self.start + .seconds(5))
        #expect(change?.from == .open)
        #expect(breaker.letsPass)
        _ = breaker.due(at: self.start + .seconds(5))
        #expect(breaker.letsPass && breaker.label == .closed)
    }
}
