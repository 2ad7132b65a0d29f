import Testing
import Vocabulary

@testable import Routing

@Suite struct RequestMachineTests {
    private let here = Seat(request: id(1), backend: "gpu1", model: "a:latest")
    private let there = Seat(request: id(1), backend: "gpu2", model: "a:latest")

    private func failure(_ referee: MachineReferee) -> RequestMachine.Failure? {
        for action in referee.last {
            switch action {
            case .answer(let failure), .breakOff(let failure): return failure
            default: continue
            }
        }
        return nil
    }

    // MARK: The plain way

    @Test func `a stream is held until its first content and then relayed to its end`() {
        var referee = played(.seated)
        #expect(referee.last == [.awaitFirstToken(until: start + .seconds(16)), .attempt(self.here, number: 1)])
        referee.play(.head200, at: start + .seconds(2))
        #expect(referee.last.isEmpty && !referee.machine.isCommitted)
        referee.play(.bytes, at: start + .seconds(3))
        #expect(!referee.machine.isCommitted)
        referee.play(.content, at: start + .seconds(4))
        #expect(referee.machine.isCommitted && referee.client == .begun)
        referee.play(.terminal, at: start + .seconds(5))
        referee.play(.completed, at: start + .seconds(6))
        #expect(
            referee.last == [.finish, .releaseSeat(self.here, .success), .end(referee.ending!)])
        #expect(referee.ending?.reason == .allowLocal && referee.ending?.status == 200)
        #expect(referee.ending?.attempts == 1 && referee.ending?.bytes == 30)
    }

    @Test func `an answer in one piece is shown when it is whole`() {
        let referee = played(.seated, .head200, .content, .terminal, .completed, holding: .whole)
        #expect(referee.last.first == .commit && referee.ending?.reason == .allowLocal)
    }

    @Test func `the end of an answer in one piece is judged when the transfer is over`() {
        var referee = played(.seated, .head200, .bytes, holding: .whole)
        referee.take(
            referee.machine.attemptEnded(
                .completed([.content, .terminal], detail: nil), budget: &referee.budget, at: start + .seconds(4)))
        referee.transferRuns = false
        #expect(referee.ending?.reason == .allowLocal)
        #expect(referee.ending?.timings.firstContent == start + .seconds(4))
    }

    @Test func `a stream without content is shown after so many chunks or bytes`() {
        var referee = played(.seated, .head200)
        for _ in 1..<Bounds.eventsHeld { referee.play(.bytes, at: start) }
        #expect(!referee.machine.isCommitted)
        referee.play(.bytes, at: start)
        #expect(referee.machine.isCommitted)
        #expect(played(.seated, .head200, .flood).machine.isCommitted)
        #expect(played(.seated, .head200, .flood, holding: .whole).machine.isCommitted)
    }

    @Test func `a connection that breaks after the terminal event has broken nothing`() {
        let referee = played(.seated, .head200, .terminal, .stalled)
        #expect(referee.ending?.reason == .allowLocal)
        #expect(referee.last.contains(.releaseSeat(self.here, .success)))
    }

    @Test func `the time is told by phase`() {
        let referee = played(.queued, .seated, .head200, .bytes, .content, .terminal, .completed)
        let timings = referee.ending?.timings
        #expect(timings?.begun == start && timings?.queued == .seconds(2))
        #expect(timings?.attemptBegan == start + .seconds(2) && timings?.answerBegan == start + .seconds(3))
        #expect(timings?.firstContent == start + .seconds(5) && timings?.lastBytes == start + .seconds(6))
        #expect(timings?.ended == start + .seconds(7))
    }

    // MARK: Elsewhere

    @Test func `a backend that cannot be reached is excluded with all models, and the next is asked`() {
        var referee = played(.seated, .connectFailed)
        guard case .enterQueue(let order)? = referee.last.last else {
            Issue.record("\(referee.last)")
            return
        }
        #expect(order.excluding == [Exclusion(backend: "gpu1")] && order.arrivedAt == start)
        #expect(referee.last.dropLast() == [.discardHeld, .releaseSeat(self.here, .failure(.upstreamConnectFailed))])
        referee.play(.seated, at: start)
        #expect(referee.last == [.awaitFirstToken(until: start + .seconds(15)), .attempt(self.there, number: 2)])
        referee.play(.head200, at: start)
        referee.play(.terminal, at: start)
        referee.play(.completed, at: start)
        #expect(referee.ending?.reason == .allowLocal && referee.ending?.backend == "gpu2")
        #expect(referee.ending?.attempts == 2 && referee.ending?.tried.map(\.reason) == [.upstreamConnectFailed])
    }

    @Test func `a server error excludes the backend for this model only`() {
        let referee = played(.seated, .head500, .completed, models: ["a:latest", "b:latest"])
        #expect(referee.exclusions == [Exclusion(backend: "gpu1", model: "a:latest")])
    }

    @Test(arguments: [
        ([MachineEvent.head500, .completed], SeatOutcome.failure(.upstreamError)),
        ([.head503, .completed], .busy(retryAfter: .seconds(3))),
        ([.head503, .stalled], .busy(retryAfter: .seconds(3))),
        ([.head404, .missing, .completed], .modelMissing),
        ([.head200, .malformed], .failure(.upstreamMalformed)), ([.head200, .errorEvent], .failure(.upstreamError)),
        ([.head200, .bytes, .completed], .failure(.upstreamTruncated)), ([.completed], .failure(.upstreamTruncated)),
        ([.head200, .bytes, .stalled], .failure(.upstreamStalled)), ([.head302], .failure(.redirectRefused)),
        ([.head400, .flood], .failure(.upstreamMalformed)), ([.gateRefusedPlace], .neutral),
    ])
    func `what fails before the client has seen anything is tried elsewhere`(
        events: [MachineEvent], outcome: SeatOutcome
    ) {
        var referee = played(.seated)
        for event in events { referee.play(event, at: start) }
        #expect(referee.wait == .asked, "\(referee.last)")
        #expect(referee.last.contains(.releaseSeat(self.here, outcome)), "\(referee.last)")
        #expect(referee.faults.isEmpty)
    }

    @Test(arguments: [([MachineEvent.head400], 400), ([.head501], 501), ([.head404], 404), ([.head400, .bytes], 400)])
    func `what the backend says of the request itself is passed on and counts against nobody`(
        events: [MachineEvent], status: Int
    ) {
        var referee = played(.seated)
        for event in events + [.completed] { referee.play(event, at: start) }
        #expect(
            referee.last
                == [.passOn(status: status), .releaseSeat(self.here, .neutral), .end(referee.ending!)])
        #expect(referee.ending?.reason == .upstreamRefused && referee.ending?.status == status)
    }

    @Test(arguments: [401, 403, 407])
    func `a backend that refuses this gateway is not passed on as if it had refused the client`(status: Int) {
        var referee = played(.seated)
        referee.take(referee.machine.answerBegan(status: status, retryAfter: nil, budget: &referee.budget, at: start))
        referee.play(.completed, at: start)
        #expect(referee.wait == .asked && referee.last.contains(.releaseSeat(self.here, .neutral)))
        referee.play(.refused, at: start)
        #expect(self.failure(referee)?.reason == .upstreamError)
        #expect(self.failure(referee)?.message.contains("it refuses Gatehouse itself") == true)
    }

    @Test func `two sends are the most`() {
        let referee = played(.seated, .head500, .completed, .seated, .head500, .completed)
        #expect(referee.ending?.reason == .upstreamError && referee.ending?.attempts == 2)
        #expect(
            self.failure(referee)?.message
                == "gpu1 (a:latest): answered with status 500; gpu2 (a:latest): answered with status 500")
    }

    @Test func `places that came to no send do not count as attempts`() {
        let referee = played(
            .seated, .gateRefusedPlace, .seated, .connectFailed, .refused, models: ["a:latest", "b:latest"])
        #expect(referee.ending?.attempts == 1 && referee.ending?.tried.map(\.wasSent) == [false, true])
    }

    @Test func `what the gate says of the request itself ends it`() {
        let referee = played(.seated, .gateRefusedRequest)
        #expect(referee.ending?.reason == .pathForbidden && referee.ending?.status == 403)
        #expect(referee.ending?.attempts == 0)
    }

    @Test func `without budget there is no retry, and the answer says so`() {
        var referee = machine()
        referee.budget = RetryBudget(percent: 0, floor: 0)
        for event in [MachineEvent.seated, .head500, .completed] { referee.play(event, at: start) }
        #expect(referee.ending?.reason == .upstreamError && referee.faults.isEmpty)
        #expect(self.failure(referee)?.message.hasSuffix("since too many requests failed in the last 10 s") == true)
    }

    @Test func `a budget that others spent while it waited ends the retry without a send`() {
        var referee = played(.seated, .head500, .completed, .queued)
        referee.budget = RetryBudget(percent: 0, floor: 0)
        referee.play(.seated, at: start)
        #expect(referee.last.first == .releaseSeat(self.there, .neutral))
        #expect(referee.ending?.reason == .upstreamError && referee.ending?.attempts == 1)
        #expect(referee.faults.isEmpty)
    }

    @Test func `a retry spends the budget, and its answer is judged without the signs of the first`() {
        var referee = machine()
        referee.budget = RetryBudget(percent: 0, floor: 1)
        for event in [MachineEvent.seated, .head200, .malformed, .seated] { referee.play(event, at: start) }
        #expect(!referee.budget.allowsRetry(at: start))
        for event in [MachineEvent.head200, .terminal, .completed] { referee.play(event, at: start) }
        #expect(referee.ending?.reason == .allowLocal && referee.ending?.bytes == 10)
        #expect(referee.faults.isEmpty)
    }

    // MARK: After the commit

    @Test(arguments: [
        (MachineEvent.errorEvent, Reason.upstreamError), (.malformed, .upstreamMalformed),
        (.completed, .upstreamTruncated), (.stalled, .upstreamStalled),
    ])
    func `what breaks after the client has seen something is told as broken and never retried`(
        event: MachineEvent, reason: Reason
    ) {
        let referee = played(.seated, .head200, .content, event)
        #expect(referee.ending?.reason == reason && referee.ending?.status == 200)
        #expect(referee.last.contains(.releaseSeat(self.here, .failure(reason))))
        #expect(self.failure(referee)?.message.hasPrefix("the answer is incomplete: gpu1: ") == true)
        #expect(referee.last.contains { if case .breakOff = $0 { true } else { false } })
    }

    @Test(arguments: [false, true])
    func `an answer from outside quarantines the backend, is withheld and not retried`(isCommitted: Bool) {
        let referee = isCommitted ? played(.seated, .head200, .content, .remote) : played(.seated, .head200, .remote)
        #expect(referee.last.starts(with: [.cancelTransfer, .quarantine("gpu1")]))
        #expect(referee.ending?.reason == .remoteModel)
        #expect(referee.ending?.status == (isCommitted ? 200 : 403))
    }

    // MARK: From outside

    @Test func `a client that leaves frees queue and seat and counts against nobody`() {
        #expect(played(.queued, .clientLeft).last.first == .leaveQueue)
        for events: [MachineEvent] in [[.seated], [.seated, .head200], [.seated, .head400]] {
            var referee = machine()
            for event in events + [.clientLeft] { referee.play(event, at: start) }
            #expect(
                referee.last == [
                    .cancelTransfer, .discardHeld, .releaseSeat(self.here, .neutral), .end(referee.ending!),
                ])
            #expect(referee.ending?.reason == .clientLeft && referee.ending?.status == 499)
        }
    }

    @Test func `a client that takes nothing is cut`() {
        let referee = played(.seated, .head200, .content, .clientTooSlow)
        #expect(
            referee.last == [
                .cancelTransfer, .releaseSeat(self.here, .neutral), .cutClient, .end(referee.ending!),
            ])
        #expect(referee.ending?.reason == .clientTooSlow)
    }

    @Test(arguments: [
        (MachineEvent.operatorCancelled, Reason.cancelled), (.deadline, .deadlineExceeded), (.drain, .shutdown),
    ])
    func `whoever ends a request, the client is told before and after the commit`(event: MachineEvent, reason: Reason) {
        let before = played(.seated, event)
        let after = played(.seated, .head200, .content, event)
        #expect(before.last.contains { if case .answer = $0 { true } else { false } })
        #expect(after.last.contains { if case .breakOff = $0 { true } else { false } })
        #expect(before.ending?.reason == reason && after.ending?.reason == reason)
        #expect(before.ending?.status == reason.status && after.ending?.status == 200)
    }

    @Test func `the wait ends with the caller's patience, and with ours`() {
        var referee = machine(deadline: start + .seconds(20))
        #expect(played(.queued).last == [.awaitSeat(until: start + .seconds(300))])
        referee.play(.queued, at: start)
        #expect(referee.last == [.awaitSeat(until: start + .seconds(20))])
        for event in [MachineEvent.queueWaitOver, .deadline] {
            var late = referee
            late.play(event, at: start + .milliseconds(20_001))  // Timers come a little late.
            #expect(late.ending?.reason == .queueTimeout && late.ending?.status == 429)
            #expect(self.failure(late)?.retryAfter == .seconds(7))
            #expect(
                self.failure(late)?.message
                    == "no slot for a:latest became free within 20 s; try again in 7 s")
        }
    }

    @Test func `a wait that is over after the seat came changes nothing`() {
        let referee = played(.queued, .seated, .queueWaitOver)
        #expect(referee.last.isEmpty && referee.ending == nil)
    }
}
