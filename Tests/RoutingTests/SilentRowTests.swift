import Testing
import Vocabulary

@testable import Routing

/// Slots that Ollama has lost (`ollama.md` 1.12).
@Suite struct SilentRowTests {
    private static let silence = SeatOutcome.failure(.upstreamFirstByteTimeout)

    private func lost(_ outcomes: [(SeatOutcome, wasLoaded: Bool)]) -> [Bool] {
        var row = SilentRow()
        return outcomes.map { row.ended($0.0, wasLoaded: $0.wasLoaded) }
    }

    @Test func `two silences of a loaded model are one discovery, however long the row`() {
        let warm = (Self.silence, wasLoaded: true)
        #expect(self.lost([warm, warm, warm, warm]) == [false, true, false, false])
    }

    @Test func `a model that was being loaded says nothing by being silent`() {
        let cold = (Self.silence, wasLoaded: false)
        #expect(self.lost([cold, cold, cold]) == [false, false, false])
    }

    @Test(arguments: [SeatOutcome.success, .slow])
    func `an answer ends the row, and another row is another discovery`(answer: SeatOutcome) {
        let warm = (Self.silence, wasLoaded: true)
        let good = (answer, wasLoaded: true)
        #expect(
            self.lost([warm, good, warm, warm, good, warm, warm])
                == [false, false, false, true, false, false, true])
    }

    @Test(arguments: [SeatOutcome.neutral, .busy(retryAfter: nil), .modelMissing, .failure(.upstreamError)])
    func `what is neither answer nor silence changes nothing`(other: SeatOutcome) {
        let warm = (Self.silence, wasLoaded: true)
        #expect(self.lost([warm, (other, wasLoaded: true), warm]) == [false, false, true])
    }

    @Test func `the dispatcher tells it once, and shows it until an answer comes`() {
        var fleet = fleet(backend("gpu1", loaded: ["a:latest"]), backend("gpu2", installed("b")))
        var found: [Dispatcher.Notice] = []
        for request in UInt64(1)...3 {
            found += fleet.leave(fleet.enter(request).seat!, Self.silence, at: start)
        }
        #expect(found == [.slotsLost("gpu1", "a:latest")])
        #expect(fleet.figures.places.map(\.hasLostSlots) == [true, false])
        _ = fleet.leave(fleet.enter(9).seat!, .success, at: start)
        #expect(fleet.figures.places.map(\.hasLostSlots) == [false, false])
    }

    @Test func `a backend outside has no slots of Ollama's to lose`() {
        var fleet = fleet(outside("cloud", "m-large"))
        for request in UInt64(1)...3 {
            let seat = fleet.enter(request, ["m-large"], external: "cloud").seat!
            #expect(fleet.leave(seat, Self.silence, at: start) == [])
        }
        #expect(fleet.figures.places.map(\.hasLostSlots) == [false])
    }

    @Test func `an unloaded model, another inventory or another server has lost nothing`() {
        let loaded = backend("gpu1", installed("a", "b"), loaded: ["a:latest"])
        let changes: [(inout Dispatcher) -> Void] = [
            { _ = $0.update(backend("gpu1", installed("a", "b")), at: start) },
            { _ = $0.update(backend("gpu1", installed("b")), at: start) }, { $0.backendMoved("gpu1") },
        ]
        for change in changes {
            var fleet = fleet(loaded)
            for request in UInt64(1)...2 { _ = fleet.leave(fleet.enter(request).seat!, Self.silence, at: start) }
            #expect(fleet.figures.places.contains { $0.hasLostSlots })
            let staying = fleet.enter(9).seat!  // So that the place outlives its model.
            change(&fleet)
            _ = fleet.update(loaded, at: start)
            #expect(!fleet.figures.places.contains { $0.hasLostSlots })
            _ = fleet.leave(staying, .neutral, at: start)
        }
    }
}
