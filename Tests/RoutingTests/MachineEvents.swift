import Routing
import Testing
import Vocabulary

/// Every event a shell can bring, with enough variety to reach every branch.
enum MachineEvent: CaseIterable {
    case seated, queued, queuedLong, refused, queueWaitOver
    case allowed, denied, unfit, intentRecorded, auditFailed, firstTokenDue
    case gateRefusedPlace, gateRefusedRequest
    case head200, head302, head400, head404, head501, head500, head503
    case bytes, content, terminal, errorEvent, malformed, remote, flood, missing
    case completed, connectFailed, stalled
    case clientLeft, clientTooSlow, operatorCancelled, deadline, drain

    static let interruptions: [MachineEvent] = [.clientLeft, .operatorCancelled, .deadline, .drain]
    static let interruptionsShort: [MachineEvent] = [.clientLeft, .deadline]
}

extension MachineReferee {
    static let places: [(BackendID, ModelName)] = [
        ("gpu1", "a:latest"), ("gpu2", "a:latest"), ("gpu1", "b:latest"), ("gpu2", "b:latest"),
    ]

    /// The first place that the latest order may be given.
    private var nextPlace: (BackendID, ModelName)? {
        guard let order else { return nil }
        let outside = order.external.map { backend in order.models.map { (backend, $0) } }
        return (outside ?? Self.places.filter { order.models.contains($0.1) }).first { backend, model in
            !order.excluding.contains { $0.backend == backend && ($0.model == nil || $0.model == model) }
        }
    }

    /// What can happen now. `all` adds the rare twins.
    func possible(all: Bool) -> [MachineEvent] {
        let interruptions = all ? MachineEvent.interruptions : MachineEvent.interruptionsShort
        if self.ending != nil { return [] }
        if self.weighed != nil { return [.allowed, .denied] + (all ? [.unfit] + interruptions : []) }
        if self.recording != nil { return [.intentRecorded, .auditFailed] + interruptions }
        switch self.wait {
        case .asked where self.nextPlace == nil: return [.refused]
        case .asked where self.order?.external != nil: return [.seated, .refused]
        case .asked: return [.seated, .queued, .refused] + (all ? [.queuedLong] : [])
        case .queued: return [.seated, .refused, .queueWaitOver] + interruptions
        case .no: break
        }
        guard self.transferRuns else { return [] }
        if self.machine.timings.answerBegan == nil {
            let rare: [MachineEvent] = all ? [.head302, .head501, .gateRefusedRequest, .completed, .firstTokenDue] : []
            return rare + interruptions
                + [.head200, .head400, .head404, .head500, .head503, .gateRefusedPlace, .connectFailed]
        }
        let ends: [MachineEvent] = [.completed, .stalled] + interruptions
        if !self.headIsGood { return ends + (all ? [.bytes, .missing, .flood] : [.missing]) }
        let slow: [MachineEvent] = self.client == .begun ? [.clientTooSlow] : []
        return ends + slow + [.content, .terminal, .malformed, .remote]
            + (all ? [.bytes, .errorEvent, .flood, .firstTokenDue] : [.bytes])
    }

