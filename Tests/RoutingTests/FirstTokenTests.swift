import Testing
import Vocabulary

@testable import Routing

/// When a stream's first token is due, and what follows if it does not come (`health.md` E3).
@Suite struct FirstTokenTests {
    private let warm = Seat(request: id(1), backend: "gpu1", model: "a:latest", isLoaded: true)
    private let cold = Seat(request: id(1), backend: "gpu1", model: "a:latest")

    private func attempt(at seat: Seat, tokens: Int = 0, holding: Holding = .stream) -> MachineReferee {
        var referee = machine(
            climbing: [.local(["a:latest"])], holding: holding, promptTokens: Tokens(tokens))
        (referee.seat, referee.wait) = (seat, .no)
        referee.take(referee.machine.seated(seat, budget: &referee.budget, at: start))
        return referee
    }

    private func due(_ referee: inout MachineReferee, _ seconds: Int, loadedSince: Int? = nil) {
        referee.take(
            referee.machine.firstTokenDue(
                loadedSince: loadedSince.map { start + .seconds($0) }, budget: &referee.budget,
                at: start + .seconds(seconds)))
    }

    @Test func `a loaded model has 15 s and one for each 1,000 tokens`() {
        #expect(self.attempt(at: self.warm).last.first == .awaitFirstToken(until: start + .seconds(15)))
        #expect(
            self.attempt(at: self.warm, tokens: 2_500).last.first
                == .awaitFirstToken(until: start + .seconds(15) + .milliseconds(2_500)))
    }

    @Test func `silence of a loaded model is told as that, and the next place is asked`() {
        var referee = self.attempt(at: self.warm)
        self.due(&referee, 15)
        #expect(
            referee.last.prefix(3) == [
                .cancelTransfer, .discardHeld, .releaseSeat(self.warm, .failure(.upstreamFirstByteTimeout)),
            ])
        #expect(referee.exclusions == [Exclusion(backend: "gpu1", model: "a:latest")])
        referee.play(.refused)
        #expect(referee.failure?.reason == .upstreamFirstByteTimeout && referee.ending?.status == 504)
        #expect(
            referee.failure?.message.hasPrefix(
                "gpu1 (a:latest): sent no token within 15 s, though the model is loaded") == true,
            "\(referee.failure?.message ?? "")")
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `a model that is not loaded has two minutes for that`() {
        var referee = self.attempt(at: self.cold, tokens: 9_000)
        // Looked at as often as a loaded one would have time, in case it is loaded meanwhile.
        #expect(referee.last.first == .awaitFirstToken(until: start + .seconds(24)))
        self.due(&referee, 120)
        referee.play(.refused)
        #expect(referee.failure?.message.contains("within 120 s: the model is not loaded yet") == true)
    }

    @Test func `one that was loaded meanwhile has its warm limit from then on, and five minutes in all`() {
        var referee = self.attempt(at: self.cold, tokens: 5_000)
        self.due(&referee, 120, loadedSince: 110)
        #expect(referee.last == [.awaitFirstToken(until: start + .seconds(130))])
        self.due(&referee, 130, loadedSince: 110)
        #expect(referee.last.first == .cancelTransfer)
        var late = self.attempt(at: self.cold, tokens: 400_000)
        self.due(&late, 120, loadedSince: 100)
        #expect(late.last == [.awaitFirstToken(until: start + .seconds(300))])
        self.due(&late, 300, loadedSince: 290)
        #expect(late.last.first == .cancelTransfer)
    }

    @Test func `what was in memory before the attempt began excuses nothing`() {
        var referee = self.attempt(at: self.cold)
        self.due(&referee, 120, loadedSince: -1)
        #expect(referee.last.first == .cancelTransfer)
    }

    @Test func `outside it is 30 s, loaded or not, and no reason to try another model there`() {
        var referee = machine(
            climbing: [.external("cloud", "m-large"), .external("cloud", "m-small"), .external("far", "m-far")])
        referee.play(.allowed, .seated, .intentRecorded)
        #expect(referee.last.first == .awaitFirstToken(until: start + .seconds(30)))
        self.due(&referee, 30, loadedSince: 29)
        #expect(referee.last.contains { if case .releaseSeat(_, .failure) = $0 { true } else { false } })
        #expect(referee.last.last == .weigh("far", "m-far", .localDown))
        referee.play(.allowed)
        #expect(referee.exclusions == [Exclusion(backend: "cloud")])
        referee.play(.refused)
        #expect(referee.failure?.message.hasPrefix("cloud (m-large): sent no token within 30 s") == true)
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `a head is no token, and neither is a role`() {
        var referee = self.attempt(at: self.warm)
        referee.play(.head200, .bytes)
        self.due(&referee, 15)
        #expect(referee.last.first == .cancelTransfer)
    }

    @Test(arguments: [[MachineEvent.head200, .content], [.head500], [.head400]])
    func `what has begun to answer has no first token to come`(events: [MachineEvent]) {
        var referee = self.attempt(at: self.warm)
        for event in events { referee.play(event) }
        self.due(&referee, 15)
        #expect(referee.last.isEmpty)
    }

    @Test func `an answer in one piece has no first token`() {
        #expect(self.attempt(at: self.warm, holding: .whole).last == [.attempt(self.warm, number: 1)])
    }

    @Test func `the timer of an earlier attempt changes nothing for the next`() {
        var referee = self.attempt(at: self.warm)
        referee.play(.connectFailed, at: start + .seconds(10))
        referee.play(.seated, at: start + .seconds(10))
        self.due(&referee, 15)
        #expect(referee.last == [.awaitFirstToken(until: start + .seconds(30))])
        for events in [[MachineEvent.connectFailed], [.connectFailed, .queued]] {
            var waiting = self.attempt(at: self.warm)
            for event in events { waiting.play(event) }
            self.due(&waiting, 15)
            #expect(waiting.last.isEmpty)
        }
    }

    @Test func `half of the time is slow`() {
        for (seconds, outcome) in [(7, SeatOutcome.success), (8, .slow)] {
            var referee = self.attempt(at: self.warm)
            referee.play(.head200, .content, .terminal, .completed, at: start + .seconds(seconds))
            #expect(referee.last.contains(.releaseSeat(self.warm, outcome)), "\(referee.last)")
        }
    }
}
