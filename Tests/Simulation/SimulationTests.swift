import Foundation
import Health
import Testing
import Vocabulary

/// The machines together, in many small worlds made from seeds. A world that breaks a rule is named by its seed;
/// `GATEHOUSE_SEED=n swift test --filter Simulation` plays it again and prints all that happens in it.
@Suite(.serialized) struct SimulationTests {
    private static let seed = ProcessInfo.processInfo.environment["GATEHOUSE_SEED"].flatMap { UInt64($0) }

    /// The least number of worlds of one run, the same ones each time.
    private static let worldsMin = 2_000
    /// Further worlds, new ones each time, until so much time is spent.
    private static let time = Duration.seconds(30)
    private static let shards = 4

    @Test(.enabled(if: Self.seed == nil), arguments: 0..<Self.shards)
    func `worlds from seeds keep the rules`(shard: Int) async throws {
        var tally = Tally()
        let clock = ContinuousClock()
        let until = clock.now + Self.time / Self.shards
        var fixed = stride(from: shard, to: Self.worldsMin, by: Self.shards).makeIterator()
        while true {
            let next = fixed.next().map { UInt64($0) }
            if next == nil, clock.now > until { break }
            let seed = next ?? UInt64.random(in: 1_000_000...UInt64(UInt32.max))
            var world = try World(seed: seed)
            world.run()
            tally.add(world.tally)
            if let violation = world.referee.violations.first {
                Issue.record("\(violation)\nreplay with: GATEHOUSE_SEED=\(seed) swift test --filter Simulation")
                break
            }
        }
        print("simulation: \(tally)")
        self.expectVariety(tally)
    }

    /// A simulation in which nothing happens proves nothing.
    private func expectVariety(_ tally: Tally) {
        #expect(tally.worlds >= Self.worldsMin / Self.shards)
        let expected: [Reason] = [
            .allowLocal, .upstreamRefused, .upstreamError, .upstreamBusy, .upstreamMalformed, .upstreamTruncated,
            .upstreamStalled, .upstreamFirstByteTimeout, .backendsUnavailable, .modelUnavailable, .modelUnknown,
            .remoteModel, .queueFull, .queueTimeout, .deadlineExceeded, .clientLeft, .clientTooSlow, .cancelled,
            .draining, .shutdown, .redirectRefused,
        ]
        for reason in expected { #expect(tally.reasons[reason, default: 0] > 0, "no request ended as \(reason)") }
        #expect(tally.gateRefusals[.dnsNoAnswer, default: 0] > 0)
        for state in Breaker.Label.allCases { #expect(tally.breakerChanges[state, default: 0] > 10, "\(state)") }
        #expect(tally.earlyTrials > 10)
        #expect(tally.retried > 50 && tally.rescued > 50 && tally.waited > 200 && tally.seatsThatCrossed > 0)
    }

    @Test(.enabled(if: Self.seed != nil)) func `the world of the given seed`() throws {
        var world = try World(seed: try #require(Self.seed), traced: true)
        world.run()
        // In one write, so that the test library, which writes to the other stream, tears few of its lines.
        FileHandle.standardOutput.write(Data(((world.trace?.lines ?? []).joined(separator: "\n") + "\n").utf8))
        for violation in world.referee.violations { Issue.record("\(violation)") }
    }

    @Test(.enabled(if: Self.seed == nil)) func `the same seed is the same world, to the last event`() throws {
        for seed in UInt64(1)...20 {
            var first = try World(seed: seed, traced: true)
            var second = try World(seed: seed, traced: true)
            first.run()
            second.run()
            #expect(first.trace?.lines == second.trace?.lines)
            #expect(first.trace?.lines.isEmpty == false)
        }
    }

    @Test(
        .enabled(if: Self.seed == nil),
        arguments: [
            (Sabotage.keepsSeats, Referee.Rule.seats), (.grantsWithoutGate, .zones),
            (.relaysHeldBytes, .silenceBeforeCommit), (.runsOnAfterCancel, .seats), (.forgetsExclusions, .elsewhere),
            (.raisesSlots, .slots), (.raisesQueueBound, .queueBound), (.lastComeFirst, .firstCome),
            (.finishesBrokenAnswers, .honestEnd), (.forgetsRequests, .endsOnce), (.ignoresQuarantine, .usableOnly),
            (.wakesBreakersEarly, .dwell), (.wakesBreakersEarly, .trials), (.retriesWithoutBudget, .load),
        ])
    func `a shell that does wrong is found out`(sabotage: Sabotage, rule: Referee.Rule) throws {
        for seed in UInt64(0)..<400 {
            var world = try World(seed: seed, sabotage: sabotage)
            world.run()
            if world.referee.violations.contains(where: { $0.rule == rule }) { return }
        }
        Issue.record("nobody noticed in 400 worlds")
    }

    @Test func `the event queue keeps time, and order at one time`() {
        var queue = EventQueue<Int>()
        var dice = Dice(generator: SeededGenerator(seed: 3))
        var expected: [(Instant, Int)] = []
        for number in 0..<500 {
            let time = dice.time(upTo: 2)
            queue.schedule(number, at: time)
            expected.append((time, number))
        }
        expected.sort { $0 < $1 }
        for entry in expected {
            let next = queue.next()
            #expect(next?.time == entry.0 && next?.event == entry.1)
        }
        let end = queue.next()
        #expect(end == nil)
    }
}
