import Testing
import Vocabulary

@testable import Health

struct `Trials` {
    private static let start = Instant.zero + .seconds(1000)

    /// A breaker that has just become half open, and the time.
    private func halfOpen(trials: Int = 2) -> (Breaker, Instant, SeededGenerator) {
        var generator = SeededGenerator(seed: 7)
        var breaker = Breaker(options: .init(trials: trials))
        for _ in 0..<5 {
            let pass = breaker.admit(at: Self.start)
            _ = breaker.ended(pass, .failed, at: Self.start, using: &generator)
        }
        let now = breaker.wakeAt ?? Self.start
        let change = breaker.due(at: now)
        #expect(change?.from == .open && change?.to == .halfOpen)
        return (breaker, now, generator)
    }

    @Test func `an open breaker stays open until its time, and wakes early for nothing`() {
        var generator = SeededGenerator(seed: 1)
        var breaker = Breaker()
        for _ in 0..<5 {
            let pass = breaker.admit(at: Self.start)
            _ = breaker.ended(pass, .failed, at: Self.start, using: &generator)
        }
        guard case .open(let until) = breaker.standing else {
            Issue.record("\(breaker.standing)")
            return
        }
        let early = breaker.due(at: until - .nanoseconds(1))
        #expect(early == nil && !breaker.letsPass && breaker.wakeAt == until)
    }

    @Test func `there is one trial at a time, and as many good ones close it as are asked for`() {
        for trials in 1...4 {
            var (breaker, now, generator) = self.halfOpen(trials: trials)
            for number in 1...trials {
                #expect(breaker.standing == .offersTrial)
                let pass = breaker.admit(at: now)
                #expect(pass.isTrial && breaker.standing == .awaitsTrial && !breaker.letsPass)
                let change = breaker.ended(pass, .success, at: now, using: &generator)
                #expect((change?.to == .closed) == (number == trials))
            }
            #expect(breaker.label == .closed && !breaker.admit(at: now).isTrial)
        }
    }

    @Test(arguments: [Breaker.Outcome.failed, .connectFailed, .blamedOnModel])
    func `whatever fails opens it again, also after a good one`(outcome: Breaker.Outcome) {
        for before in 0...1 {
            var (breaker, now, generator) = self.halfOpen()
            for _ in 0..<before {
                let pass = breaker.admit(at: now)
                _ = breaker.ended(pass, .success, at: now, using: &generator)
            }
            let pass = breaker.admit(at: now)
            let change = breaker.ended(pass, outcome, at: now, using: &generator)
            #expect(change?.to == .open && change?.cause == .trialFailed)
        }
    }

    @Test func `a trial that says nothing makes room for the next`() {
        var (breaker, now, generator) = self.halfOpen()
        for _ in 0..<10 {
            let pass = breaker.admit(at: now)
            let change = breaker.ended(pass, .neutral, at: now, using: &generator)
            #expect(change == nil && breaker.standing == .offersTrial)
        }
    }

    @Test func `after a minute a trial is waited for no longer, and its outcome still counts`() {
        for outcome in [Breaker.Outcome.success, .failed] {
            var (breaker, now, generator) = self.halfOpen()
            let first = breaker.admit(at: now)
            #expect(breaker.wakeAt == now + .seconds(60))
            _ = breaker.due(at: now + .seconds(59))
            #expect(breaker.standing == .awaitsTrial)
            now = now + .seconds(60)
            _ = breaker.due(at: now)
            #expect(breaker.standing == .offersTrial)
            let second = breaker.admit(at: now)
            #expect(second != first && breaker.standing == .awaitsTrial)
            let change = breaker.ended(first, outcome, at: now, using: &generator)
            switch outcome {
            case .success:
                #expect(change == nil && breaker.standing == .awaitsTrial, "the second is still out")
                let last = breaker.ended(second, .success, at: now, using: &generator)
                #expect(last?.to == .closed)
            default:
                #expect(change?.to == .open)
                let last = breaker.ended(second, .success, at: now, using: &generator)
                #expect(last == nil && breaker.label == .open, "it belongs to the time before")
            }
        }
    }

