import Residency
import Testing
import Vocabulary

@testable import Routing

/// The way up: who is asked where those asked for cannot answer, and what is said of why.
@Suite struct RequestMachineLadderTests {
    private let here = Seat(request: id(1), backend: "gpu1", model: "a:latest")
    private let cloud = Seat(request: id(1), backend: "cloud", model: "m-large", isExternal: true)

    @Test func `each rung is tried in its order, and the reply is the last`() {
        var referee = machine(climbing: ladder)
        #expect(referee.latestOrder?.models == ["a:latest"] && referee.latestOrder?.isContinued == false)
        referee.play(.refused)
        #expect(referee.latestOrder?.models == ["a:latest", "b:latest"] && referee.latestOrder?.isContinued == true)
        referee.play(.refused)
        #expect(referee.last == [.weigh("cloud", "m-large", .localDown)])
        referee.play(.denied)
        #expect(referee.last == [.weigh("far", "m-far", .localDown)])
        referee.play(.denied)
        #expect(referee.last == [.reply("come again"), .end(referee.ending!)])
        #expect(referee.ending?.reason == .fallbackReply && referee.ending?.status == 200)
        #expect(referee.ending?.attempts == 0 && referee.ending?.verdict?.reason == .sensitivityTooHigh)
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `a way that leads to a reply alone is answered at once`() {
        let told = Unresolved(reason: .modelUnavailable, message: "nowhere", retryAfter: nil)
        let referee = machine(climbing: [.reply("come again")], trouble: .init(trigger: .localDown, told: told))
        #expect(referee.reply == "come again" && referee.ending?.reason == .fallbackReply)
    }

    // MARK: Why

    private static let down = fleet(backend("gpu1", availability: .unusable("connection refused")))
    private static let full: Dispatcher = {
        var full = fleet(backend("gpu1"), queuePerModel: 0)
        _ = full.enter(9)
        return full
    }()
    private static let pausing: Dispatcher = {
        var pausing = fleet(backend("gpu1"))
        _ = pausing.leave(pausing.enter(9).seat!, .busy(retryAfter: .seconds(200)), at: start)
        return pausing
    }()

    @Test(arguments: [(Self.down, Trigger.localDown), (Self.full, .localSaturated), (Self.pausing, .localSaturated)])
    func `what the dispatcher refuses for is the trigger`(fleet: Dispatcher, trigger: Trigger) {
        var referee = machine(climbing: [.local(["a:latest"]), .external("cloud", "m-large")])
        referee.refuse(by: fleet)
        #expect(referee.last == [.weigh("cloud", "m-large", trigger)])
    }

    @Test(arguments: [
        ([MachineEvent.connectFailed], Trigger.localDown), ([.head500, .completed], .localDown),
        ([.head200, .stalled], .localTimeout), ([.head503, .completed], .localSaturated),
        ([.head404, .missing, .completed], .localDown), ([.head200, .malformed], .localDown),
        ([.gateRefusedPlace], .localDown),
    ])
    func `what a local attempt fails of is the trigger, once no other local place is left`(
        events: [MachineEvent], trigger: Trigger
    ) {
        var referee = machine(climbing: [.local(["a:latest"]), .external("cloud", "m-large")])
        referee.play(.seated)
        for event in events { referee.play(event) }
        #expect(referee.latestOrder?.models == ["a:latest"] && referee.latestOrder?.external == nil)
        referee.play(.refused)
        #expect(referee.last == [.weigh("cloud", "m-large", trigger)])
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `a first token that does not come in time is a trigger`() {
        var referee = machine(climbing: [.local(["a:latest"]), .external("cloud", "m-large")])
        referee.play(.seated)
        referee.play(.firstTokenDue, .refused, at: start + .seconds(120))
        #expect(referee.last == [.weigh("cloud", "m-large", .localTimeout)])
    }

    @Test(arguments: [Trigger.localDown, .contextOverflow, .capabilityMissing, .callerRequested])
    func `what was known from the beginning is the trigger`(trigger: Trigger) {
        let told = Unresolved(reason: .contextOverflow, message: "too long", retryAfter: nil)
        let referee = machine(
            climbing: [.external("cloud", "m-large")], trouble: .init(trigger: trigger, told: told))
        #expect(referee.last == [.weigh("cloud", "m-large", trigger)])
    }

    // MARK: Outside

    @Test func `outside the intent is durable before anything is sent`() {
        var referee = machine(climbing: ladder)
        referee.play(.refused, .refused, .allowed)
        let order = referee.latestOrder
        #expect(order?.external == "cloud" && order?.models == ["m-large"])
        #expect(order?.isContinued == true && order?.arrivedAt == start)
        referee.play(.seated, at: start + .seconds(1))
        #expect(referee.last == [.recordIntent(self.cloud, referee.verdict!, number: 1)])
        #expect(referee.machine.seat == self.cloud)
        referee.play(.intentRecorded, at: start + .seconds(2))
        #expect(
            referee.last == [.awaitFirstToken(until: start + .seconds(31)), .attempt(self.cloud, number: 1)])
        referee.play(.head200, .content, .terminal, .completed, at: start + .seconds(3))
        #expect(referee.last == [.finish, .releaseSeat(self.cloud, .success), .end(referee.ending!)])
        #expect(referee.ending?.reason == .allowRule && referee.ending?.attempts == 1)
        #expect(referee.ending?.verdict == referee.verdict && referee.ending?.backend == "cloud")
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `a place outside that has no seat is passed, and nothing is written of it`() {
        var referee = machine(climbing: ladder)
        referee.play(.refused, .refused, .allowed, .refused)
        #expect(referee.last == [.weigh("far", "m-far", .localDown)])
        referee.play(.allowed, .refused)
        #expect(referee.reply != nil && referee.ending?.attempts == 0)
        #expect(referee.ending?.tried.map(\.wasSent) == [false, false])
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `two sends are the most over all rungs`() {
        var referee = machine(climbing: ladder)
        referee.play(.seated, .connectFailed, .refused, .refused, .allowed, .seated)
        #expect(referee.last == [.recordIntent(self.cloud, referee.verdict!, number: 2)])
        referee.play(.intentRecorded, .head500, .completed)
        #expect(referee.reply != nil && referee.ending?.attempts == 2)
        #expect(referee.ending?.tried.map(\.reason) == [.upstreamConnectFailed, .upstreamError])
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `another attempt outside needs the budget like any other`() {
        var referee = machine(climbing: [.local(["a:latest"]), .external("cloud", "m-large")])
        referee.budget = RetryBudget(percent: 0, floor: 1)
        referee.play(.seated, .connectFailed, .refused, .allowed)
        referee.budget = RetryBudget(percent: 0, floor: 0)  // Others have spent it meanwhile.
        referee.play(.seated)
        #expect(referee.last.first == .releaseSeat(self.cloud, .neutral))
        #expect(referee.ending?.attempts == 1 && referee.ending?.reason == .backendsUnavailable)
        #expect(referee.failure?.message.contains("too many requests failed in the last 10 s") == true)
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `a first attempt outside is no retry`() {
        var referee = machine(climbing: [.local(["a:latest"]), .external("cloud", "m-large")])
        referee.budget = RetryBudget(percent: 0, floor: 0)
        referee.play(.refused, .allowed, .seated, .intentRecorded)
        #expect(referee.last.contains(.attempt(self.cloud, number: 1)))
    }

    @Test func `who has no budget for another attempt is given the reply`() {
        var referee = machine(climbing: ladder)
        referee.budget = RetryBudget(percent: 0, floor: 0)
        referee.play(.seated, .head500, .completed)
        #expect(referee.reply == "come again" && referee.ending?.attempts == 1)
    }

    @Test func `what the request itself is to blame for gets no reply in place of the answer`() {
        var passed = machine(climbing: ladder)
        passed.play(.seated, .head400, .completed)
        #expect(passed.last.first == .passOn(status: 400) && passed.reply == nil)
        var refused = machine(climbing: ladder)
        refused.play(.seated, .gateRefusedRequest)
        #expect(refused.failure?.reason == .pathForbidden && refused.reply == nil)
    }

    @Test func `what breaks after the client has seen something outside is told as broken`() {
        var referee = machine(climbing: ladder)
        referee.play(.refused, .refused, .allowed, .seated, .intentRecorded, .head200, .content, .stalled)
        #expect(referee.failure?.message == "the answer is incomplete: cloud: fell silent")
        #expect(referee.ending?.reason == .upstreamStalled && referee.ending?.status == 200)
        #expect(referee.last.contains(.releaseSeat(self.cloud, .failure(.upstreamStalled))))
    }

    @Test(arguments: [401, 403])
    func `a key that is not taken outside is our fault, and counts against the backend`(status: Int) {
        var referee = machine(climbing: [.local(["a:latest"]), .external("cloud", "m-large")])
        referee.play(.refused, .allowed, .seated, .intentRecorded)
        referee.take(referee.machine.answerBegan(status: status, retryAfter: nil, budget: &referee.budget, at: start))
        referee.play(.completed, .refused)
        #expect(referee.ending?.tried.last?.reason == .upstreamCredentials)
        #expect(referee.ending?.status == 502)
    }

    /// Gemini calls it a bad request, and says in its body that it is the key.
    @Test func `a bad request outside is the client's, but for one that is for the key's sake`() {
        for (signs, reason) in [([], .upstreamRefused), (.keyRefused, .upstreamCredentials)] as [(AnswerSigns, Reason)]
        {
            var referee = machine(climbing: [.local(["a:latest"]), .external("cloud", "m-large")])
            referee.play(.refused, .allowed, .seated, .intentRecorded, .head400)
            referee.take(
                referee.machine.attemptEnded(.completed(signs, detail: nil), budget: &referee.budget, at: start))
            if signs == .keyRefused { referee.play(.refused) }
            #expect((referee.ending?.tried.last?.reason ?? referee.ending?.reason) == reason)
        }
    }

    @Test(arguments: [503, 529])
    func `overload outside is no limit of the caller's`(status: Int) {
        var referee = machine(climbing: [.local(["a:latest"]), .external("cloud", "m-large")])
        referee.play(.refused, .allowed, .seated, .intentRecorded)
        referee.take(referee.machine.answerBegan(status: status, retryAfter: nil, budget: &referee.budget, at: start))
        let end = AttemptEnd.completed([], detail: nil, retryAfter: .seconds(37))
        referee.take(referee.machine.attemptEnded(end, budget: &referee.budget, at: start))
        #expect(referee.last.contains(.releaseSeat(self.cloud, .busy(retryAfter: .seconds(37)))))
        referee.play(.refused)
        #expect(referee.ending?.tried.last?.reason == .backendsUnavailable)
    }

    @Test func `residency's refusals on the way are the candidates of the record`() {
        var referee = machine(climbing: ladder)
        referee.play(.refused, .refused, .denied, .allowed, .seated)
        #expect(
            referee.machine.candidates == [
                AuditDecision.Candidate(backend: "cloud", model: "m-large", reason: .sensitivityTooHigh)
            ])
    }

    @Test(arguments: [
        [MachineEvent.intentRecorded, .connectFailed], [.intentRecorded, .gateRefusedPlace], [.auditFailed],
    ])
    func `after a failure outside local comes first again, and then the next outside`(events: [MachineEvent]) {
        var referee = machine(climbing: ladder)
        referee.play(.refused, .refused, .allowed, .seated)
        for event in events { referee.play(event) }
        #expect(referee.latestOrder?.models == ["a:latest"] && referee.latestOrder?.arrivedAt == start)
        var served = referee
        served.play(.seated, .head200, .terminal, .completed)
        #expect(served.ending?.reason == .allowLocal && served.faults.isEmpty)
        referee.play(.refused, .refused)
        #expect(referee.last == [.weigh("far", "m-far", .localDown)])
        referee.play(.allowed, .seated, .intentRecorded, .head200, .terminal, .completed)
        #expect(referee.ending?.backend == "far" && referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `the end tells what the policy said, whatever came after`() {
        var replied = machine(climbing: ladder)
        replied.play(.refused, .refused, .allowed, .seated, .auditFailed, .refused, .refused)
        replied.judged(.noMatchingAllow, start)
        #expect(replied.reply != nil && replied.ending?.verdict?.reason == .noMatchingAllow)
        var failed = machine(climbing: [.external("cloud", "m-large"), .reply("come again")])
        failed.play(.allowed, .seated, .intentRecorded, .connectFailed)
        #expect(failed.reply != nil && failed.ending?.verdict?.isAllowed == true)
    }

    @Test func `no two intents of a request have the same number, though nothing is sent of the first`() {
        var numbers: [Int] = []
        var referee = machine(climbing: [.external("cloud", "m-large"), .external("far", "m-far")])
        for events in [[MachineEvent.intentRecorded, .gateRefusedPlace], [.intentRecorded, .connectFailed]] {
            referee.play(.allowed, .seated)
            if case .recordIntent(_, _, let number)? = referee.last.last { numbers.append(number) }
            for event in events { referee.play(event) }
        }
        #expect(numbers == [1, 2] && referee.ending?.attempts == 1)
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    @Test func `after a failure with a smaller model the larger is asked for again`() {
        var referee = machine(climbing: ladder)
        referee.play(.refused)
        (referee.seat, referee.wait) = (Seat(request: id(1), backend: "gpu1", model: "b:latest"), .no)
        referee.take(referee.machine.seated(referee.seat!, budget: &referee.budget, at: start))
        referee.play(.head500, .completed)
        #expect(referee.latestOrder?.models == ["a:latest", "b:latest"])
        #expect(referee.latestOrder?.excluding == [Exclusion(backend: "gpu1", model: "b:latest")])
        referee.play(.refused)
        #expect(referee.last == [.weigh("cloud", "m-large", .localDown)])
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }
}
