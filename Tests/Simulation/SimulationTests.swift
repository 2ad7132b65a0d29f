import Foundation
import Health
import Testing
import Vocabulary

/// The machines together, in many small worlds made from seeds. A world that breaks a rule is named by its seed;
/// `GATEHOUSE_SEED=n swift test --filter Simulation` plays it again and prints all that happens in it.
@Suite(.serialized) struct SimulationTests {
    private static let seed = ProcessInfo.processInfo.environment["GATEHOUSE_SEED"].flatMap { UInt64($0) }

    /// So many worlds of one run are the same ones each time.
    private static let worldsMin = 2_000
    /// Further worlds, new ones each time, until so much time is spent.
    private static let time = Duration.seconds(60)
    /// The slow tier: so many worlds, whatever time they take.
    private static let worlds = ProcessInfo.processInfo.environment["GATEHOUSE_WORLDS"].flatMap { Int($0) }

    @Test(.enabled(if: Self.seed == nil)) func `worlds from seeds keep the rules`() throws {
        var tally = Tally()
        let clock = ContinuousClock()
        let until = clock.now + Self.time
        while tally.worlds < Self.worlds ?? Self.worldsMin || Self.worlds == nil && clock.now < until {
            let isFixed = tally.worlds < Self.worldsMin
            let seed = isFixed ? UInt64(tally.worlds) : UInt64.random(in: 1_000_000...UInt64(UInt32.max))
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
        #expect(tally.worlds >= Self.worldsMin)
        let endings: [Reason] = [
            .allowLocal, .upstreamRefused, .upstreamError, .upstreamBusy, .upstreamMalformed, .upstreamTruncated,
            .upstreamStalled, .upstreamFirstByteTimeout, .backendsUnavailable, .modelUnavailable, .modelUnknown,
            .remoteModel, .queueFull, .queueTimeout, .deadlineExceeded, .clientLeft, .clientTooSlow, .cancelled,
            .draining, .shutdown, .redirectRefused, .allowRule, .fallbackReply, .noMatchingAllow, .denyRule,
            .sensitivityTooHigh, .projectForbidden, .featureForbidden, .triggerForbidden, .timeForbidden,
            .backendForbidden, .limitBytes, .limitRate, .externalDeclined, .auditUnavailable, .upstreamCredentials,
            .tlsIdentity, .contextOverflow, .capabilityMissing, .dialectUnsupported,
        ]
        for reason in endings { #expect(tally.reasons[reason, default: 0] > 0, "no request ended as \(reason)") }
        for reason in [.allowRule] + endings where reason.isPolicyRefusal || reason == .allowRule {
            #expect(tally.verdicts[reason, default: 0] > 20, "the policy hardly ever said \(reason)")
        }
        for trigger in Trigger.allCases { #expect(tally.triggers[trigger, default: 0] > 10, "\(trigger)") }
        for reason: Reason in [.dnsNoAnswer, .grantInvalid, .auditUnavailable] {
            #expect(tally.gateRefusals[reason, default: 0] > 10, "\(reason)")
        }
        for state in Breaker.Label.allCases { #expect(tally.breakerChanges[state, default: 0] > 10, "\(state)") }
        #expect(tally.earlyTrials > 10 && tally.slotsLost > 5)
        #expect(tally.retried > 50 && tally.rescued > 50 && tally.waited > 200 && tally.seatsThatCrossed > 0)
        #expect(tally.rescuedOutside > 20 && tally.detours > 50 && tally.noticesDropped > 0)
        #expect(tally.recountsThatMattered > 20 && tally.intentsGivenUp > 20)
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
            (.saysYes, .policy), (.sendsUnrecorded, .intents), (.reusesNumbers, .intents),
            (.forgetsOutcomes, .outcomes), (.asksGateTooLate, .grants), (.passesLocalBy, .localFirst),
            (.forgetsDays, .dayLimits), (.strandsDetours, .detour),
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