    /// Every course of up to six steps of ask, good end, bad end, silent end and time: never two trials at once.
    @Test func `every short course keeps to one trial`() {
        let steps = 5
        for course in 0..<15_625 {
            var (breaker, now, generator) = self.halfOpen()
            var out: [(pass: Breaker.Pass, since: Instant)] = []
            var rest = course
            for _ in 0..<6 {
                switch rest % steps {
                case 0 where breaker.letsPass:
                    let live = out.count { $0.pass.isTrial && now - $0.since < Breaker.trialLease }
                    let pass = breaker.admit(at: now)
                    #expect(!pass.isTrial || live == 0, "course \(course)")
                    out.append((pass, now))
                case 1 where !out.isEmpty:
                    _ = breaker.ended(out.removeFirst().pass, .success, at: now, using: &generator)
                case 2 where !out.isEmpty:
                    _ = breaker.ended(out.removeFirst().pass, .failed, at: now, using: &generator)
                case 3 where !out.isEmpty:
                    _ = breaker.ended(out.removeFirst().pass, .neutral, at: now, using: &generator)
                case 4:
                    now = now + .seconds(40)
                    _ = breaker.due(at: now)
                default: break
                }
                rest /= steps
            }
        }
    }

    // MARK: Early trials

    private func open(_ generator: inout SeededGenerator) -> Breaker {
        var breaker = Breaker(options: .init(openFor: .seconds(60)))
        for _ in 0..<5 {
            let pass = breaker.admit(at: Self.start)
            _ = breaker.ended(pass, .failed, at: Self.start, using: &generator)
        }
        return breaker
    }

    @Test func `early trials come a second apart, and failed ones change nothing`() {
        var generator = SeededGenerator(seed: 3)
        var breaker = self.open(&generator)
        let until = breaker.wakeAt
        var now = Self.start
        for _ in 0..<20 {
            #expect(breaker.earlyTrialAt == now + .seconds(1))
            now = now + .seconds(1)
            let pass = breaker.admit(at: now)
            #expect(pass.isTrial && breaker.earlyTrialAt == now + .seconds(60), "one at a time")
            let change = breaker.ended(pass, .connectFailed, at: now, using: &generator)
            #expect(change == nil && breaker.wakeAt == until)
        }
    }

    @Test func `a good early trial is the first of those that close`() {
        var generator = SeededGenerator(seed: 3)
        var breaker = self.open(&generator)
        let now = Self.start + .seconds(1)
        let first = breaker.admit(at: now)
        let change = breaker.ended(first, .success, at: now, using: &generator)
        #expect(change?.from == .open && change?.to == .halfOpen)
        let second = breaker.admit(at: now)
        let last = breaker.ended(second, .success, at: now, using: &generator)
        #expect(last?.to == .closed)
    }

    @Test func `an early trial that is out when the time is over is the trial`() {
        var generator = SeededGenerator(seed: 3)
        var breaker = self.open(&generator)
        guard let until = breaker.wakeAt else { return }
        let pass = breaker.admit(at: until - .milliseconds(10))
        _ = breaker.due(at: until)
        #expect(breaker.standing == .awaitsTrial)
        _ = breaker.ended(pass, .neutral, at: until, using: &generator)
        #expect(breaker.standing == .offersTrial)
    }

    @Test func `a request that nobody let pass traps`() async {
        await #expect(processExitsWith: .failure) {
            var (breaker, now, _) = Trials().halfOpen()
            _ = breaker.admit(at: now)
            _ = breaker.admit(at: now)
        }
    }
}

struct `Pauses` {
    private static let start = Instant.zero + .seconds(1000)
    private var generator = SeededGenerator(seed: 5)

    private mutating func busy(_ breaker: inout Breaker, _ retryAfter: Duration?, at now: Instant) -> Duration? {
        let pass = breaker.admit(at: now)
        _ = breaker.ended(pass, .busy(retryAfter: retryAfter), at: now, using: &self.generator)
        guard case .throttled(let until) = breaker.standing else { return nil }
        return until - now
    }

    @Test(arguments: [(1, 1), (7, 7), (300, 300), (301, 300), (86_400, 300), (0, 1), (-5, 1)])
    mutating func `a pause is as long as the server asks, from a second to five minutes`(asked: Int, given: Int) {
        var breaker = Breaker()
        #expect(self.busy(&breaker, .seconds(asked), at: Self.start) == .seconds(given))
        let change = breaker.due(at: Self.start + .seconds(given))
        #expect(change?.to == .closed && breaker.letsPass)
    }

