import Vocabulary

/// What the client is told: what was tried, what was found, what would help.
extension RequestMachine {
    func failure(for fault: Fault) -> Failure {
        let isUnreached = [
            .upstreamConnectFailed, .upstreamConnectTimeout, .addressForbidden, .dnsMixedAnswer, .dnsNoAnswer,
            .grantInvalid, .cloudNotOff, .backendQuarantined,
        ].contains(fault.reason)
        // Whoever was not reached has not failed at the request: for the client, nobody was there.
        let reason: Reason = isUnreached ? .backendsUnavailable : fault.reason
        return Failure(reason: reason, message: self.triedInWords, retryAfter: self.retryAfter(reason, fault))
    }

    private func retryAfter(_ reason: Reason, _ fault: Fault) -> Duration? {
        switch reason {
        case .upstreamBusy: max(fault.retryAfter ?? .seconds(5), .seconds(1))
        case .backendsUnavailable, .modelUnavailable: Dispatcher.retryAfterDown
        default: nil
        }
    }

    /// The dispatcher's refusal as the client is to see it. After a failed attempt that failure is the better answer:
    /// the refusal only says that there was nowhere else to go.
    func failure(for refusal: DispatchRefusal) -> Failure {
        if let last = self.lastFailure {
            return Failure(
                reason: last.reason, message: "\(self.triedInWords); \(self.elsewhere(refusal))",
                retryAfter: last.retryAfter)
        }
        let names = self.modelsInWords
        let seconds = refusal.retryAfter.wholeSecondsUp
        let message =
            switch refusal.reason {
            case .queueFull:
                "all slots for \(names) are taken and \(Self.queueInWords(refusal.queueMax)); "
                    + "try again in \(seconds) s, or give the backends more slots"
            case .draining:
                "this node is being stopped and takes no new requests; ask another, or try again in \(seconds) s"
            case .modelUnavailable:
                "no backend has \(names) any more; install it with `ollama pull`, or ask for another model"
            default:
                "no backend can answer for \(names): \(Self.inWords(refusal)); try again in \(seconds) s"
            }
        return Failure(reason: refusal.reason, message: message, retryAfter: refusal.retryAfter)
    }

    func waitedInVain(retryAfter: Duration) -> Failure {
        if let last = self.lastFailure {
            let message = "\(self.triedInWords); elsewhere no slot became free in time"
            return Failure(reason: last.reason, message: message, retryAfter: last.retryAfter ?? retryAfter)
        }
        return Failure(
            reason: .queueTimeout,
            message: "no slot for \(self.modelsInWords) became free within "
                + "\(self.inWords(until: self.waitsUntil)); try again in \(retryAfter.wholeSecondsUp) s",
            retryAfter: retryAfter)
    }

    func withoutBudget() -> Failure {
        guard let last = self.lastFailure else { self.impossible("withoutBudget") }
        return Failure(
            reason: last.reason,
            message: "\(self.triedInWords); not tried elsewhere, since too many requests failed in the last 10 s",
            retryAfter: last.retryAfter)
    }

    func broken(_ fault: Fault, _ seat: Seat) -> String {
        "the answer is incomplete: \(seat.backend): \(fault.finding)"
    }

    func outOfTime(at now: Instant) -> String {
        let limit = self.inWords(until: self.deadline ?? now)
        guard let seat = self.seat else { return "no answer within the request's own limit of \(limit)" }
        return self.isCommitted
            ? "the answer of \(seat.backend) was not complete within the request's own limit of \(limit)"
            : "\(seat.backend) did not answer within the request's own limit of \(limit)"
    }

    /// The time that a request has until `end`: the limit itself, not what had passed when a timer came to it. Reading
    /// the body has taken a little of it already, so that seconds are rounded up.
    private func inWords(until end: Instant) -> String {
        let limit = end - self.timings.begun
        return limit < .seconds(1) ? "\(limit.milliseconds) ms" : "\(limit.wholeSecondsUp) s"
    }

    private static func queueInWords(_ queueMax: Int) -> String {
        switch queueMax {
        case 0: "none may wait"
        case 1: "one request waits already"
        default: "\(queueMax) requests wait already"
        }
    }

    private var modelsInWords: String {
        self.models.map(\.rawValue).joined(separator: ", ")
    }

    /// `gpu1 refused the connection (llama3.2:latest); gpu2 answered with status 500 (llama3.2:latest)`
    private var triedInWords: String {
        self.tried.map { "\($0.backend) (\($0.model)): \($0.finding)" }.joined(separator: "; ")
    }

    private func elsewhere(_ refusal: DispatchRefusal) -> String {
        let others = refusal.considered.filter { $0.finding != .failedBefore }
        if others.isEmpty { return "no other backend has the model" }
        return "elsewhere: \(Self.inWords(others))"
    }

    private static func inWords(_ refusal: DispatchRefusal) -> String {
        self.inWords(refusal.considered)
    }

    private static func inWords(_ places: [DispatchRefusal.Considered]) -> String {
        var backends: [BackendID] = []
        var words: [String] = []
        for place in places where !backends.contains(place.backend) {
            backends.append(place.backend)
            words.append("\(place.backend) \(self.inWords(place.finding))")
        }
        return words.joined(separator: ", ")
    }

    private static func inWords(_ finding: DispatchRefusal.Finding) -> String {
        switch finding {
        case .unusable(let why): "is not usable (\(why))"
        case .draining: "is drained by an operator"
        case .failedBefore: "has failed already"
        case .open: "is open: too many requests failed there, and it is tried again before long"
        case .throttled: "is busy and asked for a pause"
        case .full: "has no free slot and a full queue"
        }
    }
}
