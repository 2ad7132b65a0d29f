import Vocabulary

/// From the attempt to the end of its answer.
extension RequestMachine {
    /// No grant, or no usable address: nothing was sent. For a backend outside that may mean that a reload came between
    /// the verdict and the send; then the policy is asked again, once.
    public mutating func attemptRefused(
        _ reason: Reason, _ finding: String, budget: inout RetryBudget, at now: Instant
    ) -> [Action] {
        switch self.state {
        case .attempting(let seat), .recording(let seat):
            self.attempts -= 1
            if seat.isExternal { self.intentsUnsent += 1 }
            if seat.isExternal, reason == .grantInvalid, !self.wasWeighedAgain {
                self.wasWeighedAgain = true
                self.mayLeave = false
                return [.discardHeld, .releaseSeat(seat, .neutral)] + self.beginAgain(at: now)
            }
            let fault = Fault(
                reason: reason, finding: finding, outcome: .neutral,
                scope: Self.isOfTheRequest(reason) ? .request : .backend,
                wasSent: false)
            return self.failed(fault, seat, transferRuns: false, budget: &budget, at: now)
        case .ended:
            return []  // The client left while the grant was being made.
        case .new, .entering, .queued, .weighing, .holding, .collecting, .relaying:
            self.impossible("attemptRefused")
        }
    }

    /// The answer's head has come.
    public mutating func answerBegan(
        status: Int, retryAfter: Duration?, budget: inout RetryBudget, at now: Instant
    ) -> [Action] {
        switch self.state {
        case .attempting(let seat):
            self.timings.answerBegan = now
            self.timings.lastBytes = now
            self.progress.status = status
            switch status {
            case 200...299:
                self.state = .holding(seat)
            case 400...:
                self.state = .collecting(seat, AnswerHead(status: status, retryAfter: retryAfter))
            default:
                let fault = Fault(
                    reason: .redirectRefused, finding: "answered with status \(status), which is not followed",
                    outcome: .failure(.redirectRefused), scope: .backend)
                return self.failed(fault, seat, transferRuns: true, budget: &budget, at: now)
            }
            return []
        case .ended:
            return []  // It was on its way when the transfer was cancelled.
        case .new, .entering, .queued, .weighing, .recording, .holding, .collecting, .relaying:
            self.impossible("answerBegan")
        }
    }

    /// Bytes of the answer have come. Runs for each chunk: it allocates nothing unless the answer has failed.
    public mutating func answerContinued(
        _ signs: AnswerSigns, bytes: Int, budget: inout RetryBudget, at now: Instant
    ) -> Relay {
        switch self.state {
        case .relaying:
            self.note(signs, bytes, now)
            return signs.isDisjoint(with: Self.faulty) ? .relay : .fail(self.faultSeen(&budget, now))
        case .holding:
            self.note(signs, bytes, now)
            self.progress.chunks += 1
            if !signs.isDisjoint(with: Self.faulty) { return .fail(self.faultSeen(&budget, now)) }
            return self.holdsStill ? .hold : self.commit()
        case .collecting:
            self.note(signs, bytes, now)
            return self.progress.bytes > Bounds.eventBytesHeld.count ? .fail(self.errorTooLong(&budget, now)) : .hold
        case .ended:
            return .discard  // They were on their way when the transfer was cancelled.
        case .new, .entering, .queued, .weighing, .recording, .attempting:
            self.impossible("answerContinued")
        }
    }

    /// The transfer is over.
    public mutating func attemptEnded(_ end: AttemptEnd, budget: inout RetryBudget, at now: Instant) -> [Action] {
        if case .completed(let signs, _, _) = end, !self.isEnded { self.noteEnd(signs, now) }
        switch self.state {
        case .attempting(let seat):
            let fault = Self.fault(of: end) ?? Self.truncated("ended without an answer")
            return self.failed(fault, seat, transferRuns: false, budget: &budget, at: now)
        case .holding(let seat), .relaying(let seat):
            return self.answerEnded(end, seat, budget: &budget, at: now)
        case .collecting(let seat, let head):
            return self.errorEnded(end, seat, head, budget: &budget, at: now)
        case .ended:
            return []  // The end crossed with the cancellation.
        case .new, .entering, .queued, .weighing, .recording:
            self.impossible("attemptEnded")
        }
    }