    @Test mutating func `without a word it is a second, and twice as long each time, up to a minute`() {
        var breaker = Breaker()
        var now = Self.start
        for expected in [1.0, 2, 4, 8, 16, 32, 60, 60] {
            let time = self.busy(&breaker, nil, at: now) ?? .zero
            #expect(time.inSeconds >= expected * 0.8 && time.inSeconds <= expected * 1.2)
            now = now + time
            _ = breaker.due(at: now)
        }
        let pass = breaker.admit(at: now)
        _ = breaker.ended(pass, .success, at: now, using: &self.generator)
        #expect((self.busy(&breaker, nil, at: now)?.inSeconds ?? 0) <= 1.2, "a success begins anew")
    }

    @Test mutating func `those on their way when the pause began make it no longer, unless they ask for it`() {
        var breaker = Breaker()
        let passes = (0..<10).map { _ in breaker.admit(at: Self.start) }
        for pass in passes[..<8] {
            _ = breaker.ended(pass, .busy(retryAfter: nil), at: Self.start, using: &self.generator)
        }
        #expect((breaker.wakeAt ?? .zero) <= Self.start + .milliseconds(1200))
        _ = breaker.ended(passes[8], .busy(retryAfter: .seconds(9)), at: Self.start, using: &self.generator)
        #expect(breaker.wakeAt == Self.start + .seconds(9))
        _ = breaker.ended(passes[9], .busy(retryAfter: .seconds(2)), at: Self.start, using: &self.generator)
        #expect(breaker.wakeAt == Self.start + .seconds(9))
    }

    @Test mutating func `a pause is no failure, and failures behind it still open`() {
        var breaker = Breaker()
        var now = Self.start
        for _ in 0..<100 {
            _ = self.busy(&breaker, .seconds(1), at: now)
            now = now + .seconds(1)
            let change = breaker.due(at: now)
            #expect(change?.to == .closed)
        }
        let passes = (0..<6).map { _ in breaker.admit(at: now) }
        _ = breaker.ended(passes[5], .busy(retryAfter: nil), at: now, using: &self.generator)
        for pass in passes[..<5] { _ = breaker.ended(pass, .failed, at: now, using: &self.generator) }
        #expect(breaker.label == .open)
    }

    @Test mutating func `a trial that meets a busy server leaves it open for as long as it asks`() {
        var breaker = Breaker()
        var now = Self.start
        for _ in 0..<5 {
            let pass = breaker.admit(at: now)
            _ = breaker.ended(pass, .failed, at: now, using: &self.generator)
        }
        now = breaker.wakeAt ?? now
        _ = breaker.due(at: now)
        let trial = breaker.admit(at: now)
        let change = breaker.ended(trial, .busy(retryAfter: .seconds(3)), at: now, using: &self.generator)
        #expect(change?.to == .open && breaker.wakeAt == now + .seconds(3))
        now = now + .seconds(3)
        _ = breaker.due(at: now)
        let next = breaker.admit(at: now)
        let reopened = breaker.ended(next, .failed, at: now, using: &self.generator)
        let time = (reopened?.until).map { ($0 - now).inSeconds } ?? 0
        #expect(time >= 16 && time <= 24, "the second failure, not the third")
    }

    @Test func `a server that is another now begins closed, and what is told of the old one is old`() {
        var generator = SeededGenerator(seed: 1)
        var breaker = Breaker(options: .init(failures: 1))
        let early = (0..<3).map { _ in breaker.admit(at: Self.start) }
        _ = breaker.ended(early[0], .failed, at: Self.start, using: &generator)
        breaker.renew()
        #expect(breaker.letsPass && breaker.options.failures == 1)
        for pass in early { _ = breaker.ended(pass, .failed, at: Self.start, using: &generator) }
        #expect(breaker.letsPass)
    }

    @Test func `every state and cause has its words`() {
        #expect(Breaker.Label.allCases.map(\.rawValue) == ["closed", "half_open", "open", "throttled"])
        #expect(Set(Breaker.Label.allCases.map(\.number)).count == 4)
        #expect(Breaker.Cause.failuresInARow(5).sentence == "5 requests in a row failed")
        #expect(Breaker.Cause.connectFailuresInARow(1).sentence == "1 request could not connect")
    }
}
