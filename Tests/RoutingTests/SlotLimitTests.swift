import Health
import Routing
import Testing
import Vocabulary

@Suite struct SlotLimitTests {
    private static func open(_ fleet: Dispatcher) -> Int { fleet.figures.places[0].slotsOpen }

    /// Seats `count` requests, from number `first` on, and ends each so.
    private static func play(
        _ fleet: inout Dispatcher, _ outcome: SeatOutcome, _ count: Int, from first: UInt64, at now: Instant = start
    ) -> [Dispatcher.Notice] {
        (first..<first + UInt64(count)).flatMap { number -> [Dispatcher.Notice] in
            guard let seat = fleet.enter(number, at: now).seat else { return [] }
            return fleet.leave(seat, outcome, at: now)
        }
    }

    @Test func `a pause takes three tenths off the slots, and each ten answers bring one back`() {
        var fleet = fleet(backend("gpu1", slots: 10))
        _ = Self.play(&fleet, .busy(retryAfter: .seconds(1)), 1, from: 0)
        #expect(Self.open(fleet) == 7)
        _ = fleet.due(at: start + .seconds(1))
        let seats = (100..<110).compactMap { fleet.enter($0, at: start + .seconds(1)).seat }
        #expect(seats.count == 7)
        for seat in seats { _ = fleet.leave(seat, .success, at: start + .seconds(1)) }
        _ = Self.play(&fleet, .success, 3, from: 200, at: start + .seconds(1))
        #expect(Self.open(fleet) == 8)
        _ = Self.play(&fleet, .success, 40, from: 300, at: start + .seconds(1))
        #expect(Self.open(fleet) == 10)
    }

    @Test func `requests that were refused together are one pause`() {
        var fleet = fleet(backend("gpu1", slots: 10))
        let seats = (0..<6).compactMap { fleet.enter($0).seat }
        for seat in seats { _ = fleet.leave(seat, .busy(retryAfter: .seconds(1)), at: start) }
        #expect(Self.open(fleet) == 7)
    }

    @Test func `one slot is always open`() {
        var fleet = fleet(backend("gpu1", slots: 1))
        _ = Self.play(&fleet, .busy(retryAfter: .seconds(1)), 1, from: 0)
        #expect(Self.open(fleet) == 1)
    }

    @Test func `ten pauses within a minute are told, and told again only after ten more`() {
        var fleet = fleet(backend("gpu1", slots: 4))
        var told: [Int] = []
        for round in 0..<20 {
            let now = start + .seconds(round * 2)
            let notices = Self.play(&fleet, .busy(retryAfter: .seconds(1)), 1, from: UInt64(round), at: now)
            if notices.contains(.oftenBusy("gpu1", "a:latest")) { told.append(round) }
            _ = fleet.due(at: now + .seconds(1))
        }
        #expect(told == [9, 19])
    }

    @Test func `after a recovery a quarter of the slots is open, and each answer opens one more`() {
        var fleet = fleet(backend("gpu1", slots: 8))
        _ = Self.play(&fleet, .failure(.upstreamError), 5, from: 0)
        #expect(fleet.enter(50, at: start).refusal != nil)
        var now = start
        while let wake = fleet.wakeAt, wake > now {
            now = wake
            _ = fleet.due(at: now)
        }
        _ = Self.play(&fleet, .success, 2, from: 60, at: now)
        #expect(fleet.figures.breakers.allSatisfy { $0.state == .closed })
        #expect(Self.open(fleet) == 2)
        _ = Self.play(&fleet, .success, 3, from: 70, at: now)
        #expect(Self.open(fleet) == 5)
        _ = Self.play(&fleet, .success, 3, from: 80, at: now)
        #expect(Self.open(fleet) == 8)
    }
}