    // MARK: Parts

    private static let faulty: AnswerSigns = [.error, .remoteModel, .malformed]

    private mutating func note(_ signs: AnswerSigns, _ bytes: Int, _ now: Instant) {
        self.progress.bytes += bytes
        self.timings.lastBytes = now
        self.noteEnd(signs, now)
    }

    private mutating func noteEnd(_ signs: AnswerSigns, _ now: Instant) {
        self.progress.signs.formUnion(signs)
        if signs.contains(.content), self.timings.firstContent == nil { self.timings.firstContent = now }
    }

    /// Only a stream shows when its first content came: an answer in one piece comes when all of it is there.
    private var wasSlow: Bool {
        guard self.holding == .stream, let seat = self.seat, let began = self.timings.attemptBegan,
            let first = self.timings.firstContent
        else { return false }
        let due = self.limits.firstToken.due(seat, promptTokens: self.promptTokens, began: began)
        return first - began > (due - began) / 2
    }

    private var holdsStill: Bool {
        if self.progress.chunks >= self.holding.chunksMax || self.progress.bytes >= self.holding.bytesMax {
            return false
        }
        return self.holding == .whole || !self.progress.signs.contains(.content)
    }

    private mutating func commit() -> Relay {
        guard case .holding(let seat) = self.state else { self.impossible("commit") }
        self.state = .relaying(seat)
        return .commit
    }

    private mutating func faultSeen(_ budget: inout RetryBudget, _ now: Instant) -> [Action] {
        guard let seat = self.seat, let fault = Self.fault(in: self.progress.signs) else {
            self.impossible("faultSeen")
        }
        return self.failed(fault, seat, transferRuns: true, budget: &budget, at: now)
    }

    private mutating func errorTooLong(_ budget: inout RetryBudget, _ now: Instant) -> [Action] {
        guard let seat = self.seat else { self.impossible("errorTooLong") }
        let fault = Fault(
            reason: .upstreamMalformed, finding: "answered with an error of more than 256 KiB",
            outcome: .failure(.upstreamMalformed), scope: .place)
        return self.failed(fault, seat, transferRuns: true, budget: &budget, at: now)
    }

    /// A good head's answer is over: it is complete only if its terminal event was seen (`ollama.md` 11). If so, it
    /// does not matter how the connection ended after it.
    private mutating func answerEnded(
        _ end: AttemptEnd, _ seat: Seat, budget: inout RetryBudget, at now: Instant
    ) -> [Action] {
        if let fault = Self.fault(in: self.progress.signs) {
            return self.failed(fault, seat, transferRuns: false, budget: &budget, at: now)
        }
        guard self.progress.signs.contains(.terminal) else {
            let fault = Self.fault(of: end) ?? Self.truncated("its answer ended before it was complete")
            return self.failed(fault, seat, transferRuns: false, budget: &budget, at: now)
        }
        let begin: [Action] = self.isCommitted ? [] : [.commit]
        return begin + [
            .finish, .releaseSeat(seat, self.wasSlow ? .slow : .success),
            self.end(seat.isExternal ? .allowRule : .allowLocal, status: self.progress.status, at: now),
        ]
    }

    private mutating func errorEnded(
        _ end: AttemptEnd, _ seat: Seat, _ head: AnswerHead, budget: inout RetryBudget, at now: Instant
    ) -> [Action] {
        if let fault = Self.fault(of: head, end, self.progress.signs, isExternal: seat.isExternal) {
            return self.failed(fault, seat, transferRuns: false, budget: &budget, at: now)
        }
        return [
            .passOn(status: head.status), .releaseSeat(seat, .neutral),
            self.end(.upstreamRefused, status: head.status, at: now),
        ]
    }
}
