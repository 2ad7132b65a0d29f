import Testing
import Vocabulary

@testable import Routing

@Suite struct DispatcherChangeTests {
    @Test func `a backend that becomes usable seats those who wait`() {
        var fleet = fleet(backend("gpu1"), backend("gpu2", slots: 2, availability: .unusable("down")))
        for request in 0..<4 { _ = fleet.enter(UInt64(request)) }
        let notices = fleet.update(backend("gpu2", slots: 2), at: start)
        #expect(notices.map(\.seat?.request) == [id(1), id(2)])
        #expect(notices.allSatisfy { $0.seat?.backend == "gpu2" })
        #expect(fleet.figures.waiting == 1)
    }

    @Test func `more slots seat those who wait`() {
        var fleet = fleet(backend("gpu1"))
        for request in 0..<3 { _ = fleet.enter(UInt64(request)) }
        #expect(fleet.update(backend("gpu1", slots: 3), at: start).map(\.seat?.request) == [id(1), id(2)])
    }

    @Test func `fewer slots hold back newcomers until enough have left`() {
        var fleet = fleet(backend("gpu1", slots: 3))
        let seats = (0..<3).map { fleet.enter($0).seat! }
        _ = fleet.update(backend("gpu1", slots: 1), at: start)
        #expect(fleet.enter(3).place != nil)
        #expect(fleet.leave(seats[0], .success, at: start).isEmpty)
        #expect(fleet.leave(seats[1], .success, at: start).isEmpty)
        #expect(fleet.leave(seats[2], .success, at: start).map(\.seat?.request) == [id(3)])
    }

    @Test func `when the last backend goes down the waiting are refused in order, and at once`() {
        var fleet = fleet(backend("gpu1"))
        for request in 0..<3 { _ = fleet.enter(UInt64(request), at: start + .seconds(Int(request))) }
        let notices = fleet.update(backend("gpu1", availability: .unusable("connection refused")), at: start)
        let refused = notices.map { notice -> RequestID? in
            guard case .refused(let request, let refusal) = notice else { return nil }
            #expect(refusal.reason == .backendsUnavailable)
            #expect(refusal.considered.map(\.finding) == [.unusable("connection refused")])
            return request
        }
        #expect(refused == [id(1), id(2)])
        #expect(fleet.figures.waiting == 0)
    }

    @Test func `who can still be served elsewhere goes on waiting`() {
        var fleet = fleet(backend("gpu1"), backend("gpu2"))
        for request in 0..<4 { _ = fleet.enter(UInt64(request)) }
        #expect(fleet.update(backend("gpu1", availability: .unusable("down")), at: start).isEmpty)
        #expect(fleet.figures.waiting == 2)
    }

    @Test func `draining lets the running finish and begins nothing`() {
        var fleet = fleet(backend("gpu1"), backend("gpu2"))
        let seats = (0..<2).map { fleet.enter($0).seat! }
        _ = fleet.enter(2)
        #expect(fleet.update(backend("gpu1", isDraining: true), at: start).isEmpty)
        #expect(fleet.leave(seats[0], .success, at: start).isEmpty)
        #expect(fleet.leave(seats[1], .success, at: start).map(\.seat?.backend) == ["gpu2"])
    }

    @Test func `a removed backend is forgotten when its last request has left`() {
        var fleet = fleet(backend("gpu1"), backend("gpu2", installed("b")))
        let seat = fleet.enter(0).seat!
        #expect(fleet.remove("gpu1", at: start).isEmpty)
        #expect(fleet.enter(1).refusal?.reason == .modelUnavailable)
        #expect(!fleet.catalogue.serves("a:latest"))
        #expect(fleet.figures.places.map(\.backend) == ["gpu1", "gpu2"])
        #expect(fleet.leave(seat, .success, at: start).isEmpty)
        #expect(fleet.figures.places.map(\.backend) == ["gpu2"])
        #expect(fleet.remove("never", at: start).isEmpty)
    }

    @Test func `a removed backend that comes back serves again`() {
        var fleet = fleet(backend("gpu1"))
        _ = fleet.remove("gpu1", at: start)
        _ = fleet.update(backend("gpu1"), at: start)
        #expect(fleet.enter(0).seat?.backend == "gpu1")
    }

    @Test func `a model that turns out to be missing is not tried there again until the next inventory`() {
        var fleet = fleet(backend("gpu1"), backend("gpu2"))
        let seat = fleet.enter(0).seat!
        _ = fleet.leave(seat, .modelMissing, at: start)
        let other = fleet.enter(1).seat!
        #expect(other.backend == "gpu2")
        #expect(fleet.leave(other, .modelMissing, at: start).isEmpty)
        #expect(fleet.enter(2).refusal?.reason == .modelUnavailable)
        _ = fleet.update(backend("gpu1"), at: start)
        #expect(fleet.enter(3).seat?.backend == "gpu1")
    }

    @Test func `those who wait for a model that is gone everywhere are told`() {
        var fleet = fleet(backend("gpu1", slots: 1))
        let seat = fleet.enter(0).seat!
        _ = fleet.enter(1)
        let notices = fleet.leave(seat, .modelMissing, at: start)
        guard case .refused(let request, let refusal)? = notices.first else {
            Issue.record("\(notices)")
            return
        }
        #expect(request == id(1) && refusal.reason == .modelUnavailable)
    }

