import Vocabulary

/// What went wrong with one attempt, and what follows from it.
struct Fault {
    /// How much of the fleet the fault speaks against.
    enum Scope {
        case place  // This backend with this model.
        case backend  // This backend with any model.
        case request  // Every place would say the same: no other attempt.
    }

    let reason: Reason
    let finding: String
    let outcome: SeatOutcome
    let scope: Scope
    var wasSent = true
    var quarantines = false
    var retryAfter: Duration?
}

extension RequestMachine {
    // MARK: Kinds

    /// Refusals of the gate that concern what is sent, not where to.
    static func isOfTheRequest(_ reason: Reason) -> Bool {
        [.pathForbidden, .remoteModel, .toolForbidden, .modelMissing, .modelUnknown, .internalError].contains(reason)
    }

    static func truncated(_ finding: String) -> Fault {
        Fault(
            reason: .upstreamTruncated, finding: finding, outcome: .failure(.upstreamTruncated), scope: .place)
    }

    /// The fault that the bytes show. The worst first: what came from outside is told as that, whatever else it is.
    static func fault(in signs: AnswerSigns) -> Fault? {
        if signs.contains(.remoteModel) {
            return Fault(
                reason: .remoteModel, finding: "answered from outside", outcome: .failure(.remoteModel),
                scope: .request, quarantines: true)
        }
        if signs.contains(.error) {
            return Fault(
                reason: .upstreamError, finding: "reported an error in its answer",
                outcome: .failure(.upstreamError), scope: .place)
        }
        if signs.contains(.malformed) {
            return Fault(
                reason: .upstreamMalformed, finding: "sent an answer that its protocol does not allow",
                outcome: .failure(.upstreamMalformed), scope: .place)
        }
        return nil
    }

    /// The fault of a transfer that broke off; `nil` if it did not. A backend that cannot be reached, or is silent,
    /// is so with every model; a broken answer may be the model's.
    static func fault(of end: AttemptEnd) -> Fault? {
        guard case .failed(let reason, let detail) = end else { return nil }
        let isUnreachable = [
            .upstreamConnectFailed, .upstreamConnectTimeout, .upstreamFirstByteTimeout, .addressForbidden,
            .dnsMixedAnswer, .dnsNoAnswer, .grantInvalid, .redirectRefused,
            .tlsIdentity,
        ].contains(reason)
        // What our own door refuses or breaks says nothing of the backend's health.
        let isOurs = [.addressForbidden, .dnsMixedAnswer, .dnsNoAnswer, .grantInvalid, .internalError]
            .contains(reason)
        return Fault(
            reason: reason, finding: detail, outcome: isOurs ? .neutral : .failure(reason),
            scope: self.isOfTheRequest(reason) ? .request : isUnreachable ? .backend : .place)
    }

    /// The fault of a complete error answer; `nil` if it is the request's own and to be passed on.
    static func fault(
        of head: AnswerHead, _ end: AttemptEnd, _ signs: AnswerSigns, isExternal: Bool
    ) -> Fault? {
        var said = "answered with status \(head.status)"
        var retryAfter = head.retryAfter
        if case .completed(_, let detail, let told) = end {
            if let detail { said += " (\(detail))" }
            retryAfter = retryAfter ?? told
        }
        switch head.status {
        case 400 where isExternal && signs.contains(.keyRefused), 401 where isExternal, 403 where isExternal:
            return Fault(
                reason: .upstreamCredentials, finding: "\(said): it does not take the key that it is sent",
                outcome: .failure(.upstreamCredentials), scope: .backend)
        case 404 where signs.contains(.modelMissing):
            return Fault(
                reason: .modelUnavailable, finding: "no longer has the model", outcome: .modelMissing, scope: .place)
        case 503 where isExternal, 529 where isExternal:
            // Here it is a full queue; there it is the provider's trouble, and no bound of ours (529: Anthropic API
            // reference, "Errors", `overloaded_error`).
            return Fault(
                reason: .backendsUnavailable, finding: "is overloaded: it \(said)",
                outcome: .busy(retryAfter: retryAfter), scope: .place, retryAfter: retryAfter)
        case 429, 503:
            return Fault(
                reason: .upstreamBusy, finding: "is busy: it \(said)", outcome: .busy(retryAfter: retryAfter),
                scope: .place, retryAfter: retryAfter)
        case 401, 403, 407:
            // It refuses this gateway, not the client, which must not take it for a verdict on its own key. Probes
            // see the same, so that health is theirs to judge.
            return Fault(
                reason: .upstreamError, finding: "\(said): it refuses Gatehouse itself", outcome: .neutral,
                scope: .backend)
        case 501:
            return Self.fault(of: end)  // For Ollama: an embedding of a chat model, so the request is at fault.
        case 500...:
            return Fault(
                reason: .upstreamError, finding: said, outcome: .failure(.upstreamError), scope: .place)
        default:
            return Self.fault(of: end)
        }
    }

    // MARK: Consequence

    /// An attempt has come to nothing: another is made if the client has seen nothing, the fault is not the request's,
    /// and attempts, budget and time are left. Else the client is told.
    mutating func failed(
        _ fault: Fault, _ seat: Seat, transferRuns: Bool, budget: inout RetryBudget, at now: Instant
    ) -> [Action] {
        self.tried.append(
            Tried(
                backend: seat.backend, model: seat.model, reason: fault.reason, finding: fault.finding,
                began: self.timings.attemptBegan ?? now, ended: now, wasSent: fault.wasSent))
        var actions: [Action] = transferRuns ? [.cancelTransfer] : []
        if fault.quarantines { actions.append(.quarantine(seat.backend)) }
        if self.isCommitted {
            let failure = Failure(reason: fault.reason, message: self.broken(fault, seat), retryAfter: nil)
            return actions + [
                .breakOff(failure), .releaseSeat(seat, fault.outcome),
                self.end(fault.reason, status: self.progress.status, at: now),
            ]
        }
        actions += [.discardHeld, .releaseSeat(seat, fault.outcome)]
        if seat.isExternal, !fault.wasSent {
            self.outside.append("\(seat.backend) was not asked: \(fault.finding)")
        }
        self.lastFailure = self.failure(for: fault)
        switch fault.scope {
        case .place: self.excluding.append(Exclusion(backend: seat.backend, model: seat.model))
        case .backend: self.excluding.append(Exclusion(backend: seat.backend))
        case .request: return actions + self.refuse(self.withOutside(self.failure(for: fault)), at: now)
        }
        if self.attempts >= Bounds.attemptsPerRequest {
            return actions + self.giveUp(self.failure(for: fault), at: now)
        }
        if fault.wasSent { self.lastSendWasTrial = seat.isTrial }
        if self.attempts > 0, !self.lastSendWasTrial, !budget.allowsRetry(at: now) {
            return actions + self.giveUp(self.withoutBudget(), at: now)
        }
        if seat.isExternal { return actions + self.beginAgain(at: now) }
        self.trigger = Self.trigger(of: fault.reason)
        return actions + self.tryRung(at: now)
    }

    /// What a failed attempt is called when another way is looked for.
    static func trigger(of reason: Reason) -> Trigger {
        switch reason {
        case .upstreamFirstByteTimeout, .upstreamStalled, .upstreamTimeout: .localTimeout
        case .upstreamBusy: .localSaturated
        default: .localDown
        }
    }
}
