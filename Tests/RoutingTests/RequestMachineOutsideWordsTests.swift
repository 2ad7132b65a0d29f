import Testing
import Vocabulary

@testable import Routing

/// What clients read of the way outside, and with which code.
@Suite struct RequestMachineOutsideWordsTests {
    private static let way: [Rung] = [.local(["a:latest"]), .external("cloud", "m-large")]
    private static let down = fleet(backend("gpu1", availability: .unusable("connection refused")))

    /// Nobody here can answer; then these.
    private func down(_ events: MachineEvent..., way: [Rung] = Self.way) -> MachineReferee {
        var referee = machine(climbing: way)
        referee.refuse(by: Self.down)
        for event in events { referee.play(event) }
        if referee.wait == .asked { referee.refuse(by: Self.down) }
        #expect(referee.faults.isEmpty, "\(referee.faults)")
        return referee
    }

    // MARK: Nothing could be sent

    @Test func `an intent that cannot be written is told`() {
        let failure = self.down(.allowed, .seated, .auditFailed).failure
        #expect(failure?.reason == .auditUnavailable)
        #expect(failure?.message.contains("cloud was not asked: the audit chain cannot be written") == true)
    }

    @Test func `a grant that is refused outside is told, and nobody was there`() {
        let referee = self.down(.allowed, .seated, .intentRecorded, .gateRefusedPlace)
        #expect(referee.failure?.reason == .backendsUnavailable && referee.failure?.retryAfter == .seconds(10))
        #expect(referee.failure?.message.contains("cloud was not asked: no") == true)
        #expect(referee.ending?.attempts == 0 && referee.ending?.tried.last?.wasSent == false)
    }

