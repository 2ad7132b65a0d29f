import Residency
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
        // What was refused before anything was sent outside is told by `outside`, behind what was known before.
        let tried = self.triedInWords
        return Failure(
            reason: reason, message: tried.isEmpty ? self.lastFailure?.message ?? "" : tried,
            retryAfter: self.retryAfter(reason, fault))
    }

    /// With what stood against each place outside.
    func withOutside(_ failure: Failure) -> Failure {
        if self.outside.isEmpty { return failure }
        let outside = "outside: \(self.outside.joined(separator: ", "))"
        return Failure(
            reason: failure.reason, message: failure.message.isEmpty ? outside : "\(failure.message); \(outside)",
            retryAfter: failure.retryAfter)
    }

    private func retryAfter(_ reason: Reason, _ fault: Fault) -> Duration? {
        switch reason {
        case .upstreamBusy: max(fault.retryAfter ?? .seconds(5), .seconds(1))
        case .backendsUnavailable, .modelUnavailable, .auditUnavailable:
            fault.retryAfter.map { max($0, .seconds(1)) } ?? Dispatcher.retryAfterDown
        default: nil
        }
    }

    /// The dispatcher's refusal as the client is to see it. After a failed attempt that failure is the better answer:
    /// the refusal only says that there was nowhere else to go.
    func failure(for refusal: DispatchRefusal) -> Failure {
        if let last = self.lastFailure, refusal.reason != .draining {
            if self.triedInWords.isEmpty { return last }
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
        if let last = self.lastFailure, !self.triedInWords.isEmpty {
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
        return limit < .seconds(1) ? Self.inWords(limit) : "\(limit.wholeSecondsUp) s"
    }

    /// A time that has passed; whole seconds, since a timer is a little late.
    static func inWords(_ time: Duration) -> String {
        time < .seconds(1) ? "\(time.milliseconds) ms" : "\(time.milliseconds / 1_000) s"
    }

    private static func queueInWords(_ queueMax: Int) -> String {
        switch queueMax {
        case 0: "none may wait"
        case 1: "one request waits already"
        default: "\(queueMax) requests wait already"
        }
    }

    private var modelsInWords: String {
        guard case .local = self.rungs[self.rung] else { return "this request" }
        return self.localModels.map(\.rawValue).joined(separator: ", ")
    }

    /// The policy's refusal, with what the caller can do about it.
    func deniedInWords(_ denial: Verdict, _ failure: Failure) -> String {
        let rule = denial.rule.map { " (rule \($0))" } ?? ""
        let help =
            switch denial.reason {
            case .sensitivityTooHigh:
                "the request counts as \(denial.sensitivity.rawValue), which no rule lets out\(rule); "
                    + "have its key, project or feature classified lower, or wait for a local backend"
            case .denyRule: "a rule denies it\(rule); ask who owns the policy"
            case .projectForbidden: "the rules are for other projects or keys\(rule); ask who owns the policy"
            case .featureForbidden: "the rules are for other features\(rule); ask who owns the policy"
            case .triggerForbidden:
                "no rule lets it out because of \(denial.trigger.rawValue)\(rule); wait for a local backend"
            case .timeForbidden: "not at this time of day\(rule); wait for a local backend"
            case .limitBytes: "it is longer than the rules allow\(rule); send less, or wait for a local backend"
            case .limitRate: "the limit of the day is reached\(rule); wait for a local backend, or for tomorrow"
            case .externalDeclined: "it says `x-gatehouse-external: never`; leave that out, or wait for a local backend"
            case .noMatchingAllow: "no rule of the policy lets anything go there; ask who owns the policy"
            default: "model \(denial.model) is not among those that the policy allows there\(rule)"
            }
        return "\(failure.message); \(denial.backend) outside may not be asked: \(help); decision \(self.request)"
    }

    /// `gpu1 refused the connection (llama3.2:latest); gpu2 answered with status 500 (llama3.2:latest)`
    private var triedInWords: String {
        // What stood against places outside that were sent nothing is told by `outside`.
        self.tried.filter { $0.wasSent || !self.rungs.contains(.external($0.backend, $0.model)) }.map {
            "\($0.backend) (\($0.model)): \($0.finding)"
        }.joined(separator: "; ")
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

    static func inWords(_ finding: DispatchRefusal.Finding) -> String {
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
