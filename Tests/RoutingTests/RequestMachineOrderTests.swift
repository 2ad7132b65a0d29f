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
        var ended = 0
        var path: [MachineEvent] = []
        func explore(_ referee: MachineReferee, _ depth: Int) {
            if !referee.faults.isEmpty {
                Issue.record("\(path): \(referee.faults)")
                return
            }
            if referee.ending != nil { ended += 1 }
            if depth == 0 { return }
            let events = referee.possible(all: depth >= Self.depth - 2)
            #expect(!events.isEmpty || referee.ending != nil, "\(path): nothing can happen any more")
            for event in events {
                var next = referee
                path.append(event)
                next.play(event, at: start + .seconds(path.count))
                explore(next, depth - 1)
                path.removeLast()
            }
        }
        explore(machine(["a:latest", "b:latest"], holding: holding), Self.depth)
        #expect(ended > 100_000)
    }

    @Test(arguments: 1...20)
    func `long lives by chance keep the rules and end`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<500 {
            var referee = machine(["a:latest", "b:latest"], holding: Bool.random(using: &generator) ? .stream : .whole)
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
        for event in MachineEvent.allCases where event != .queued {
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