    @Test func `what the gate says outside of the request itself ends it with a word`() {
        let referee = self.down(.allowed, .seated, .intentRecorded, .gateRefusedRequest)
        #expect(
            referee.failure?.reason == .pathForbidden
                && referee.failure?.message.hasSuffix("cloud was not asked: no") == true)
    }

    // MARK: A node that stops

    @Test(arguments: [[Rung.external("cloud", "m-large"), .reply("come again")], [.local(["a:latest"])]])
    func `a node that stops says so, wherever the request was to begin`(way: [Rung]) {
        let told = Unresolved(reason: .modelUnavailable, message: "nowhere", retryAfter: nil)
        var referee = machine(climbing: way, trouble: .init(trigger: .localDown, told: told))
        if referee.weighed != nil { referee.play(.allowed) }
        var closed = fleet(backend("gpu1"), outside("cloud", "m-large"))
        closed.close()
        referee.refuse(by: closed)
        #expect(referee.failure?.reason == .draining && referee.ending?.status == 503)
        #expect(referee.failure?.message.hasPrefix("this node is being stopped") == true)
    }

    // MARK: The policy's refusal, the outage, or the overload

    @Test func `where nobody works here the policy's refusal is the answer`() {
        let referee = self.down(.denied)
        #expect(referee.failure?.reason == .sensitivityTooHigh && referee.ending?.status == 403)
        #expect(referee.ending?.verdict == referee.verdict)
    }

    @Test func `that no rule speaks of it is the outage's, not the caller's`() {
        var referee = self.down()
        referee.judged(.noMatchingAllow, start)
        #expect(referee.failure?.reason == .backendsUnavailable && referee.ending?.status == 503)
        #expect(
            referee.failure?.message
                == "no backend can answer for a:latest: gpu1 is not usable (connection refused); try again in 10 s; "
                + "outside: cloud may not be asked (no_matching_allow)")
    }

    @Test func `overload passes, and is told as that`() {
        var full = fleet(backend("gpu1"), queuePerModel: 0)
        _ = full.enter(9)
        var referee = machine(climbing: Self.way)
        referee.refuse(by: full)
        referee.play(.denied)
        #expect(referee.failure?.reason == .queueFull && referee.ending?.status == 429)
        #expect(
            referee.failure?.message.hasSuffix("outside: cloud may not be asked (sensitivity_too_high, rule r)") == true
        )
    }

    @Test func `so is a wait that was in vain, also for who was refused outside meanwhile`() {
        var referee = machine(climbing: Self.way)
        referee.play(.queued)
        referee.play(.queueWaitOver, .denied, .queued, at: start + .seconds(30))
        referee.play(.queueWaitOver, at: start + .seconds(300))
        #expect(referee.failure?.reason == .queueTimeout && referee.ending?.status == 429)
        #expect(referee.failure?.retryAfter == .seconds(7))
        #expect(
            referee.failure?.message
                == "no slot for a:latest became free within 300 s; try again in 7 s; "
                + "outside: cloud may not be asked (sensitivity_too_high, rule r)")
    }

    @Test(arguments: [[MachineEvent.refused], [.seated, .intentRecorded, .connectFailed], [.seated, .auditFailed]])
    func `who may go elsewhere outside is told of the outage there, which passes`(events: [MachineEvent]) {
        var referee = machine(climbing: Self.way + [.external("far", "m-far")])
        referee.refuse(by: Self.down)
        referee.play(.denied, .allowed)
        for event in events { referee.play(event) }
        while referee.ending == nil, referee.last.isEmpty == false {
            if referee.weighed != nil { referee.play(.denied) } else { referee.play(.refused) }
        }
        #expect(referee.ending?.status == 503)
        #expect(referee.failure?.message.contains("cloud may not be asked (sensitivity_too_high, rule r)") == true)
        #expect(referee.faults.isEmpty, "\(referee.faults)")
    }

    // MARK: Asked for by name

    private func asked(_ reply: [Rung] = []) -> MachineReferee {
        let told = Unresolved(
            reason: .backendsUnavailable, message: "\"large\" is answered outside, by cloud", retryAfter: .seconds(10))
        return machine(
            climbing: [.external("cloud", "m-large")] + reply, trouble: .init(trigger: .callerRequested, told: told))
    }

    @Test func `who asks for a model outside that no rule speaks of is refused, not put off`() {
        var referee = self.asked()
        referee.judged(.noMatchingAllow, start)
        #expect(referee.failure?.reason == .noMatchingAllow && referee.ending?.status == 403)
        #expect(
            referee.failure?.message
                == "\"large\" is answered outside, by cloud; cloud outside may not be asked: "
                + "no rule of the policy lets anything go there; ask who owns the policy; decision \(id(1))")
    }

    @Test func `who asks for a model outside that cannot be reached is put off`() {
        var referee = self.asked()
        referee.play(.allowed)
        referee.refuse(by: fleet(outside("cloud", "m-large", availability: .unusable("its name has no address"))))
        #expect(referee.failure?.reason == .backendsUnavailable && referee.failure?.retryAfter == .seconds(10))
        #expect(
            referee.failure?.message
                == "\"large\" is answered outside, by cloud; outside: cloud is not usable (its name has no address)")
    }

    @Test func `who asks for a model outside that asked for a pause is told how long it is`() {
        var pausing = fleet(outside("cloud", "m-large"))
        let seat = pausing.enter(9, ["m-large"], external: "cloud").seat!
        _ = pausing.leave(seat, .busy(retryAfter: .seconds(7)), at: start)
        var referee = self.asked()
        referee.play(.allowed)
        referee.refuse(by: pausing)
        #expect(referee.failure?.reason == .upstreamBusy && referee.ending?.status == 429)
        #expect(referee.failure?.retryAfter == .seconds(7))
        #expect(
            referee.failure?.message
                == "\"large\" is answered outside, by cloud; outside: cloud is busy and asked for a pause")
    }

    @Test func `who asks for a model outside that is full or open is told that`() {
        var full = fleet(outside("cloud", "m-large"))
        _ = full.enter(9, ["m-large"], external: "cloud")
        var referee = self.asked()
        referee.play(.allowed)
        referee.refuse(by: full)
        #expect(referee.failure?.reason == .upstreamBusy && referee.failure?.retryAfter == .seconds(5))

        var open = fleet(outside("cloud", "m-large"))
        let seat = open.enter(9, ["m-large"], external: "cloud").seat!
        _ = open.leave(seat, .failure(.upstreamCredentials), at: start)
        var other = self.asked()
        other.play(.allowed)
        other.refuse(by: open)
        #expect(other.failure?.reason == .backendsUnavailable && other.ending?.status == 503)
        #expect(other.failure?.retryAfter != nil)
    }

    @Test func `who asks for a model outside may be given the reply`() {
        var referee = self.asked([.reply("come again")])
        referee.play(.denied)
        #expect(referee.reply == "come again")
    }

    @Test func `who asks for a model outside in a way that it does not take is told so`() {
        var referee = self.asked()
        referee.play(.unfit)
        #expect(referee.failure?.reason == .dialectUnsupported && referee.ending?.status == 400)
        #expect(referee.failure?.retryAfter == nil)
        #expect(
            referee.failure?.message
                == "\"large\" is answered outside, by cloud; outside: cloud does not take it: it has no such call")
    }

    @Test func `on the way up it is no more than one place less`() {
        let failure = self.down(.unfit).failure
        #expect(failure?.reason == .backendsUnavailable)
        #expect(failure?.message.hasSuffix("outside: cloud does not take it: it has no such call") == true)
    }

    // MARK: Each once, and as it is

    @Test func `a full backend outside has no queue`() {
        var full = fleet(outside("cloud", "m-large"))
        _ = full.enter(9, ["m-large"], external: "cloud")
        var referee = machine(climbing: Self.way)
        referee.refuse(by: Self.down)
        referee.play(.allowed)
        referee.refuse(by: full)
        #expect(referee.failure?.message.hasSuffix("; outside: cloud has no free slot") == true)
        #expect(referee.ending?.tried.map(\.reason) == [.upstreamBusy])
    }

    @Test func `a place that is passed twice is told once`() {
        var referee = machine(climbing: Self.way)
        referee.play(.queued)
        referee.play(.queueWaitOver, at: start + .seconds(30))
        referee.judged(.noMatchingAllow, start + .seconds(30))
        referee.play(.queued, .refused, at: start + .seconds(30))
        referee.judged(.noMatchingAllow, start + .seconds(30))
        let message = referee.failure?.message ?? ""
        #expect(message.ranges(of: "cloud may not be asked").count == 1, "\(message)")
    }
}
