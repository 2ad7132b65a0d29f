import Residency
import Vocabulary

/// From one rung to the next: who is asked where those asked for cannot answer.
extension RequestMachine {
    /// The policy has spoken of the place that was to be weighed.
    public mutating func weighed(_ verdict: Verdict, at now: Instant) -> [Action] {
        guard case .weighing(let backend, let model) = self.state else {
            if case .ended = self.state { return [] }
            self.impossible("weighed")
        }
        self.lastVerdict = verdict
        guard verdict.isAllowed else {
            self.denied(verdict, backend, model, at: now)
            return self.nextRung(at: now)
        }
        self.verdict = verdict
        self.mayLeave = true
        return self.enter(models: [model], external: backend, at: now)
    }

    /// The request cannot be put to the place that was to be weighed: in its dialect, or with what it holds.
    public mutating func unfit(_ reason: Reason, _ finding: String, at now: Instant) -> [Action] {
        guard case .weighing(let backend, let model) = self.state else {
            if case .ended = self.state { return [] }
            self.impossible("unfit")
        }
        if self.trigger == .callerRequested, let last = self.lastFailure {
            // There is no other way for it, and waiting would help nothing.
            self.lastFailure = Failure(reason: reason, message: last.message, retryAfter: nil)
        }
        self.noteUnserved(backend, model, reason, "does not take it: \(finding)", now)
        return self.nextRung(at: now)
    }

    /// The intent of the attempt is durable.
    public mutating func intentRecorded(at now: Instant) -> [Action] {
        switch self.state {
        case .recording(let seat): return self.attempt(seat)
        case .ended: return []  // The client left meanwhile.
        case .new, .entering, .queued, .weighing, .attempting, .holding, .collecting, .relaying:
            self.impossible("intentRecorded")
        }
    }

    /// The first token is due. `loadedSince` tells since when the backend has had the model in memory; `nil` if it has
    /// not.
    public mutating func firstTokenDue(
        loadedSince: Instant?, budget: inout RetryBudget, at now: Instant
    ) -> [Action] {
        let seat: Seat
        switch self.state {
        case .attempting(let current): seat = current
        case .holding(let current) where self.timings.firstContent == nil: seat = current
        case .new, .entering, .queued, .weighing, .recording, .holding, .collecting, .relaying, .ended:
            return []  // It came, or it is another attempt's.
        }
        guard let began = self.timings.attemptBegan else { return [] }
        // The timer of an earlier attempt comes too early for this one, and one that loads its model has more time.
        if let next = self.limits.firstToken.nextLook(
            seat, promptTokens: self.promptTokens, began: began, loadedSince: loadedSince, now: now)
        {
            return [.awaitFirstToken(until: next)]
        }
        let waited = now - began
        let state =
            seat.isExternal
            ? ""
            : seat.isLoaded || loadedSince != nil ? ", though the model is loaded" : ": the model is not loaded yet"
        let fault = Fault(
            reason: .upstreamFirstByteTimeout, finding: "sent no token within \(Self.inWords(waited))\(state)",
            outcome: .failure(.upstreamFirstByteTimeout), scope: seat.isExternal ? .backend : .place)
        return self.failed(fault, seat, transferRuns: true, budget: &budget, at: now)
    }

    // MARK: Up

    /// Tries the rung that the request stands on.
    mutating func tryRung(at now: Instant) -> [Action] {
        self.verdict = nil
        switch self.rungs[self.rung] {
        case .local:
            return self.enter(models: self.localModels, external: nil, at: now)
        case .external(let backend, let model) where self.excludes(backend, model):
            return self.nextRung(at: now)
        case .external(let backend, let model):
            self.state = .weighing(backend, model)
            return [.weigh(backend, model, self.trigger ?? .localDown)]
        case .reply(let text):
            return [.reply(text), self.end(.fallbackReply, status: Reason.fallbackReply.status, at: now)]
        }
    }

    /// The models of the rung and of those below, in this order: who goes on to a smaller model still takes the larger
    /// where a slot becomes free, and keeps its turn there.
    var localModels: [ModelName] {
        if self.rung == 0, case .local(let models) = self.rungs[0] { return models }  // The rule: nothing is copied.
        var all: [ModelName] = []
        for case .local(let models) in self.rungs[...self.rung] {
            all += models.filter { !all.contains($0) }
        }
        return all
    }

    /// An attempt outside has come to nothing, and has taken its time: local comes first again.
    mutating func beginAgain(at now: Instant) -> [Action] {
        self.rung = 0
        return self.tryRung(at: now)
    }

    private func excludes(_ backend: BackendID, _ model: ModelName) -> Bool {
        self.excluding.contains { $0.backend == backend && ($0.model == nil || $0.model == model) }
    }

    /// Nobody on this rung answers: the next, or the words for the client.
    mutating func nextRung(at now: Instant) -> [Action] {
        if self.detour == .away, self.isLastBackend { return self.goBack(at: now) }
        guard self.rung + 1 < self.rungs.count else { return self.refuse(self.finalFailure(at: now), at: now) }
        self.rung += 1
        return self.tryRung(at: now)
    }

    /// No more backends for this request, but perhaps a reply.
    mutating func giveUp(_ failure: Failure, at now: Instant) -> [Action] {
        self.lastFailure = failure
        guard let reply = self.rungs.indices.last, case .reply = self.rungs[reply] else {
            return self.refuse(self.finalFailure(at: now), at: now)
        }
        self.rung = reply
        return self.tryRung(at: now)
    }

