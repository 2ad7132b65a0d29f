import Health
import Testing
import Vocabulary

@testable import Routing

private let failed = SeatOutcome.failure(.upstreamError)
private let unreached = SeatOutcome.failure(.upstreamConnectFailed)

extension Dispatcher {
    /// Requests that are seated and end at once, wherever they are put. The backends that got them.
    @discardableResult
    fileprivate mutating func play(
        _ outcome: SeatOutcome, times: Int, _ models: [ModelName] = ["a:latest"], at now: Instant = start
    ) -> [BackendID] {
        (0..<times).compactMap { number in
            guard let seat = self.enter(900_000 + UInt64(number), models, at: now).seat else { return nil }
            _ = self.leave(seat, outcome, at: now)
            return seat.backend
        }
    }

    fileprivate func state(_ backend: BackendID, _ model: ModelName? = nil) -> Breaker.Label? {
        self.figures.breakers.first { $0.backend == backend && $0.model == model }?.state
    }

    /// Goes on to the next wake.
    fileprivate mutating func wake(_ now: inout Instant) -> [Notice] {
        now = max(now, self.wakeAt ?? now)
        return self.due(at: now)
    }
}

extension Dispatcher.Notice {
    fileprivate var change: BreakerChange? { if case .breakerChanged(let change) = self { change } else { nil } }
}

@Suite struct DispatcherBreakerTests {
    // MARK: Who is blamed

    @Test func `a model that fails is kept from requests where it fails, and nowhere else`() {
        var fleet = fleet(backend("gpu1", installed("a", "b"), slots: 9), backend("gpu2", installed("a"), slots: 9))
        for request in UInt64(0)..<10 {
            let seat = fleet.enter(request).seat!
            _ = fleet.leave(seat, seat.backend == "gpu1" ? failed : .success, at: start)
        }
        #expect(fleet.state("gpu1", "a:latest") == .open && fleet.state("gpu1") == .closed)
        #expect(fleet.play(.success, times: 20).allSatisfy { $0 == "gpu2" })
        #expect(fleet.play(.success, times: 1, ["b:latest"]) == ["gpu1"])
    }

    @Test func `a backend that takes no connection is kept from all requests`() {
        var fleet = fleet(backend("gpu1", installed("a", "b"), slots: 9), backend("gpu2", installed("a"), slots: 9))
        var changes: [BreakerChange] = []
        for request in UInt64(0)..<6 {
            let seat = fleet.enter(request).seat!
            let notices = fleet.leave(seat, seat.backend == "gpu1" ? unreached : .success, at: start)
            changes += notices.compactMap(\.change)
        }
        #expect(changes.map(\.backend) == ["gpu1"] && changes.first?.model == nil)
        #expect(changes.first?.change.to == .open)
        #expect(fleet.state("gpu1") == .open && fleet.state("gpu1", "a:latest") == .closed)
        #expect(fleet.play(.success, times: 20).allSatisfy { $0 == "gpu2" })
    }

    @Test(arguments: [SeatOutcome.neutral, .modelMissing, .failure(.remoteModel), .failure(.dnsNoAnswer)])
    func `what clients, their requests and our own door do counts against nobody`(outcome: SeatOutcome) {
        var fleet = fleet(backend("gpu1", slots: 9))
        for _ in 0..<200 {
            fleet.play(outcome, times: 1)
            _ = fleet.update(backend("gpu1", slots: 9), at: start)
        }
        #expect(fleet.figures.breakers.allSatisfy { $0.state == .closed } && fleet.wakeAt == nil)
    }

