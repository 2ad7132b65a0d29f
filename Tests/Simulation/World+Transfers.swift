import Residency
import Routing
import Vocabulary

/// The way out: grants, transfers, and what they bring.
extension World {
    mutating func attempt(_ seat: Seat, _ number: Int, _ index: Int) {
        let sends = self.requests[index].attempted.count + 1
        self.referee.check(.attempts, sends <= 2, "request \(index): send number \(sends)")
        if !seat.isExternal { self.checkLoad(of: index) }
        // Where a reload came between verdict and grant, the same place outside is weighed again, once.
        let ungranted = self.requests[index].ungranted.filter { earlier in
            !earlier.isExternal || self.requests[index].ungranted.count { $0 == earlier } > 1
        }
        let places = self.requests[index].attempted + ungranted
        self.referee.check(
            .elsewhere, !places.contains(seat), "request \(index): \(seat.backend) with \(seat.model) once more")
        if ungranted.contains(seat) { return }  // A shell that forgets would go round for ever.
        do throws(Refusal) {
            if seat.isExternal {
                try self.departOutside(seat, index)
            } else if let node = self.nodes.firstIndex(where: { $0.health.id == seat.backend }) {
                let purpose = Purpose.request(seat.request, attempt: number)
                try self.depart(.post(.chat, body: [], model: seat.model.rawValue), node, purpose)
            }
        } catch {
            self.requests[index].ungranted.append(seat)
            self.tally.gateRefusals[error.reason, default: 0] += 1
            self.note("request \(index): no grant: \(error)")
            guard var machine = self.requests[index].machine else { return }
            let actions = machine.attemptRefused(error.reason, error.message, budget: &self.budget, at: self.now)
            self.requests[index].machine = machine
            return self.run(actions, of: index)
        }
        self.requests[index].attempted.append(seat)
        self.requests[index].sawTerminal = false
        self.requests[index].transfer = self.transfers.count
        self.transfers.append(Transfer(request: index, seat: seat))
        var time = self.now
        for step in self.answer(to: seat) {
            time = time + step.after
            self.queue.schedule(.transfer(self.transfers.count - 1, step.event), at: time)
        }
    }

    private mutating func answer(to seat: Seat) -> [SimulatedBackend.Step] {
        if let cloud = self.clouds.firstIndex(where: { $0.plan.id == seat.backend }) {
            return self.clouds[cloud].server.answer(seat.model, at: self.now, &self.dice)
        }
        guard let node = self.nodes.firstIndex(where: { $0.health.id == seat.backend }) else { return [] }
        return self.nodes[node].server.answer(seat.model, at: self.now, &self.dice)
    }

    /// Sends by a real grant, and looks where it leads: the referee has its own opinion of what is inside.
    mutating func depart(_ request: OutboundRequest, _ node: Int, _ purpose: Purpose) throws(Refusal) {
        let id = self.nodes[node].health.id
        if self.sabotage == .grantsWithoutGate {
            return self.sent(to: Self.resolved(self.nodes[node].addresses, node), id)
        }
        guard let checked = self.nodes[node].checked else {
            throw Refusal(.dnsNoAnswer, "the name of \(id) has no usable address")
        }
        let grant = try self.gate.grant(request, to: id, at: checked, purpose: purpose, now: self.now)
        self.sent(to: grant.destination.addresses.map(\.address), grant.backend)
    }

    private mutating func sent(to addresses: [IPAddress], _ backend: BackendID) {
        self.tally.grants += 1
        let isInside = addresses.allSatisfy { $0.octets.count == 4 && $0.octets[0] == 10 && $0.octets[1] == 20 }
        self.referee.check(.zones, isInside && !addresses.isEmpty, "\(backend) was sent something at \(addresses)")
    }

    mutating func cancelTransfer(of index: Int) {
        guard let number = self.requests[index].transfer else { return }
        self.requests[index].transfer = nil
        if self.sabotage != .runsOnAfterCancel { self.transfers[number].isRunning = false }
    }

    mutating func transferBrought(_ event: SimulatedBackend.Event, _ number: Int) {
        let index = self.transfers[number].request
        let wasRunning = self.transfers[number].isRunning
        if case .end = event { self.transfers[number].isRunning = false }
        guard var machine = self.requests[index].machine else { return }
        if machine.isEnded {
            // A cancelled transfer is silent, but what it brought before may still be in the request's inbox.
            guard self.dice.chance(10) else { return }
        } else {
            guard wasRunning, self.requests[index].transfer == number else { return }
        }
        switch event {
        case .head(let status, let retryAfter):
            let actions = machine.answerBegan(
                status: status, retryAfter: retryAfter, budget: &self.budget, at: self.now)
            self.requests[index].machine = machine
            self.run(actions, of: index)
        case .bytes(let signs):
            if signs.contains(.terminal) { self.requests[index].sawTerminal = true }
            let relay = machine.answerContinued(signs, bytes: 10, budget: &self.budget, at: self.now)
            self.requests[index].machine = machine
            self.relay(relay, signs, of: index)
        case .end(let end):
            self.requests[index].transfer = nil
            let actions = machine.attemptEnded(end, budget: &self.budget, at: self.now)
            self.requests[index].machine = machine
            self.run(actions, of: index)
        }
    }

    private mutating func relay(_ relay: RequestMachine.Relay, _ signs: AnswerSigns, of index: Int) {
        let reaches = relay == .commit || relay == .relay || self.sabotage == .relaysHeldBytes && relay == .hold
        if reaches {
            self.referee.check(
                .nothingFromOutside, !signs.contains(.remoteModel), "request \(index) was shown an answer from outside")
        }
        switch relay {
        case .hold:
            if self.sabotage == .relaysHeldBytes { self.bytesReachClient(index) }
        case .commit:
            self.run([.commit], of: index)
            self.bytesReachClient(index)
        case .relay: self.bytesReachClient(index)
        case .discard: break
        case .fail(let actions): self.run(actions, of: index)
        }
    }

    private mutating func bytesReachClient(_ index: Int) {
        switch self.requests[index].shown {
        case .nothing: self.referee.check(.silenceBeforeCommit, false, "request \(index): bytes before its head")
        case .begun: break
        case .over: self.referee.check(.silenceAfterEnd, false, "request \(index): bytes after its end")
        }
    }
}