    mutating func play(_ event: MachineEvent, at now: Instant) {
        switch event {
        case .seated:
            let (backend, model) = self.nextPlace ?? Self.places[0]
            let seat = Seat(
                request: self.machine.request, backend: backend, model: model, isExternal: self.order?.external != nil)
            if self.ending == nil { (self.seat, self.wait) = (seat, .no) }
            self.take(self.machine.seated(seat, budget: &self.budget, at: now))
        case .queued:
            self.wait = .queued
            self.take(self.machine.queued(at: now))
        case .queuedLong:
            self.wait = .queued
            self.take(self.machine.queued(predictedWait: .seconds(3_600), at: now))
        case .refused:
            self.wait = .no
            self.take(self.machine.refused(Self.refusal, at: now))
        case .queueWaitOver:
            self.take(self.machine.queueWaitOver(retryAfter: .seconds(7), at: now))
        case .gateRefusedPlace, .gateRefusedRequest:
            self.transferRuns = false
            self.attempted = self.attempted.dropLast()
            if self.seat?.isExternal == true { self.unsent += 1 }
            let reason: Reason = event == .gateRefusedPlace ? .dnsMixedAnswer : .pathForbidden
            self.take(self.machine.attemptRefused(reason, "no", budget: &self.budget, at: now))
        case .allowed: self.judged(.allowRule, now)
        case .denied: self.judged(.sensitivityTooHigh, now)
        case .unfit:
            self.weighed = nil
            self.take(self.machine.unfit(.dialectUnsupported, "it has no such call", at: now))
        case .intentRecorded:
            (self.recorded, self.recording) = (self.recording, nil)
            self.take(self.machine.intentRecorded(at: now))
        case .auditFailed:
            self.recording = nil
            self.unsent += 1
            self.take(
                self.machine.attemptRefused(
                    .auditUnavailable, "the audit chain cannot be written", budget: &self.budget, at: now))
        case .firstTokenDue:
            self.take(self.machine.firstTokenDue(loadedSince: nil, budget: &self.budget, at: now))
        case .head200: self.head(200, now)
        case .head302: self.head(302, now)
        case .head400: self.head(400, now)
        case .head404: self.head(404, now)
        case .head500: self.head(500, now)
        case .head501: self.head(501, now)
        case .head503: self.head(503, now)
        case .bytes: self.bytes([], now)
        case .content: self.bytes(.content, now)
        case .terminal: self.bytes([.content, .terminal], now)
        case .errorEvent: self.bytes(.error, now)
        case .malformed: self.bytes(.malformed, now)
        case .remote: self.bytes([.content, .remoteModel], now)
        case .missing: self.bytes(.modelMissing, now)
        case .flood: self.bytes([], count: 2 << 20, now)
        case .completed: self.end(.completed([], detail: nil), now)
        case .connectFailed: self.end(.failed(.upstreamConnectFailed, detail: "connection refused"), now)
        case .stalled: self.end(.failed(.upstreamStalled, detail: "fell silent"), now)
        case .clientLeft: self.take(self.machine.clientLeft(at: now))
        case .clientTooSlow: self.take(self.machine.clientTooSlow(at: now))
        case .operatorCancelled: self.take(self.machine.operatorCancelled(at: now))
        case .deadline: self.take(self.machine.deadlineReached(retryAfter: .seconds(7), at: now))
        case .drain: self.take(self.machine.drainDeadlineReached(at: now))
        }
    }

    /// Tells what the policy says of the place that is being weighed.
    mutating func judged(_ reason: Reason, _ now: Instant) {
        let place = self.weighed ?? ("cloud", "m-large", .localDown)
        self.weighed = nil
        let verdict = RoutingTests.verdict(
            reason, place.backend, place.model, because: place.trigger, request: self.machine.request, at: now)
        self.verdict = verdict
        self.take(self.machine.weighed(verdict, at: now))
    }

    private mutating func head(_ status: Int, _ now: Instant) {
        self.headIsGood = status == 200
        self.take(
            self.machine.answerBegan(status: status, retryAfter: .seconds(3), budget: &self.budget, at: now))
    }

    private mutating func bytes(_ signs: AnswerSigns, count: Int = 10, _ now: Instant) {
        self.take(self.machine.answerContinued(signs, bytes: count, budget: &self.budget, at: now))
    }

    private mutating func end(_ end: AttemptEnd, _ now: Instant) {
        self.transferRuns = false
        self.take(self.machine.attemptEnded(end, budget: &self.budget, at: now))
    }

    /// As a dispatcher refuses that knows one backend which is down.
    static let refusal: DispatchRefusal = {
        var dispatcher = fleet(backend("gpu9", availability: .unusable("connection refused")))
        return dispatcher.enter(9).refusal!
    }()
}

func machine(
    _ models: [ModelName] = ["a:latest"], deadline: Instant? = nil, holding: Holding = .stream
) -> MachineReferee {
    var referee = MachineReferee(
        RequestMachine(request: id(1), models: models, deadline: deadline, holding: holding))
    referee.take(referee.machine.begun(budget: &referee.budget, at: start))
    return referee
}

/// Plays events a second apart.
func played(
    _ events: MachineEvent..., models: [ModelName] = ["a:latest"], holding: Holding = .stream
) -> MachineReferee {
    var referee = machine(models, holding: holding)
    for (index, event) in events.enumerated() { referee.play(event, at: start + .seconds(index + 1)) }
    #expect(referee.faults.isEmpty, "\(events): \(referee.faults)")
    return referee
}