    @Test func `every reason of a failure has its row in the table`() {
        let blamed = Reason.allCases.filter { SeatOutcome.failure($0).evidence != .none }
        #expect(
            Set(blamed) == [
                .upstreamConnectFailed, .upstreamConnectTimeout, .redirectRefused, .upstreamFirstByteTimeout,
                .upstreamStalled, .upstreamTimeout, .upstreamTruncated, .upstreamMalformed, .upstreamError,
                .tlsIdentity, .upstreamCredentials,
            ])
        #expect(SeatOutcome.success.evidence == .init(backend: .success, place: .success))
        #expect(SeatOutcome.slow.evidence == .init(backend: .success, place: .slow))
        let busy = SeatOutcome.busy(retryAfter: .seconds(3)).evidence
        #expect(busy == .init(backend: .neutral, place: .busy(retryAfter: .seconds(3))))
    }

    // MARK: Trials

    @Test func `half open lets one trial through, and the rest wait for what becomes of it`() {
        var fleet = fleet(backend("gpu1", slots: 9))
        var now = start
        fleet.play(failed, times: 5)
        let opened = fleet.wake(&now)
        #expect(opened.compactMap(\.change).map(\.change.to) == [.halfOpen])
        let trial = fleet.enter(1, at: now).seat!
        let waiting = (UInt64(2)..<5).map { fleet.enter($0, at: now) }
        #expect(waiting.allSatisfy { $0.place != nil })
        let second = fleet.leave(trial, .success, at: now)
        #expect(second.compactMap(\.seat).map(\.request) == [id(2)], "the next trial, and no more")
        let closed = fleet.leave(second.compactMap(\.seat)[0], .success, at: now)
        #expect(closed.compactMap(\.change).map(\.change.to) == [.closed])
        #expect(closed.compactMap(\.seat).map(\.request) == [id(3), id(4)], "closed: all at once")
    }

    @Test func `when a trial fails those who waited for it are told`() {
        var fleet = fleet(backend("gpu1", slots: 9))
        var now = start
        fleet.play(failed, times: 5)
        _ = fleet.wake(&now)
        let trial = fleet.enter(1, at: now).seat!
        _ = fleet.enter(2, at: now)
        let notices = fleet.leave(trial, failed, at: now)
        guard case .refused(let request, let refusal)? = notices.last else {
            Issue.record("\(notices)")
            return
        }
        #expect(request == id(2) && refusal.reason == .backendsUnavailable)
        #expect(refusal.considered.map(\.finding) == [.open])
    }

    @Test func `a trial that leaves without a word makes room for the next who waits`() {
        var fleet = fleet(backend("gpu1", slots: 9))
        var now = start
        fleet.play(failed, times: 5)
        _ = fleet.wake(&now)
        let trial = fleet.enter(1, at: now).seat!
        _ = fleet.enter(2, at: now)
        #expect(fleet.abandon(trial.request, at: now).compactMap(\.seat).map(\.request) == [id(2)])
    }

    @Test func `a trial that takes more than a minute is waited for no longer`() {
        var fleet = fleet(backend("gpu1", slots: 9))
        var now = start
        fleet.play(failed, times: 5)
        _ = fleet.wake(&now)
        _ = fleet.enter(1, at: now)
        _ = fleet.enter(2, at: now)
        #expect(fleet.wakeAt == now + Breaker.trialLease)
        #expect(fleet.wake(&now).compactMap(\.seat).map(\.request) == [id(2)])
    }

    @Test func `a place that takes a trial goes before one that is loaded and idle`() {
        var fleet = fleet(
            backend("gpu1", slots: 9), backend("gpu2", loaded: ["a:latest"], slots: 9, availability: .unusable("x")))
        var now = start
        fleet.play(failed, times: 5)
        _ = fleet.update(backend("gpu2", loaded: ["a:latest"], slots: 9), at: now)
        #expect(fleet.play(.success, times: 3, at: now).allSatisfy { $0 == "gpu2" })
        _ = fleet.wake(&now)
        let seats = (UInt64(1)...3).compactMap { fleet.enter($0, at: now).seat?.backend }
        #expect(seats == ["gpu1", "gpu2", "gpu2"])
    }

    @Test func `a trial of the whole backend is one, whatever its model`() {
        var fleet = fleet(backend("gpu1", installed("a", "b"), slots: 9))
        var now = start
        fleet.play(unreached, times: 3)
        _ = fleet.wake(&now)
        let trial = fleet.enter(1, ["a:latest"], at: now).seat!
        #expect(fleet.enter(2, ["b:latest"], at: now).place != nil)
        let notices = fleet.leave(trial, .neutral, at: now)
        #expect(notices.compactMap(\.seat).map(\.model) == ["b:latest"])
    }

    // MARK: The last resort

    @Test func `where nobody else can serve, one request a second is let through`() {
        var fleet = fleet(backend("gpu1", slots: 9))
        fleet.play(unreached, times: 3)
        let refusal = fleet.enter(1, at: start + .milliseconds(100)).refusal
        #expect(refusal?.reason == .backendsUnavailable && refusal?.considered.map(\.finding) == [.open])
        #expect(refusal?.retryAfter == .seconds(1))
        var reached = 0
        for tenth in 1...95 {  // The shortest first opening is 8 s.
            reached += fleet.play(unreached, times: 4, at: start + .milliseconds(tenth * 83)).count
        }
        #expect(reached == 7)
    }

    @Test func `nobody is let through early while another can serve, be it only to wait`() {
        var fleet = fleet(backend("gpu1", slots: 1), backend("gpu2", slots: 1))
        for request in UInt64(0)..<6 {
            let seat = fleet.enter(request).seat!
            _ = fleet.leave(seat, seat.backend == "gpu1" ? unreached : .success, at: start)
        }
        let now = start + .seconds(3)
        #expect(fleet.enter(10, at: now).seat?.backend == "gpu2")
        #expect(fleet.enter(11, at: now).place != nil)
        let retry = fleet.enter(12, excluding: [Exclusion(backend: "gpu2")], at: now).refusal
        #expect(retry?.reason == .backendsUnavailable && (retry?.retryAfter ?? .zero) > .seconds(3))
    }

    @Test func `an early trial that is out is the only one, however long it takes`() {
        var fleet = fleet(backend("gpu1", slots: 9))
        fleet.play(unreached, times: 3)
        let now = start + .seconds(2)
        #expect(fleet.enter(1, at: now).seat != nil)
        for second in 1...5 { #expect(fleet.enter(UInt64(1 + second), at: now + .seconds(second)).refusal != nil) }
    }

    // MARK: Pauses

    @Test func `a short pause is waited for, and the waiting are seated when it is over`() {
        var fleet = fleet(backend("gpu1", slots: 4))  // Of which a pause leaves two.
        var now = start
        fleet.play(.busy(retryAfter: .seconds(7)), times: 1)
        #expect(fleet.state("gpu1", "a:latest") == .throttled && fleet.state("gpu1") == .closed)
        let entries = (UInt64(1)...3).map { fleet.enter($0) }
        #expect(entries.allSatisfy { $0.place != nil })
        let notices = fleet.wake(&now)
        #expect(now == start + .seconds(7))
        #expect(notices.compactMap(\.seat).map(\.request) == [id(1), id(2)])
    }

    @Test func `a long pause is told to the client as it was told to us`() {
        var fleet = fleet(backend("gpu1", slots: 2))
        fleet.play(.busy(retryAfter: .seconds(100)), times: 1)
        let refusal = fleet.enter(1, at: start + .seconds(10)).refusal
        #expect(refusal?.reason == .upstreamBusy && refusal?.retryAfter == .seconds(90))
        #expect(refusal?.considered.map(\.finding) == [.throttled])
    }

    @Test func `a busy backend leaves the work to others`() {
        var fleet = fleet(backend("gpu1", slots: 9), backend("gpu2", slots: 9))
        let first = fleet.enter(1).seat!
        _ = fleet.leave(first, .busy(retryAfter: .seconds(200)), at: start)
        #expect(fleet.play(.success, times: 20).allSatisfy { $0 != first.backend })
    }

    // MARK: Half of them

    /// Each request fails or not by its backend's own share, in turn.
    private func ejected(of backends: Int, sick: Int) -> Int {
        let names = (1...backends).map { BackendID("gpu\($0)") }
        var dispatcher = Dispatcher(limits: Dispatcher.Limits())
        for name in names { _ = dispatcher.update(backend(name, slots: 99), at: start) }
        var turns: [BackendID: Int] = [:]
        for request in UInt64(0)..<UInt64(backends * 60) {
            guard let seat = dispatcher.enter(request).seat else { continue }
            turns[seat.backend, default: 0] += 1
            let isSick = names.firstIndex(of: seat.backend)! < sick
            _ = dispatcher.leave(seat, isSick && turns[seat.backend]! % 3 != 0 ? failed : .success, at: start)
        }
        return names.count { dispatcher.state($0, "a:latest") == .open }
    }

    @Test func `ratios keep at most half of a model's backends away`() {
        for backends in 1...6 {
            for sick in 0...backends {
                #expect(self.ejected(of: backends, sick: sick) == min(sick, backends / 2), "\(sick) of \(backends)")
            }
        }
    }

    @Test func `backends that are down do not count among those that are left`() {
        var fleet = fleet(backend("gpu1", slots: 9), backend("gpu2", slots: 9, availability: .unusable("down")))
        for _ in 0..<30 {
            fleet.play(failed, times: 2)
            fleet.play(.success, times: 1)
        }
        #expect(fleet.state("gpu1", "a:latest") == .closed)
    }

    // MARK: Changes of the fleet

    @Test func `breakers outlive an update, and a model that is listed anew begins anew`() {
        var fleet = fleet(backend("gpu1", slots: 9))
        fleet.play(failed, times: 5)
        _ = fleet.update(backend("gpu1", slots: 3), at: start)
        #expect(fleet.state("gpu1", "a:latest") == .open)
        _ = fleet.update(backend("gpu1", installed("b")), at: start)
        _ = fleet.update(backend("gpu1", installed("a")), at: start)
        #expect(fleet.state("gpu1", "a:latest") == .closed)
    }

    @Test func `a backend that has moved or comes back begins anew, and old seats say nothing of it`() {
        for isRemoved in [true, false] {
            var fleet = fleet(backend("gpu1", slots: 99))
            let seats = (UInt64(0)..<20).map { fleet.enter($0).seat! }
            for seat in seats[..<3] { _ = fleet.leave(seat, unreached, at: start) }
            #expect(fleet.state("gpu1") == .open)
            if isRemoved { _ = fleet.remove("gpu1", at: start) } else { fleet.backendMoved("gpu1") }
            _ = fleet.update(backend("gpu1", slots: 99), at: start)
            #expect(fleet.state("gpu1") == .closed && fleet.wakeAt == nil)
            for seat in seats[3...] { _ = fleet.leave(seat, unreached, at: start) }
            #expect(fleet.state("gpu1") == .closed)
        }
    }

    @Test func `options of an update hold from the next outcome on`() {
        var view = backend("gpu1", slots: 9)
        var fleet = fleet(view)
        view.breaker = Breaker.Options(failures: 2, openFor: .seconds(100))
        _ = fleet.update(view, at: start)
        fleet.play(failed, times: 2)
        #expect(fleet.state("gpu1", "a:latest") == .open)
        #expect((fleet.wakeAt ?? .zero) >= start + .seconds(80))
    }
}
