import Testing
import Vocabulary

@testable import Routing

/// Whatever the order of events: ended once, nothing left behind, nothing told twice.
@Suite struct RequestMachineOrderTests {
    /// Every sequence of the common events up to this length, about 200,000 for each way of holding; longer ones by
    /// chance below.
    private static let depth = 10

    @Test(arguments: [Holding.stream, .whole])
    func `every order of events keeps the rules`(holding: Holding) {
        #expect(self.explored(machine(["a:latest", "b:latest"], holding: holding), depth: Self.depth) > 100_000)
    }

    /// Each rung has its own questions, so that a way with three is already wide.
    @Test(arguments: [Holding.stream, .whole])
    func `every order of events on a way up keeps the rules`(holding: Holding) {
        let rungs: [Rung] = [.local(["a:latest"]), .external("cloud", "m-large"), .external("far", "m-far")]
        let reply: [Rung] = holding == .stream ? [.reply("come again")] : []
        #expect(self.explored(climbing(rungs + reply, holding), depth: Self.depth) > 20_000)
    }

    /// A first token is always due here, so that its timer may end every attempt.
    private func climbing(_ rungs: [Rung], _ holding: Holding) -> MachineReferee {
        var limits = RequestMachine.Limits()
        limits.firstToken.warm = .zero
        limits.firstToken.cold = .zero
        limits.firstToken.external = .zero
        return machine(climbing: rungs, holding: holding, limits: limits)
    }

    /// Plays every sequence of events up to `depth`, and counts the lives that have ended.
    private func explored(_ beginning: MachineReferee, depth: Int) -> Int {
        var ended = 0
        let full = depth - 2
        var path: [MachineEvent] = []
        func explore(_ referee: MachineReferee, _ depth: Int) {
            if !referee.faults.isEmpty {
                Issue.record("\(path): \(referee.faults)")
                return
            }
            if referee.ending != nil { ended += 1 }
            if depth == 0 { return }
            let events = referee.possible(all: depth >= full)
            #expect(!events.isEmpty || referee.ending != nil, "\(path): nothing can happen any more")
            for event in events {
                var next = referee
                path.append(event)
                next.play(event, at: start + .seconds(path.count))
                explore(next, depth - 1)
                path.removeLast()
            }
        }
        explore(beginning, depth)
        return ended
    }

    @Test(arguments: 1...20)
    func `long lives by chance keep the rules and end`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        for round in 0..<1_000 {
            let holding: Holding = Bool.random(using: &generator) ? .stream : .whole
            var referee =
                round.isMultiple(of: 2)
                ? machine(["a:latest", "b:latest"], holding: holding)
                : climbing(Bool.random(using: &generator) ? ladder : ladder.dropLast(), holding)
            var path: [MachineEvent] = []
            while let event = referee.possible(all: true).randomElement(using: &generator), path.count < 200 {
                path.append(event)
                referee.play(event, at: start + .seconds(path.count))
            }
            #expect(referee.faults.isEmpty, "\(path): \(referee.faults)")
            #expect(referee.ending != nil, "\(path): no end")
            #expect((referee.ending?.attempts ?? 9) <= Bounds.attemptsPerRequest)
            #expect(referee.ending?.attempts == referee.attempted.count, "\(path): miscounted sends")
        }
    }

    @Test func `after the end every late event is ignored`() {
        for event in MachineEvent.allCases where ![.queued, .queuedLong].contains(event) {
            var referee = played(.seated, .head200, .terminal, .completed)
            referee.play(event, at: start + .seconds(99))
            #expect(referee.last.isEmpty, "\(event): \(referee.last)")
            #expect(referee.faults.isEmpty, "\(event): \(referee.faults)")
        }
        var early = MachineReferee(RequestMachine(request: id(1), models: ["a:latest"], holding: .stream))
        early.take(early.machine.clientLeft(at: start))
        #expect(early.ending?.reason == .clientLeft)
        early.take(early.machine.begun(budget: &early.budget, at: start))
        #expect(early.faults.isEmpty)
    }

    @Test func `a client that does not take the answer before this one is cut, whatever this one waits for`() {
        let lives = [machine(), played(.queued), played(.seated), played(.seated, .head200), played(.seated, .head404)]
        for life in lives {
            var referee = life
            referee.play(.clientTooSlow, at: start)
            #expect(referee.ending?.reason == .clientTooSlow)
            #expect(referee.faults.isEmpty, "\(referee.faults)")
        }
    }

    @Test func `an event that cannot be here traps`() async {
        await #expect(processExitsWith: .failure) {
            var referee = machine()
            referee.play(.head200, at: start)
        }
        await #expect(processExitsWith: .failure) {
            var referee = played(.seated)
            referee.play(.content, at: start)
        }
        await #expect(processExitsWith: .failure) {
            var referee = played(.seated)
            referee.play(.queued, at: start)
        }
    }
}
