@_spi(Durable) import Residency
import Routing
import Vocabulary

/// One send outside, from the writing of its intent to its outcome.
struct Departure {
    enum Writing {
        case running
        /// On the disk.
        case durable
        /// Never there.
        case lost
    }

    let request: Int
    let intent: AuditIntent
    let wall: WallTime
    var writing = Writing.running
    /// Nobody waits for it any more: when it is durable, nothing is sent.
    var isGivenUp = false
    var wasSent = false
    var outcomes = 0

    var isBeingWritten: Bool { self.writing == .running }
    var isLost: Bool { self.writing == .lost }
}

/// The shell's part outside: where backends are, intents, grants, sends and outcomes. It plays the audit store too.
extension World {
    // MARK: Where

    mutating func resolveOutside(_ index: Int) {
        let plan = self.clouds[index].plan
        let kind = plan.addresses.last { $0.0 <= self.now }?.1 ?? .inside
        self.clouds[index].addresses = kind
        do throws(Refusal) {
            self.clouds[index].checked = try self.gate.judge(plan.resolved(kind), of: plan.id, at: self.now)
        } catch {
            if error.reason != .dnsNoAnswer { self.clouds[index].checked = nil }
            self.note("\(plan.id): \(error)")
        }
        self.publishOutside(index)
    }

    mutating func publishOutside(_ index: Int) {
        let cloud = self.clouds[index]
        let view = BackendView(
            id: cloud.plan.id, availability: cloud.checked == nil ? .unusable("it has no address") : .usable,
            models: cloud.server.allModels.map { InstalledModel(name: $0) },
            slots: SlotPolicy(perModel: cloud.plan.slots + (self.sabotage == .raisesSlots ? 1 : 0)),
            breaker: self.plan.breaker, isExternal: true)
        self.forgetBreakers(of: view.id, exceptFor: cloud.server.allModels)
        self.deliver(self.dispatcher.update(view, at: self.now))
    }

    mutating func flipOutside(_ index: Int) {
        self.clouds[index].server.isUp.toggle()
        let id = self.clouds[index].plan.id
        self.note("\(id) goes \(self.clouds[index].server.isUp ? "up" : "down")")
        if !self.clouds[index].server.isUp { self.cutTransfers(to: id) }
    }

    // MARK: The intent

    mutating func recordIntent(_ seat: Seat, _ verdict: Verdict, _ number: Int, _ index: Int) {
        self.checkLoad(of: index)
        self.checkSeatOutside(seat, verdict, index)
        guard let checked = self.clouds.first(where: { $0.plan.id == seat.backend })?.checked else {
            return self.refuse(index, Refusal(.grantInvalid, "it is no longer where it was"))
        }
        let isNew = self.requests[index].intents.insert(self.sabotage == .reusesNumbers ? 1 : number).inserted
        self.referee.check(.intents, isNew, "request \(index): a second intent with number \(number)")
        self.reserve(verdict, index)
        let body = self.body(of: index)
        let intent = AuditIntent(
            verdict: verdict, attempt: number, endpoint: "/v1/chat/completions", key: nil, project: nil, feature: nil,
            sensitivitySources: ["default"], jurisdiction: "EU", addresses: checked.addresses,
            candidates: self.requests[index].machine?.candidates ?? [], bytes: body.count,
            bodyHash: AuditHash(of: body), commitment: .zero)
        self.requests[index].departure = self.departures.count
        self.write(Departure(request: index, intent: intent, wall: self.wall))
        if self.sabotage == .sendsUnrecorded { self.tell(index) { machine, _, now in machine.intentRecorded(at: now) } }
    }

    func body(of index: Int) -> [UInt8] {
        Array(repeating: UInt8(ascii: "a") + UInt8(index % 26), count: self.requests[index].plan.bytes)
    }

    /// The disk takes its time, and the shell gives up after a second, unless it is stuck itself.
    private mutating func write(_ departure: Departure) {
        let number = self.departures.count
        self.departures.append(departure)
        let audit = self.plan.audit
        let giveUp = self.now + Bounds.auditWait
        if self.dice.chance(audit.failsPercent) {
            self.departures[number].writing = .lost
            self.queue.schedule(.intentGivenUp(number), at: self.now + self.dice.moment)
        } else if self.dice.chance(audit.latePercent) {
            self.queue.schedule(.intentGivenUp(number), at: giveUp)
            self.queue.schedule(.intentDurable(number), at: giveUp + self.dice.moment)
        } else if self.dice.chance(audit.stuckPercent) {
            self.queue.schedule(.intentDurable(number), at: self.now + .seconds(self.dice.number(27...40)))
        } else {
            self.queue.schedule(.intentDurable(number), at: self.now + self.dice.moment)
        }
    }

