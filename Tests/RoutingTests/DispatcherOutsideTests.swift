import Health
import Testing
import Vocabulary

@testable import Routing

/// Backends outside: reached by name alone, never waited for, and no part of what local models can do.
@Suite struct DispatcherOutsideTests {
    private static let failed = SeatOutcome.failure(.upstreamError)

    /// A local backend and one outside that call their model alike.
    private func mixed(slots: Int = 1, queuePerModel: Int = 64) -> Dispatcher {
        fleet(
            backend("gpu1", installed("m")), outside("cloud", "m:latest", slots: slots), queuePerModel: queuePerModel)
    }

    private func ask(_ fleet: inout Dispatcher, _ request: UInt64, at now: Instant = start) -> Dispatcher.Entry {
        fleet.enter(request, ["m:latest"], external: "cloud", at: now)
    }

    @Test func `only an order by name goes outside, and it goes nowhere else`() {
        var fleet = self.mixed(slots: 4)
        #expect(fleet.enter(1, ["m:latest"]).seat?.backend == "gpu1")
        let seat = self.ask(&fleet, 2).seat
        #expect(seat?.backend == "cloud" && seat?.isExternal == true)
        #expect(fleet.enter(3, ["m:latest"], external: "gpu1").refusal?.reason == .modelUnavailable)
        #expect(fleet.enter(4, ["m:latest"], external: "elsewhere").refusal?.reason == .modelUnavailable)
    }

    @Test func `nobody who waits here is seated outside`() {
        var fleet = self.mixed(slots: 4)
        let here = fleet.enter(1, ["m:latest"]).seat!
        #expect(fleet.enter(2, ["m:latest"]).place?.position == 1)
        let there = self.ask(&fleet, 3).seat!
        #expect(fleet.leave(there, .success, at: start).isEmpty)
        #expect(fleet.leave(here, .success, at: start).first?.seat?.backend == "gpu1")
    }

    @Test func `nobody waits for a place outside`() {
        var fleet = self.mixed()
        let seat = self.ask(&fleet, 1).seat!
        let refusal = self.ask(&fleet, 2).refusal
        #expect(refusal?.reason == .queueFull)
        #expect(refusal?.considered.map(\.backend) == ["cloud"] && refusal?.considered.map(\.finding) == [.full])
        #expect(fleet.figures.waiting == 0)
        _ = fleet.leave(seat, .success, at: start)
        #expect(self.ask(&fleet, 2).seat != nil)
    }

    @Test func `a place outside serves the model that is asked for and no other`() {
        var fleet = fleet(outside("cloud", "m-large", "m-small"))
        #expect(fleet.enter(1, ["m-large"], external: "cloud").seat?.model == "m-large")
        #expect(fleet.enter(2, ["m-small"], external: "cloud").seat?.model == "m-small")
        #expect(fleet.enter(3, ["m-huge"], external: "cloud").refusal?.reason == .modelUnavailable)
    }

    @Test func `one that cannot be reached is refused with its reason`() {
        var fleet = fleet(outside("cloud", "m:latest", availability: .unusable("its name has no address")))
        let refusal = self.ask(&fleet, 1).refusal
        #expect(refusal?.reason == .backendsUnavailable)
        #expect(refusal?.considered.map(\.finding) == [.unusable("its name has no address")])
    }

    @Test func `one that failed this request is not asked again`() {
        var fleet = self.mixed(slots: 4)
        let refusal = fleet.enter(1, ["m:latest"], excluding: [Exclusion(backend: "cloud")], external: "cloud").refusal
        #expect(refusal?.reason == .backendsUnavailable)
        #expect(refusal?.considered.map(\.finding) == [.failedBefore])
    }

    @Test func `what happens outside is told in no refusal of a local order`() {
        var fleet = fleet(
            backend("gpu1", installed("m"), availability: .unusable("down")), outside("cloud", "m:latest"))
        #expect(fleet.enter(1, ["m:latest"]).refusal?.considered.map(\.backend) == ["gpu1"])
    }

    // MARK: Breakers

    private func open(_ fleet: inout Dispatcher) {
        for request in UInt64(100)..<105 {
            let seat = self.ask(&fleet, request).seat!
            _ = fleet.leave(seat, Self.failed, at: start)
        }
    }

