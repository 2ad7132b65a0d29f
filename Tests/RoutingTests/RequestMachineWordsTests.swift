import Testing
import Vocabulary

@testable import Routing

/// What clients read, word for word.
@Suite struct RequestMachineWordsTests {
    private func answer(_ dispatcher: Dispatcher, after events: [MachineEvent] = []) -> RequestMachine.Failure? {
        var dispatcher = dispatcher
        var referee = machine(["a:latest", "b:latest"])
        for event in events { referee.play(event, at: start) }
        guard
            let refusal = dispatcher.enter(
                1, ["a:latest", "b:latest"], excluding: referee.exclusions
            ).refusal
        else { return nil }
        for action in referee.machine.refused(refusal, at: start) {
            if case .answer(let failure) = action { return failure }
        }
        return nil
    }

    @Test func `nothing usable`() {
        let failure = self.answer(
            fleet(
                backend("gpu1", installed("a", "b"), availability: .unusable("connection refused")),
                backend("gpu2", isDraining: true)))
        #expect(failure?.reason == .backendsUnavailable && failure?.retryAfter == .seconds(10))
        #expect(
            failure?.message
                == "no backend can answer for a:latest, b:latest: gpu1 is not usable (connection refused), "
                + "gpu2 is drained by an operator; try again in 10 s")
    }

    @Test func `nobody has it any more`() {
        let failure = self.answer(fleet(backend("gpu1", installed("c"))))
        #expect(failure?.reason == .modelUnavailable)
        #expect(
            failure?.message
                == "no backend has a:latest, b:latest any more; install it with `ollama pull`, or ask for another model"
        )
    }

    @Test func `a full queue`() {
        var dispatcher = fleet(backend("gpu1"), queuePerModel: 1)
        for request in 10...11 { _ = dispatcher.enter(UInt64(request)) }
        let failure = self.answer(dispatcher)
        #expect(failure?.reason == .queueFull && failure?.retryAfter == .seconds(5))
        #expect(
            failure?.message
                == "all slots for a:latest, b:latest are taken and one request waits already; "
                + "try again in 5 s, or give the backends more slots")
    }

    @Test(arguments: [(0, "none may wait"), (2, "2 requests wait already")])
    func `a full queue tells the bound that is configured`(queueMax: Int, words: String) {
        var dispatcher = fleet(backend("gpu1"), queuePerModel: queueMax)
        for request in 10...12 { _ = dispatcher.enter(UInt64(request)) }
        #expect(self.answer(dispatcher)?.message.contains("are taken and \(words); try again in 5 s") == true)
    }

    @Test func `a node that stops`() {
        var dispatcher = fleet(backend("gpu1"))
        dispatcher.close()
        #expect(self.answer(dispatcher)?.reason == .draining)
    }

    @Test func `one failed and there is no other`() {
        let failure = self.answer(fleet(backend("gpu1")), after: [.seated, .connectFailed])
        #expect(failure?.reason == .backendsUnavailable && failure?.retryAfter == .seconds(10))
        #expect(failure?.message == "gpu1 (a:latest): connection refused; no other backend has the model")
    }

    @Test func `one failed and the other is down`() {
        let failure = self.answer(
            fleet(backend("gpu1"), backend("gpu2", availability: .unusable("probes time out"))),
            after: [.seated, .head500, .completed])
        #expect(failure?.reason == .upstreamError && failure?.retryAfter == nil)
        #expect(
            failure?.message
                == "gpu1 (a:latest): answered with status 500; elsewhere: gpu2 is not usable (probes time out)")
    }

    @Test func `the only one is busy and says when to come again`() {
        let failure = self.answer(fleet(backend("gpu1")), after: [.seated, .head503, .completed])
        #expect(failure?.reason == .upstreamBusy && failure?.retryAfter == .seconds(3))
        #expect(
            failure?.message
                == "gpu1 (a:latest): is busy: it answered with status 503; no other backend has the model")
    }

    @Test func `the backend's own words are in the message`() {
        var referee = played(.seated, .head500)
        referee.transferRuns = false
        referee.take(
            referee.machine.attemptEnded(
                .completed([], detail: "model runner has unexpectedly stopped"), budget: &referee.budget, at: start))
        referee.play(.refused, at: start)
        guard case .answer(let failure)? = referee.last.first else {
            Issue.record("\(referee.last)")
            return
        }
        #expect(failure.message.hasPrefix("gpu1 (a:latest): answered with status 500 (model runner has unexpectedly"))
    }

    @Test func `out of time`() {
        var referee = machine(deadline: start + .seconds(30))
        for event in [MachineEvent.seated, .deadline] { referee.play(event, at: start + .milliseconds(30_001)) }
        #expect(
            referee.last.contains(
                .answer(
                    RequestMachine.Failure(
                        reason: .deadlineExceeded,
                        message: "gpu1 did not answer within the request's own limit of 30 s", retryAfter: nil))))
    }
}
