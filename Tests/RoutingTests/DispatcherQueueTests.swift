import Testing
import Vocabulary

@testable import Routing

@Suite struct DispatcherQueueTests {
    /// One backend with one slot, taken by request 0.
    private func busy(queuePerModel: Int = 64) -> (Dispatcher, Seat) {
        var dispatcher = fleet(backend("gpu1"), queuePerModel: queuePerModel)
        let seat = dispatcher.enter(0).seat!
        return (dispatcher, seat)
    }

    /// The order in which all the waiting are seated, one after the other.
    private func drained(_ dispatcher: inout Dispatcher, from seat: Seat) -> [RequestID] {
        var seat = seat
        var order: [RequestID] = []
        while let next = dispatcher.leave(seat, .success, at: start).first?.seat {
            order.append(next.request)
            seat = next
        }
        return order
    }

    @Test func `who came first is seated first`() {
        var (dispatcher, seat) = self.busy()
        #expect((1...5).map { dispatcher.enter($0).place?.position } == [1, 2, 3, 4, 5])
        #expect(self.drained(&dispatcher, from: seat) == (1...5).map(id))
        #expect(dispatcher.figures.inFlight == 0 && dispatcher.figures.waiting == 0)
    }

    @Test func `interactive requests go before batch ones`() {
        var (dispatcher, seat) = self.busy()
        _ = dispatcher.enter(1, priority: .batch)
        _ = dispatcher.enter(2, priority: .batch)
        #expect(dispatcher.enter(3).place?.position == 1)
        #expect(dispatcher.enter(4, priority: .batch).place?.position == 4)
        #expect(self.drained(&dispatcher, from: seat) == [3, 1, 2, 4].map(id))
    }

    @Test func `steady interactive work does not starve a batch request`() {
        var (dispatcher, seat) = self.busy()
        _ = dispatcher.enter(1_000, priority: .batch)
        _ = dispatcher.enter(1_001, priority: .batch)
        _ = dispatcher.enter(1)
        var seated: [RequestID] = []
        for request in 2..<30 {
            _ = dispatcher.enter(UInt64(request))
            seat = dispatcher.leave(seat, .success, at: start)[0].seat!
            seated.append(seat.request)
        }
        #expect(seated.firstIndex(of: id(1_000)) == 8)
        #expect(seated.firstIndex(of: id(1_001)) == 17)
    }