    mutating func intentDurable(_ number: Int) {
        self.departures[number].writing = .durable
        let index = self.departures[number].request
        if self.departures[number].isGivenUp {
            self.tally.intentsGivenUp += 1
            return self.outcome(number)
        }
        guard self.requests[index].departure == number, self.sabotage != .sendsUnrecorded else { return }
        self.tell(index) { machine, _, now in machine.intentRecorded(at: now) }
    }

    mutating func intentGivenUp(_ number: Int) {
        let index = self.departures[number].request
        guard !self.departures[number].isGivenUp, self.requests[index].departure == number else { return }
        self.departures[number].isGivenUp = true
        self.requests[index].departure = nil
        if self.sabotage == .sendsUnrecorded { return }
        self.refuse(index, Refusal(.auditUnavailable, "the audit chain cannot be written"))
    }

    private mutating func refuse(_ index: Int, _ refusal: Refusal) {
        self.tally.gateRefusals[refusal.reason, default: 0] += 1
        self.note("request \(index): nothing is sent: \(refusal)")
        self.tell(index) { machine, budget, now in
            machine.attemptRefused(refusal.reason, refusal.message, budget: &budget, at: now)
        }
    }

    // MARK: The send

    /// Sends by a real grant for what was recorded.
    mutating func departOutside(_ seat: Seat, _ index: Int) throws(Refusal) {
        guard let number = self.requests[index].departure,
            let cloud = self.clouds.first(where: { $0.plan.id == seat.backend })
        else { throw Refusal(.grantInvalid, "nothing was recorded of it") }
        let departure = self.departures[number]
        if self.sabotage == .grantsWithoutGate {
            return self.left(number, for: cloud, at: cloud.plan.resolved(cloud.addresses))
        }
        guard let checked = cloud.checked else { throw Refusal(.dnsNoAnswer, "it has no address any more") }
        let verdict = departure.intent.verdict
        let grant = try self.gate.grant(
            .post(.openAIChat, body: self.body(of: index), model: verdict.model), at: checked, verdict: verdict,
            intent: DurableIntent(departure.intent, sequence: Int64(number)),
            now: self.sabotage == .asksGateTooLate ? verdict.madeAt : self.now)
        self.left(number, for: cloud, at: grant.destination.addresses.map(\.address))
        self.tempt(number, cloud, checked)
    }

    private mutating func left(_ number: Int, for cloud: Cloud, at addresses: [IPAddress]) {
        self.tally.grants += 1
        self.tally.triggers[self.departures[number].intent.verdict.trigger, default: 0] += 1
        self.checkDeparture(number, cloud, addresses)
        self.departures[number].wasSent = true
    }

    /// Asks the gate for what it must never give: all that is granted here is a fault of its own.
    private mutating func tempt(_ number: Int, _ cloud: Cloud, _ checked: CheckedAddresses) {
        guard self.dice.chance(10) else { return }
        let intent = self.departures[number].intent
        let body = self.body(of: self.departures[number].request)
        let others = self.clouds.filter { $0.plan.id != cloud.plan.id }.compactMap(\.checked)
        let places = [cloud.outdated].compactMap { $0 } + others
        let late = intent.verdict.madeAt + Bounds.grantLife
        self.refuses("after 30 s", intent, body, checked, late)
        self.refuses("with another body", intent, body + [0], checked, self.now)
        for place in places { self.refuses("at another address", intent, body, place, self.now) }
    }

    private mutating func refuses(
        _ what: String, _ intent: AuditIntent, _ body: [UInt8], _ checked: CheckedAddresses, _ now: Instant
    ) {
        var isRefused = false
        do throws(Refusal) {
            let grant = try self.gate.grant(
                .post(.openAIChat, body: body, model: intent.verdict.model), at: checked, verdict: intent.verdict,
                intent: DurableIntent(intent, sequence: 1), now: now)
            _ = grant.generation
        } catch {
            isRefused = true
        }
        self.referee.check(.grants, isRefused, "\(intent.verdict.backend) was granted something \(what)")
    }

    // MARK: The outcome

    /// The seat is given back: whatever became of the send, its intent is told, now or when it is durable.
    mutating func settle(_ index: Int) {
        guard let number = self.requests[index].departure else { return }
        self.requests[index].departure = nil
        self.departures[number].isGivenUp = true
        if self.departures[number].writing == .durable { self.outcome(number) }
    }

    private mutating func outcome(_ number: Int) {
        if self.sabotage == .forgetsOutcomes, !self.departures[number].wasSent { return }
        self.departures[number].outcomes += 1
    }
}
