import Testing
import Vocabulary

@testable import Health

private let start = Instant.zero + .seconds(1000)

/// Plays one breaker on a clock of its own.
private struct Play {
    var breaker: Breaker
    var generator = SeededGenerator(seed: 1)
    var now = start
    var changes: [Breaker.Change] = []

    init(_ options: Breaker.Options = .init()) {
        self.breaker = Breaker(options: options)
    }

    mutating func end(_ pass: Breaker.Pass, _ outcome: Breaker.Outcome, mayOpenByRatio: Bool = true) {
        let change = self.breaker.ended(
            pass, outcome, mayOpenByRatio: mayOpenByRatio, at: self.now, using: &self.generator)
        if let change { self.changes.append(change) }
    }

    /// One request after the other, each ended at once.
    mutating func requests(_ outcomes: Breaker.Outcome..., times: Int = 1, mayOpenByRatio: Bool = true) {
        for _ in 0..<times {
            for outcome in outcomes where self.breaker.letsPass {
                self.end(self.breaker.admit(at: self.now), outcome, mayOpenByRatio: mayOpenByRatio)
            }
        }
    }

    /// Lets time pass, and tells the breaker when it wants to be told.
    mutating func wait(_ time: Duration) {
        let end = self.now + time
        while let wake = self.breaker.wakeAt, wake <= end {
            self.now = max(self.now, wake)
            if let change = self.breaker.due(at: self.now) { self.changes.append(change) }
            #expect(self.breaker.wakeAt.map { $0 > self.now } ?? true, "a wake that is over would spin")
        }
        self.now = end
    }

    var labels: [Breaker.Label] { self.changes.map(\.to) }
    var openTime: Duration? { self.changes.last?.until.map { $0 - self.now } }
}

struct `A breaker` {
    // MARK: Opening

    @Test(arguments: 1...7) func `opens at so many failures in a row, no earlier and no later`(failures: Int) {
        var play = Play(.init(failures: failures))
        for count in 1..<max(1, failures) {
            play.requests(.failed)
            #expect(play.breaker.letsPass, "after \(count)")
        }
        play.requests(.failed)
        #expect(play.labels == [.open] && play.changes[0].cause == .failuresInARow(failures))
    }

    @Test func `three connects in a row that fail open it, or fewer if the operator says fewer`() {
        var play = Play()
        play.requests(.connectFailed, .connectFailed)
        #expect(play.breaker.letsPass)
        play.requests(.connectFailed)
        #expect(play.changes.map(\.cause) == [.connectFailuresInARow(3)])
        var impatient = Play(.init(failures: 2))
        impatient.requests(.connectFailed, .connectFailed)
        #expect(impatient.changes.map(\.cause) == [.connectFailuresInARow(2)])
    }

    @Test(arguments: [Breaker.Outcome.success, .slow, .blamedOnModel])
    func `whatever was reached ends the rows`(outcome: Breaker.Outcome) {
        var play = Play()
        play.requests(
            .connectFailed, .connectFailed, outcome, .connectFailed, .connectFailed, outcome, .failed, .failed,
            .failed, .failed, outcome, .failed, .failed, .failed, .failed, mayOpenByRatio: false)
        #expect(play.changes.isEmpty)
    }

    @Test func `what says nothing neither counts nor ends a row`() {
        var play = Play()
        play.requests(.failed, .neutral, times: 4)
        #expect(play.breaker.letsPass)
        play.requests(.failed)
        #expect(play.labels == [.open])
        var quiet = Play()
        quiet.requests(.neutral, times: 10_000)
        #expect(quiet.changes.isEmpty)
    }