    @Test func `who waits for one model of a tier also gets another that appears later`() {
        var fleet = fleet(backend("gpu1"), backend("gpu2", installed("b"), availability: .unusable("down")))
        let tier: [ModelName] = ["a:latest", "b:latest"]
        _ = fleet.enter(0, tier)
        _ = fleet.enter(1, tier)
        let notices = fleet.update(backend("gpu2", installed("b")), at: start)
        #expect(notices.map(\.seat?.request) == [id(1)] && notices.first?.seat?.model == "b:latest")
    }

    @Test func `a closed dispatcher admits nothing new but lets retries and the waiting pass`() {
        var fleet = fleet(backend("gpu1"), backend("gpu2"))
        let seats = (0..<2).map { fleet.enter($0).seat! }
        _ = fleet.enter(2)
        fleet.close()
        #expect(fleet.enter(3).refusal?.reason == .draining)
        #expect(fleet.leave(seats[0], .failure(.upstreamError), at: start).map(\.seat?.request) == [id(2)])
        #expect(fleet.leave(seats[1], .success, at: start).isEmpty)
        let again = Dispatcher.Order(
            request: id(0), models: ["a:latest"], arrivedAt: start, excluding: [Exclusion(backend: "gpu1")],
            isContinued: true)
        #expect(fleet.enter(again, at: start).seat?.backend == "gpu2")
    }

    @Test func `a seat that is given back twice traps`() async {
        await #expect(processExitsWith: .failure) {
            var fleet = fleet(backend("gpu1"))
            let seat = fleet.enter(0).seat!
            _ = fleet.leave(seat, .success, at: start)
            _ = fleet.leave(seat, .success, at: start)
        }
    }

    @Test func `a request that asks twice traps`() async {
        await #expect(processExitsWith: .failure) {
            var fleet = fleet(backend("gpu1"))
            _ = fleet.enter(0)
            _ = fleet.enter(0)
        }
    }

    /// Whatever happens, in flight stays within slots, no slot stays free while somebody who could use it waits, and
    /// each request is in one place only.
    @Test(arguments: 1...40)
    func `random fleets keep the rules`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        var dispatcher = Dispatcher(limits: Dispatcher.Limits(queuePerModel: 4))
        var slots: [BackendID: Int] = [:]
        var seats: [RequestID: Seat] = [:]
        var waiting: [RequestID: Dispatcher.Order] = [:]
        let take = { (notices: [Dispatcher.Notice]) in
            for notice in notices {
                switch notice {
                case .seated(let seat):
                    #expect(waiting.removeValue(forKey: seat.request) != nil)
                    seats[seat.request] = seat
                case .refused(let request, _):
                    #expect(waiting.removeValue(forKey: request) != nil)
                case .breakerChanged, .slotsLost, .oftenBusy:
                    Issue.record("nothing fails here")
                }
            }
        }
        for step in 0..<300 {
            let now = start + .seconds(step)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0...1:
                let name: BackendID = ["gpu1", "gpu2", "gpu3"].randomElement(using: &generator)!
                let count = Int.random(in: 1...3, using: &generator)
                let models = [installed("a"), installed("a", "b"), installed("b"), []].randomElement(using: &generator)!
                slots[name] = max(count, slots[name] ?? 0)
                take(
                    dispatcher.update(
                        backend(
                            name, models, slots: count,
                            availability: Int.random(in: 0..<4, using: &generator) == 0 ? .unusable("x") : .usable),
                        at: now))
            case 2...5:
                let models: [ModelName] = [["a:latest"], ["b:latest"], ["a:latest", "b:latest"]]
                    .randomElement(using: &generator)!
                let order = Dispatcher.Order(
                    request: id(UInt64(step)), models: models,
                    priority: Bool.random(using: &generator) ? .interactive : .batch, arrivedAt: now,
                    excluding: Bool.random(using: &generator) ? [] : [Exclusion(backend: "gpu2")])
                switch dispatcher.enter(order, at: now) {
                case .seated(let seat): seats[order.request] = seat
                case .queued: waiting[order.request] = order
                case .refused: break
                }
            case 6...8:
                guard let seat = seats.values.min(by: { $0.request < $1.request }) else { continue }
                seats[seat.request] = nil
                take(dispatcher.leave(seat, Bool.random(using: &generator) ? .success : .neutral, at: now))
            default:
                guard let request = waiting.keys.min() else { continue }
                waiting[request] = nil
                take(dispatcher.abandon(request, at: now))
            }
            #expect(dispatcher.figures.inFlight == seats.count && dispatcher.figures.waiting == waiting.count)
            #expect(dispatcher.figures.places.allSatisfy { $0.inFlight <= slots[$0.backend] ?? 0 })
            #expect(dispatcher.figures.queues.allSatisfy { $0.interactive + $0.batch <= 4 })
            for order in waiting.values {
                #expect(order.models.allSatisfy { dispatcher.freePlace(for: order, $0) == nil })
            }
        }
    }
}
