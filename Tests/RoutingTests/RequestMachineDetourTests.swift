import Testing
import Vocabulary

@testable import Routing

/// A wait that is too long: looking elsewhere, and coming back to the old turn.
@Suite struct RequestMachineDetourTests {
    private static let way: [Rung] = [.local(["a:latest"]), .external("cloud", "m-large"), .reply("come again")]
    private let cloud = Seat(request: id(1), backend: "cloud", model: "m-large", isExternal: true)

    private func queued(_ rungs: [Rung], predicted: Duration? = nil, deadline: Instant? = nil) -> MachineReferee {
        var referee = machine(climbing: rungs, deadline: deadline)
        referee.wait = .queued
        referee.take(referee.machine.queued(predictedWait: predicted, at: start))
        return referee
    }

    @Test(arguments: [nil, Duration.zero, .seconds(30)])
    func `a wait within the target is waited, and looked at again at the target`(predicted: Duration?) {
        let referee = self.queued(Self.way, predicted: predicted)
        #expect(referee.last == [.awaitSeat(until: start + .seconds(30))])
    }

    @Test func `a wait that is predicted to be longer is not begun`() {
        let referee = self.queued(Self.way, predicted: .seconds(30) + .nanoseconds(1))
        #expect(referee.last == [.leaveQueue, .weigh("cloud", "m-large", .localSaturated)])
    }

    @Test func `at the target the request looks elsewhere`() {
        var referee = self.queued(Self.way)
        referee.play(.queueWaitOver, at: start + .seconds(30))
        #expect(referee.last == [.leaveQueue, .weigh("cloud", "m-large", .localTimeout)])
    }

    @Test(arguments: [MachineEvent.denied, .unfit, .allowed])
    func `who finds nobody comes back to the old turn, waits, and goes away no more`(event: MachineEvent) {
        var referee = self.queued(Self.way)
        referee.play(.queueWaitOver, event, at: start + .seconds(30))
        if event == .allowed { referee.play(.refused, at: start + .seconds(30)) }
        #expect(referee.latestOrder?.models == ["a:latest"] && referee.latestOrder?.arrivedAt == start)
        #expect(referee.latestOrder?.isContinued == true && referee.latestOrder?.external == nil)
        referee.play(.queuedLong, at: start + .seconds(30))
        #expect(referee.last == [.awaitSeat(until: start + .seconds(300))])
        referee.play(.queueWaitOver, at: start + .seconds(31))  // A timer of the first wait.
        #expect(referee.last.isEmpty)
        referee.play(.seated, .head200, .terminal, .completed, at: start + .seconds(100))
        #expect(referee.ending?.reason == .allowLocal)
        #expect(referee.ending?.timings.queued == .seconds(100))
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `who fails outside comes back, and may be served here`() {
        var referee = self.queued(Self.way, predicted: .seconds(60))
        referee.play(.allowed, .seated, .intentRecorded, .head500, .completed)
        #expect(referee.latestOrder?.external == nil)
        #expect(referee.latestOrder?.excluding == [Exclusion(backend: "cloud", model: "m-large")])
        referee.play(.seated)
        #expect(referee.last.contains { if case .attempt(_, 2) = $0 { true } else { false } })
        referee.play(.head200, .terminal, .completed)
        #expect(referee.ending?.reason == .allowLocal && referee.ending?.attempts == 2)
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `the intent of a detour may fail, and the request comes back`() {
        var referee = self.queued(Self.way, predicted: .seconds(60))
        referee.play(.allowed, .seated, .auditFailed)
        #expect(referee.latestOrder?.models == ["a:latest"])
        referee.play(.queued)
        referee.play(.queueWaitOver, at: start + .seconds(300))
        #expect(referee.reply == "come again" && referee.ending?.attempts == 0)
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `where only a reply is above, the request waits: an answer is better`() {
        let way: [Rung] = [.local(["a:latest"]), .reply("come again")]
        var referee = self.queued(way, predicted: .seconds(3_600))
        #expect(referee.last == [.awaitSeat(until: start + .seconds(300))])
        referee.play(.queueWaitOver, at: start + .seconds(300))
        #expect(referee.last == [.leaveQueue, .reply("come again"), .end(referee.ending!)])
    }

    @Test func `the caller's own patience is shorter than the target`() {
        var referee = self.queued(Self.way.dropLast(), deadline: start + .seconds(10))
        #expect(referee.last == [.awaitSeat(until: start + .seconds(10))])
        referee.play(.queueWaitOver, at: start + .seconds(10))
        #expect(referee.ending?.reason == .queueTimeout && referee.ending?.status == 429)
    }

    private static let smaller: [Rung] = [
        .local(["a:latest"]), .local(["b:latest", "a:latest"]), .external("cloud", "m-large"),
    ]

    @Test func `who goes on to a smaller model keeps its turn for the larger`() {
        var referee = self.queued(Self.smaller, predicted: .seconds(60))
        #expect(referee.last.first == .leaveQueue)
        #expect(referee.latestOrder?.models == ["a:latest", "b:latest"] && referee.latestOrder?.arrivedAt == start)
        referee.play(.queued)
        #expect(referee.last == [.awaitSeat(until: start + .seconds(30))])
        referee.play(.queueWaitOver, at: start + .seconds(30))
        #expect(referee.last == [.leaveQueue, .weigh("cloud", "m-large", .localTimeout)])
        referee.play(.denied, at: start + .seconds(30))
        #expect(referee.latestOrder?.models == ["a:latest", "b:latest"] && referee.latestOrder?.arrivedAt == start)
        referee.play(.queuedLong)
        #expect(referee.last == [.awaitSeat(until: start + .seconds(300))])
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `the last backend may be one with a smaller model`() {
        var referee = self.queued(Self.smaller.dropLast(), predicted: .seconds(60))
        #expect(referee.latestOrder?.models == ["a:latest", "b:latest"])
        referee.play(.queuedLong)
        #expect(referee.last == [.awaitSeat(until: start + .seconds(300))])
        referee.play(.queueWaitOver, at: start + .seconds(300))
        #expect(referee.failure?.message.hasPrefix("no slot for a:latest, b:latest became free within 300 s") == true)
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `what the operator sets is the target`() {
        var limits = RequestMachine.Limits()
        limits.queueTarget = .seconds(5)
        var referee = machine(climbing: Self.way, limits: limits)
        referee.play(.queued)
        #expect(referee.last == [.awaitSeat(until: start + .seconds(5))])
    }

    @Test func `a backend that goes while the request waits sends it up`() {
        var referee = self.queued(Self.way)
        referee.play(.refused, at: start + .seconds(3))
        #expect(referee.last == [.weigh("cloud", "m-large", .localDown)])
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }
}
