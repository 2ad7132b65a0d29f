import Vocabulary

/// What ends a request from outside, at any moment.
extension RequestMachine {
    /// The client has gone.
    public mutating func clientLeft(at now: Instant) -> [Action] {
        self.interrupted(.clientLeft, at: now) { _ in nil }
    }

    /// The client took nothing of what was sent to it for `Bounds.clientReadIdle`. The watch is its connection's: on a
    /// pipelined connection it may be the answer before this one that it does not take, in whatever state this one is.
    public mutating func clientTooSlow(at now: Instant) -> [Action] {
        self.interrupted(.clientTooSlow, at: now) { _ in .cutClient }
    }

    /// An operator ends the request.
    public mutating func operatorCancelled(at now: Instant) -> [Action] {
        self.interrupted(.cancelled, at: now, telling: Self.farewell(.cancelled, "an operator ended the request"))
    }

    /// The caller's own patience is over. While it still waits in a queue, that is for `queueWaitOver` to tell.
    public mutating func deadlineReached(retryAfter: Duration, at now: Instant) -> [Action] {
        if case .queued = self.state { return self.queueWaitOver(retryAfter: retryAfter, at: now) }
        let message = self.outOfTime(at: now)
        return self.interrupted(
            .deadlineExceeded, at: now, telling: Self.farewell(.deadlineExceeded, message))
    }

    /// This node stops and waits no longer.
    public mutating func drainDeadlineReached(at now: Instant) -> [Action] {
        self.interrupted(
            .shutdown, at: now,
            telling: Self.farewell(.shutdown, "this node was stopped before the answer was complete", .seconds(1)))
    }

    private static func farewell(
        _ reason: Reason, _ message: String, _ retryAfter: Duration? = nil
    ) -> (_ isCommitted: Bool) -> Action? {
        { isCommitted in
            isCommitted
                ? .breakOff(Failure(reason: reason, message: message, retryAfter: nil))
                : .answer(Failure(reason: reason, message: message, retryAfter: retryAfter))
        }
    }

    /// Leaves queue or seat, says `telling` to the client, and ends. Never a word against the backend.
    private mutating func interrupted(
        _ reason: Reason, at now: Instant, telling: (_ isCommitted: Bool) -> Action?
    ) -> [Action] {
        var actions: [Action] = []
        var status = reason.status
        switch self.state {
        case .queued, .entering:
            // Entering: the dispatcher's answer has not been told yet; abandoning covers a queue and a seat.
            self.timings.queued += now - self.waitingSince
            actions = [.leaveQueue]
        case .recording(let seat):
            self.attempts -= 1  // Nothing was sent, and whoever records the intent records that.
            actions = [.releaseSeat(seat, .neutral)]
        case .attempting(let seat), .holding(let seat), .collecting(let seat, _):
            actions = [.cancelTransfer, .discardHeld, .releaseSeat(seat, .neutral)]
        case .relaying(let seat):
            actions = [.cancelTransfer, .releaseSeat(seat, .neutral)]
            status = self.progress.status
        case .ended:
            return []  // It crossed with the end.
        case .new, .weighing:
            break  // Nothing was begun, so nothing is to be undone.
        }
        if let farewell = telling(self.isCommitted) { actions.append(farewell) }
        actions.append(self.end(reason, status: status, at: now))
        return actions
    }
}