    @Test func `one that is open sees a trial a second, and who is not it is refused`() {
        var fleet = self.mixed(slots: 4)
        self.open(&fleet)
        #expect(self.ask(&fleet, 1).refusal?.considered.map(\.finding) == [.open])
        let later = start + .seconds(1)
        let trial = self.ask(&fleet, 1, at: later).seat
        #expect(trial?.backend == "cloud")
        #expect(self.ask(&fleet, 2, at: later).refusal?.reason == .backendsUnavailable)
        #expect(fleet.enter(3, ["m:latest"], at: later).seat?.backend == "gpu1")
    }

    @Test func `that a local backend works keeps nobody from the early trial outside`() {
        var fleet = self.mixed(slots: 4)
        self.open(&fleet)
        #expect(self.ask(&fleet, 1, at: start + .seconds(1)).seat != nil)
    }

    @Test func `half open lets one trial through, and the others go other ways`() {
        var fleet = self.mixed(slots: 4)
        self.open(&fleet)
        let due = fleet.wakeAt!
        _ = fleet.due(at: due)
        let trial = self.ask(&fleet, 1, at: due).seat!
        let refusal = self.ask(&fleet, 2, at: due).refusal
        #expect(refusal?.considered.map(\.finding) == [.full] && fleet.figures.waiting == 0)
        _ = fleet.leave(trial, .success, at: due)
        #expect(self.ask(&fleet, 2, at: due).seat != nil)
    }

    @Test func `a pause that it asks for is told, short or long`() {
        for seconds in [2, 200] {
            var fleet = self.mixed(slots: 4)
            _ = fleet.leave(self.ask(&fleet, 1).seat!, .busy(retryAfter: .seconds(seconds)), at: start)
            let refusal = self.ask(&fleet, 2).refusal
            #expect(refusal?.considered.map(\.finding) == [.throttled])
            #expect(refusal?.reason == .upstreamBusy)
            #expect(refusal?.retryAfter == .seconds(seconds))
        }
    }

    // MARK: What is not its part

    @Test func `the catalogue has nothing of it`() {
        let fleet = fleet(backend("gpu1", installed("a")), outside("cloud", "m-large"), outside("far"))
        #expect(fleet.catalogue.served.map(\.name) == ["a:latest"])
        #expect(fleet.catalogue.unseen.isEmpty)
    }

    @Test func `waits are predicted without it`() {
        var local = fleet(backend("gpu1", installed("m")))
        var mixed = self.mixed(slots: 9)
        let fast = self.ask(&mixed, 5).seat!
        _ = mixed.leave(fast, .success, at: start + .milliseconds(1))  // Its times are no local ones.
        for fleet in [local, mixed] {
            var fleet = fleet
            _ = fleet.leave(fleet.enter(1, ["m:latest"]).seat!, .success, at: start + .seconds(10))
            _ = fleet.enter(2, ["m:latest"])
            #expect(fleet.enter(3, ["m:latest"]).place?.predictedWait == .seconds(10))
        }
        local.close()
        #expect(local.enter(4, ["m:latest"]).refusal?.reason == .draining)
    }

    @Test func `it is shown among the places, with its breakers`() {
        let figures = self.mixed(slots: 4).figures
        #expect(figures.places.map { "\($0.backend) \($0.slots)" } == ["gpu1 1", "cloud 4"])
        #expect(figures.breakers.map(\.backend) == ["gpu1", "cloud", "gpu1", "cloud"])
    }

    // MARK: A node that stops

    @Test func `a closed dispatcher serves whom it admitted before, wherever it goes`() {
        var fleet = self.mixed(slots: 4)
        fleet.close()
        #expect(fleet.enter(1, ["m:latest"], excluding: [Exclusion(backend: "x")]).refusal?.reason == .draining)
        #expect(self.ask(&fleet, 2).refusal?.reason == .draining)
        #expect(fleet.enter(3, ["m:latest"], isContinued: true).seat?.backend == "gpu1")
        #expect(fleet.enter(4, ["m:latest"], isContinued: true).place?.position == 1)
        #expect(fleet.enter(5, ["m:latest"], external: "cloud", isContinued: true).seat?.backend == "cloud")
    }

    @Test func `a backend outside is no second one that would let the only local one go for its ratio`() throws {
        var fleet = self.mixed(slots: 4)
        for request in UInt64(1)...40 {
            let outcome = request.isMultiple(of: 2) ? Self.failed : .success  // Half of them, and never five in a row.
            let seat = try #require(fleet.enter(request, ["m:latest"]).seat)
            _ = fleet.leave(seat, outcome, at: start)
        }
        #expect(fleet.figures.breakers.allSatisfy { $0.state == .closed }, "\(fleet.figures.breakers)")
    }
}