    /// The dispatcher knows nobody for this rung.
    mutating func nobodyHere(_ refusal: DispatchRefusal, at now: Instant) -> [Action] {
        // It concerns a request that has not been admitted, so that nothing else has been tried.
        if refusal.reason == .draining { return self.refuse(self.failure(for: refusal), at: now) }
        if case .external(let backend, let model) = self.rungs[self.rung] {
            self.noteUnserved(backend, model, refusal, at: now)
            return self.nextRung(at: now)
        }
        self.lastFailure = self.failure(for: refusal)
        self.trigger = self.attempts > 0 ? self.trigger ?? .localDown : Self.trigger(of: refusal)
        return self.nextRung(at: now)
    }

    private static func trigger(of refusal: DispatchRefusal) -> Trigger {
        refusal.reason == .queueFull || refusal.reason == .upstreamBusy ? .localSaturated : .localDown
    }

    mutating func enter(models: [ModelName], external: BackendID?, at now: Instant) -> [Action] {
        self.state = .entering
        self.waitingSince = now
        defer { self.wasAdmitted = true }
        return [
            .enterQueue(
                Dispatcher.Order(
                    request: self.request, models: models, priority: self.priority, arrivedAt: self.timings.begun,
                    excluding: self.excluding, external: external, isContinued: self.wasAdmitted))
        ]
    }

    // MARK: Elsewhere and back

    /// A request whose wait is too long looks elsewhere once.
    enum Detour {
        case none  // Next: away.
        case away  // It has left its queue. Next: back.
        case back  // Nobody else took it, so it waits.
    }

    /// True if the request may leave its queue to look for another backend.
    var mayLookElsewhere: Bool {
        guard self.detour != .back, case .local = self.rungs[self.rung] else { return false }
        return self.rungs[(self.rung + 1)...].contains { rung in
            switch rung {
            case .local, .external: true
            case .reply: false
            }
        }
    }

    /// The wait is too long: leaves the queue and climbs. Where nobody else takes it, it comes back to its old turn.
    mutating func lookElsewhere(_ trigger: Trigger, at now: Instant) -> [Action] {
        self.timings.queued += now - self.waitingSince
        self.trigger = trigger
        self.detour = .away
        self.rung += 1
        return [.leaveQueue] + self.tryRung(at: now)
    }

    /// True where the next step would be no backend: better to wait than to be told something.
    private var isLastBackend: Bool {
        guard self.rung + 1 < self.rungs.count else { return true }
        if case .reply = self.rungs[self.rung + 1] { return true }
        return false
    }

    private mutating func goBack(at now: Instant) -> [Action] {
        self.detour = .back
        self.rung = self.rungs.lastIndex { if case .local = $0 { true } else { false } } ?? 0
        return self.tryRung(at: now)
    }

    // MARK: What was said

    /// The places that were refused for residency's sake so far, as the audit chain has them.
    public var candidates: [AuditDecision.Candidate] {
        self.tried.filter { $0.reason.isResidencyRefusal }.map {
            AuditDecision.Candidate(backend: $0.backend, model: $0.model, reason: $0.reason)
        }
    }

    private mutating func denied(_ verdict: Verdict, _ backend: BackendID, _ model: ModelName, at now: Instant) {
        // That no rule speaks of a place is news for the caller only if the caller named it.
        let isTold = verdict.reason != .noMatchingAllow || verdict.trigger == .callerRequested
        if self.denial == nil, verdict.reason.isPolicyRefusal, isTold { self.denial = verdict }
        self.noteUnserved(
            backend, model, verdict.reason, "may not be asked (\(verdict.reason.rawValue)\(Self.rule(verdict)))", now)
    }

    private static func rule(_ verdict: Verdict) -> String { verdict.rule.map { ", rule \($0)" } ?? "" }

    private mutating func noteUnserved(
        _ backend: BackendID, _ model: ModelName, _ refusal: DispatchRefusal, at now: Instant
    ) {
        // Nobody waits outside, so that there is no queue to be full.
        let isFull = refusal.reason == .queueFull
        let found = isFull ? "has no free slot" : refusal.considered.first.map { Self.inWords($0.finding) }
        let finding = found ?? "does not offer the model"
        let reason = isFull ? Reason.upstreamBusy : refusal.reason
        if self.trigger == .callerRequested, self.attempts == 0, let last = self.lastFailure {
            // There is no other way for it: what stands against this place is the answer, and says when to come again.
            self.lastFailure = Failure(reason: reason, message: last.message, retryAfter: refusal.retryAfter)
        }
        self.noteUnserved(backend, model, reason, finding, now)
    }

    private mutating func noteUnserved(
        _ backend: BackendID, _ model: ModelName, _ reason: Reason, _ finding: String, _ now: Instant
    ) {
        let words = "\(backend) \(finding)"
        if !self.outside.contains(words) { self.outside.append(words) }  // Who comes by twice is told once.
        self.tried.append(
            Tried(
                backend: backend, model: model, reason: reason, finding: finding, began: now, ended: now,
                wasSent: false))
    }

    /// What the client is told when every way was tried. The policy's refusal is the answer where waiting is none: the
    /// caller, or whoever owns the policy, can change something. Overload passes, and is told as that; so does an outage
    /// where the policy lets the request go somewhere else.
    private func finalFailure(at now: Instant) -> Failure {
        let failure = self.lastFailure ?? Failure(reason: .internalError, message: "no way was tried", retryAfter: nil)
        let isOverload = self.trigger == .localSaturated || failure.reason == .queueTimeout
        guard let denial, !isOverload, !self.mayLeave else {
            return self.withOutside(failure)
        }
        return Failure(
            reason: denial.reason, message: self.deniedInWords(denial, failure), retryAfter: failure.retryAfter)
    }
}