    @Test func `one more than the bound is refused with an honest time`() {
        var (dispatcher, seat) = self.busy(queuePerModel: 3)
        _ = dispatcher.leave(seat, .success, at: start + .seconds(20))  // One request took twenty seconds.
        seat = dispatcher.enter(10).seat!
        for request in 1...3 { #expect(dispatcher.enter(UInt64(request)).place != nil) }
        let refusal = dispatcher.enter(4).refusal
        #expect(refusal?.reason == .queueFull)
        #expect(refusal?.retryAfter == .seconds(80))  // Three wait before it, one is served.
        #expect(refusal?.considered.map(\.finding) == [.full])
        _ = seat
    }

    @Test func `the bound is of each model`() {
        var fleet = fleet(backend("gpu1", installed("a", "b")), queuePerModel: 1)
        for request in 0..<2 { _ = fleet.enter(UInt64(request), ["a:latest"]) }
        for request in 2..<4 { _ = fleet.enter(UInt64(request), ["b:latest"]) }
        #expect(fleet.enter(4, ["a:latest"]).refusal?.reason == .queueFull)
        #expect(fleet.enter(5, ["a:latest", "b:latest"]).refusal?.reason == .queueFull)
    }

    @Test func `a request for a tier waits for whatever becomes free first, and then nowhere else`() {
        var fleet = fleet(backend("gpu1", installed("a", "b")))
        let first = fleet.enter(1, ["a:latest"]).seat!
        let second = fleet.enter(2, ["b:latest"]).seat!
        #expect(fleet.enter(3, ["a:latest", "b:latest"]).place != nil)
        #expect(fleet.leave(second, .success, at: start).map(\.seat?.request) == [id(3)])
        #expect(fleet.leave(first, .success, at: start).isEmpty)
        #expect(fleet.figures.waiting == 0 && fleet.figures.queues.allSatisfy { $0.interactive == 0 })
    }

    @Test func `the expected wait is the observed time of a request over the slots`() {
        var fleet = fleet(backend("gpu1", slots: 2))
        let seats = (0..<2).map { fleet.enter($0).seat! }
        #expect(fleet.enter(2).place?.predictedWait == nil)
        #expect(fleet.retryAfter(for: ["a:latest"]) == .seconds(5))
        _ = fleet.leave(seats[0], .success, at: start + .seconds(10))
        #expect(fleet.enter(3).place?.predictedWait == .seconds(5))
        #expect(fleet.enter(4).place?.predictedWait == .seconds(10))
        #expect(fleet.retryAfter(for: ["a:latest"]) == .seconds(15))
    }

    @Test func `the average follows what is observed, and failures do not count`() {
        var service = ServiceTime()
        #expect(service.wait(position: 1, slots: 1) == nil)
        for _ in 0..<5 { service.observe(.seconds(10)) }
        service.observe(.seconds(20))
        #expect(service.wait(position: 1, slots: 1) == .seconds(12))
        #expect(service.wait(position: .max, slots: 1) == Bounds.queueWait)
        #expect(service.wait(position: 1, slots: 0) == nil)
        var (dispatcher, seat) = self.busy()
        _ = dispatcher.leave(seat, .failure(.upstreamConnectFailed), at: start + .seconds(1))
        #expect(dispatcher.figures.queues[0].serviceTime == nil)
        seat = dispatcher.enter(1).seat!
        _ = dispatcher.leave(seat, .success, at: start + .seconds(3))
        #expect(dispatcher.figures.queues[0].serviceTime == .seconds(3))
    }

    @Test func `retry-after has a floor and a ceiling`() {
        var (dispatcher, seat) = self.busy()
        _ = dispatcher.leave(seat, .success, at: start + .milliseconds(10))
        #expect(dispatcher.retryAfter(for: ["a:latest"]) == .seconds(1))
        seat = dispatcher.enter(1).seat!
        for _ in 0..<50 {
            _ = dispatcher.leave(seat, .success, at: start + .seconds(3_600))
            seat = dispatcher.enter(1).seat!
        }
        #expect(dispatcher.retryAfter(for: ["a:latest"]) == Bounds.queueWait)
    }

    @Test func `who failed at the backend that became free lets others pass`() {
        var fleet = fleet(backend("gpu1"), backend("gpu2"))
        let seats = (0..<2).map { fleet.enter($0).seat! }
        _ = fleet.enter(2, excluding: [Exclusion(backend: "gpu1")])
        _ = fleet.enter(3)
        #expect(fleet.leave(seats[0], .success, at: start).map(\.seat?.request) == [id(3)])
        #expect(fleet.leave(seats[1], .success, at: start).map(\.seat?.request) == [id(2)])
    }

    @Test func `a retry has the turn of its first arrival`() {
        var (dispatcher, seat) = self.busy()
        _ = dispatcher.enter(1, at: start + .seconds(1))
        _ = dispatcher.enter(3, at: start + .seconds(3))
        #expect(dispatcher.enter(2, at: start + .seconds(9), arrivedAt: start + .seconds(2)).place?.position == 2)
        #expect(self.drained(&dispatcher, from: seat) == [1, 2, 3].map(id))
    }

    @Test func `who leaves a queue is forgotten there`() {
        var (dispatcher, seat) = self.busy()
        for request in 1...3 { _ = dispatcher.enter(UInt64(request)) }
        #expect(dispatcher.abandon(id(2), at: start).isEmpty)
        #expect(dispatcher.abandon(id(99), at: start).isEmpty)
        #expect(dispatcher.place(of: id(3))?.position == 2)
        #expect(self.drained(&dispatcher, from: seat) == [1, 3].map(id))
    }

    @Test func `who is abandoned on a seat it has not heard of frees it for the next`() {
        var (dispatcher, seat) = self.busy()
        for request in 1...2 { _ = dispatcher.enter(UInt64(request)) }
        #expect(dispatcher.leave(seat, .success, at: start).map(\.seat?.request) == [id(1)])
        #expect(dispatcher.abandon(id(1), at: start).map(\.seat?.request) == [id(2)])
        #expect(dispatcher.figures.inFlight == 1)
    }

    @Test func `a bound that is lowered turns away newcomers, and nobody who waits`() {
        var dispatcher = fleet(backend("gpu1"), queuePerModel: 3)
        for request in 1...3 { _ = dispatcher.enter(UInt64(request)) }
        dispatcher.limits.queuePerModel = 1
        #expect(dispatcher.enter(4).refusal?.queueMax == 1)
        #expect(dispatcher.place(of: id(3))?.position == 2)
        dispatcher.limits.queuePerModel = 3
        #expect(dispatcher.enter(4).place?.position == 3)
    }
}