    /// Every way in which nine outcomes can be good or bad, and the tenth is bad.
    @Test func `half of ten outcomes open it, less does not`() {
        for bits in 0..<512 {
            var play = Play(.init(failures: 100))
            for place in 0..<9 { play.requests(bits >> place & 1 == 1 ? .failed : .success) }
            #expect(play.changes.isEmpty, "nine outcomes are too few")
            play.requests(.failed)
            let failures = bits.nonzeroBitCount + 1
            #expect(play.labels == (failures >= 5 ? [.open] : []), "\(failures) of 10")
            if failures >= 5 { #expect(play.changes[0].cause == .failureRatio(failures, of: 10)) }
        }
    }

    @Test(arguments: 1...10) func `eight slow ones of ten open it`(slow: Int) {
        var play = Play()
        play.requests(.success, times: 10 - slow)
        play.requests(.slow, times: slow)
        #expect(play.changes.map(\.cause) == (slow >= 8 ? [.slowRatio(slow, of: 10)] : []))
    }

    @Test func `what is older than the window no longer counts`() {
        var play = Play(.init(failures: 100))
        play.requests(.failed, times: 9)
        play.wait(.seconds(30))
        play.requests(.failed)
        #expect(play.changes.isEmpty)
        play.wait(.seconds(26))
        play.requests(.failed, times: 9)
        #expect(play.changes.map(\.cause) == [.failureRatio(10, of: 10)])
    }

    @Test func `no ratio opens it where too many others are open, a row does`() {
        var play = Play()
        play.requests(.failed, .success, times: 100, mayOpenByRatio: false)
        #expect(play.changes.isEmpty)
        play.requests(.failed, times: 5, mayOpenByRatio: false)
        #expect(play.labels == [.open] && !play.breaker.isOpenByRatio)
    }

    @Test func `stragglers change neither an open breaker nor one that has closed again`() {
        var play = Play()
        let passes = (0..<20).map { _ in play.breaker.admit(at: play.now) }
        for pass in passes[..<5] { play.end(pass, .failed) }
        for pass in passes[5..<10] { play.end(pass, .success) }
        #expect(play.labels == [.open])
        play.wait(.seconds(20))
        play.requests(.success, .success)
        #expect(play.labels == [.open, .halfOpen, .closed])
        for pass in passes[10...] { play.end(pass, .connectFailed) }
        #expect(play.breaker.letsPass && play.changes.count == 3)
    }

    // MARK: How long

    @Test func `each failed trial doubles the time, up to two minutes, with a fifth of chance`() {
        for seed in UInt64(0)..<50 {
            var play = Play(.init(openFor: .seconds(5)))
            play.generator = SeededGenerator(seed: seed)
            play.requests(.failed, times: 5)
            for expected in [5.0, 10, 20, 40, 80, 120, 120, 120] {
                let time = play.openTime?.inSeconds ?? 0
                #expect(time >= expected * 0.8 && time <= expected * 1.2, "\(time) s for \(expected) s")
                play.wait(play.openTime ?? .zero)
                play.requests(.failed)
            }
        }
    }

    @Test func `each minute closed takes a step off the next opening`() {
        for minutes in 0...4 {
            var play = Play()
            play.requests(.failed, times: 5)
            for _ in 0..<2 {
                play.wait(play.openTime ?? .zero)
                play.requests(.failed)
            }
            play.wait(play.openTime ?? .zero)
            play.requests(.success, .success)
            play.wait(.seconds(60 * minutes + 30))
            play.requests(.failed, times: 5)
            let expected = [80.0, 40, 20, 10, 10][minutes]
            let time = play.openTime?.inSeconds ?? 0
            #expect(time >= expected * 0.8 && time <= expected * 1.2, "\(time) s after \(minutes) min")
        }
    }

    @Test func `a first time beyond the bound is the operator's word`() {
        var play = Play(.init(openFor: .seconds(600)))
        play.requests(.failed, times: 5)
        play.wait(play.openTime ?? .zero)
        play.requests(.failed)
        let time = play.openTime?.inSeconds ?? 0
        #expect(time >= 480 && time <= 720)
    }

    @Test func `a clock that has gone far ahead opens, tries and closes as any other`() {
        for ahead in [Duration.seconds(3600), .seconds(86_400 * 366 * 200), .nanoseconds(Int64.max)] {
            var play = Play()
            play.requests(.failed, times: 4)
            play.now = play.now + ahead
            play.requests(.failed)
            #expect(play.labels == [.open], "the row has no end in time")
            let change = play.breaker.due(at: play.now + .nanoseconds(Int64.max))
            #expect(change?.to == .halfOpen)
            play.requests(.success, .success)
            #expect(play.breaker.label == .closed)
        }
    }

    @Test func `a backend that flaps is open ever longer`() {
        var play = Play(.init(openFor: .seconds(5)))
        var attempts = 0
        let end = play.now + .seconds(600)
        while play.now < end {
            if play.breaker.letsPass {
                attempts += 1
                // Well in every other second.
                let isWell = (play.now - start).nanoseconds / 1_000_000_000 % 2 == 0
                play.requests(isWell ? .success : .failed)
            }
            play.wait(.milliseconds(100))
        }
        // Ten a second would be 6,000: it is asked while it is closed, which is ever more seldom.
        #expect(attempts < 1500, "\(attempts) attempts")
        let openings = play.labels.count { $0 == .open }
        #expect(openings < 40, "\(openings) openings")
    }
}
