import Testing
import Vocabulary

@testable import Routing

@Suite struct DispatcherChoiceTests {
    @Test func `a loaded model goes before an idle backend that would have to load it`() {
        var fleet = fleet(
            backend("gpu1", slots: 4), backend("gpu2", loaded: ["a:latest"], slots: 4))
        #expect((0..<4).map { fleet.enter($0).seat?.backend } == ["gpu2", "gpu2", "gpu2", "gpu2"])
        #expect(fleet.enter(4).seat?.backend == "gpu1")
    }

    @Test func `load is measured against slots`() {
        var fleet = fleet(backend("small", slots: 1), backend("large", slots: 4))
        let order = (0..<5).map { fleet.enter($0).seat?.backend }
        #expect(order.filter { $0 == "large" }.count == 4 && order.filter { $0 == "small" }.count == 1)
        #expect(fleet.enter(5).place?.position == 1)
    }

    @Test func `equal places take turns, beginning with the first configured`() {
        var fleet = fleet(backend("gpu1"), backend("gpu2"), backend("gpu3"))
        var order: [BackendID] = []
        for request in 0..<6 {
            guard let seat = fleet.enter(UInt64(request)).seat else { continue }
            order.append(seat.backend)
            _ = fleet.leave(seat, .success, at: start)
        }
        #expect(order == ["gpu1", "gpu2", "gpu3", "gpu1", "gpu2", "gpu3"])
    }

    @Test func `of equal places the one on the less busy backend is chosen`() {
        var fleet = fleet(backend("gpu1", installed("a", "b")), backend("gpu2", installed("a", "b")))
        #expect(fleet.enter(1, ["b:latest"]).seat?.backend == "gpu1")
        #expect(fleet.enter(2, ["a:latest"]).seat?.backend == "gpu2")
    }

    @Test func `the models of a tier are taken in order, the next when the first has no free slot`() {
        var fleet = fleet(backend("gpu1", installed("a", "b")))
        let tier: [ModelName] = ["b:latest", "a:latest"]
        #expect(fleet.enter(1, tier).seat?.model == "b:latest")
        #expect(fleet.enter(2, tier).seat?.model == "a:latest")
        #expect(fleet.enter(3, tier).place?.position == 1)
    }

    @Test func `slots are counted for each model on its own`() {
        var dispatcher = Dispatcher()
        var view = backend("gpu1", installed("a", "b"))
        view.slots = SlotPolicy(perModel: 1, byModel: ["b:latest": 2])
        _ = dispatcher.update(view, at: start)
        #expect(dispatcher.enter(1, ["a:latest"]).seat != nil)
        #expect(dispatcher.enter(2, ["a:latest"]).seat == nil)
        #expect(dispatcher.enter(3, ["b:latest"]).seat != nil)
        #expect(dispatcher.enter(4, ["b:latest"]).seat != nil)
        #expect(dispatcher.enter(5, ["b:latest"]).seat == nil)
    }

    @Test func `an excluded backend is not chosen, an excluded place leaves its other models`() {
        var fleet = fleet(backend("gpu1", installed("a", "b"), slots: 2), backend("gpu2", slots: 2))
        #expect(fleet.enter(1, excluding: [Exclusion(backend: "gpu1")]).seat?.backend == "gpu2")
        let place = Exclusion(backend: "gpu1", model: "a:latest")
        #expect(fleet.enter(2, excluding: [place]).seat?.backend == "gpu2")
        #expect(fleet.enter(3, ["b:latest"], excluding: [place]).seat?.backend == "gpu1")
        let refusal = fleet.enter(4, excluding: [place, Exclusion(backend: "gpu2")]).refusal
        #expect(refusal?.reason == .backendsUnavailable)
        #expect(refusal?.considered.map(\.finding) == [.failedBefore, .failedBefore])
    }

    @Test func `a backend that is down, drained or without the model gets nothing`() {
        var fleet = fleet(
            backend("down", availability: .unusable("connection refused")),
            backend("drained", isDraining: true), backend("other", installed("b")), backend("unseen", nil))
        let refusal = fleet.enter(1).refusal
        #expect(refusal?.reason == .backendsUnavailable && refusal?.retryAfter == .seconds(10))
        #expect(refusal?.considered.map(\.backend) == ["down", "drained"])
        #expect(refusal?.considered.map(\.finding) == [.unusable("connection refused"), .draining])
    }

    @Test func `a model that nobody has is unavailable`() {
        var fleet = fleet(backend("gpu1", [InstalledModel(name: "a:latest", withheld: "bound elsewhere")]))
        #expect(fleet.enter(1).refusal?.reason == .modelUnavailable)
    }

    @Test func `assumed slots are told as such until somebody sets them`() {
        var dispatcher = Dispatcher()
        var view = backend("gpu1", installed("a", "b"))
        view.slots = .assumed(except: ["b:latest": 3])
        _ = dispatcher.update(view, at: start)
        #expect(dispatcher.figures.places.map(\.slotsAssumed) == [true, false])
        #expect(dispatcher.figures.places.map(\.slots) == [1, 3])
    }

    @Test func `the figures show who is where`() {
        var fleet = fleet(backend("gpu1", installed("a", "b"), loaded: ["b:latest"]))
        _ = fleet.enter(1)
        _ = fleet.enter(2, at: start + .seconds(1))
        _ = fleet.enter(3, priority: .batch)
        let figures = fleet.figures
        #expect(figures.inFlight == 1 && figures.waiting == 2)
        #expect(figures.places.map(\.inFlight) == [1, 0] && figures.places.map(\.isLoaded) == [false, true])
        #expect(figures.queues[0].interactive == 1 && figures.queues[0].batch == 1)
        #expect(figures.queues[0].oldestArrival == start && figures.queues[1].oldestArrival == nil)
    }
}
