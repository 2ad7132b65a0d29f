import Vocabulary

// What outcomes lead to in each state.
extension Breaker {
    mutating func requestEnded(
        _ outcome: Outcome, mayOpenByRatio: Bool, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Change? {
        switch outcome {
        case .success:
            self.endRows()
            self.pauses = 0
            self.window.count(.good, at: now.nanoseconds)
            return nil
        case .slow:
            self.endRows()
            self.pauses = 0
            self.window.count(.slow, at: now.nanoseconds)
        case .blamedOnModel:
            self.endRows()
            self.window.count(.good, at: now.nanoseconds)
            return nil
        case .failed:
            self.failuresInARow += 1
            self.connectFailuresInARow = 0
            self.window.count(.failed, at: now.nanoseconds)
        case .connectFailed:
            self.failuresInARow += 1
            self.connectFailuresInARow += 1
            self.window.count(.failed, at: now.nanoseconds)
        case .busy(let retryAfter):
            return self.pause(retryAfter, at: now, using: &generator)
        case .keyRefused:
            return self.open(.keyRefused, until: now + Self.keyRefusedFor)
        case .neutral:
            return nil
        }
        guard let cause = self.rule(mayOpenByRatio: mayOpenByRatio) else { return nil }
        return self.open(cause, at: now, using: &generator)
    }

    private mutating func endRows() {
        self.failuresInARow = 0
        self.connectFailuresInARow = 0
    }

    private func rule(mayOpenByRatio: Bool) -> Cause? {
        if self.connectFailuresInARow >= min(Self.connectFailuresMax, self.options.failures) {
            return .connectFailuresInARow(self.connectFailuresInARow)
        }
        if self.failuresInARow >= self.options.failures { return .failuresInARow(self.failuresInARow) }
        return mayOpenByRatio ? self.window.ratio : nil
    }

    /// A success counts as the first of those that close. A failure changes nothing: were each to lengthen the opening,
    /// a backend that is asked every second would be open for the longest time when others are back.
    mutating func earlyTrialEnded(
        _ pass: Pass, _ opening: Opening, _ outcome: Outcome, at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) -> Change? {
        var opening = opening
        if opening.trial?.trial == pass.trial { opening.trial = nil }
        self.state = .open(opening)
        switch outcome {
        case .success, .slow:
            return self.trialSucceeded(opening.cause, 0, opening.trial, at: now)
        case .busy(let retryAfter):
            let until = max(opening.until, now + self.pauseTime(retryAfter, using: &generator))
            self.state = .open(Opening(cause: opening.cause, until: until, earlyAt: until, trial: opening.trial))
            return nil
        case .keyRefused:
            let until = max(opening.until, now + Self.keyRefusedFor)
            self.state = .open(Opening(cause: .keyRefused, until: until, earlyAt: until, trial: opening.trial))
            return nil
        case .failed, .connectFailed, .blamedOnModel, .neutral:
            return nil
        }
    }

    mutating func trialEnded(
        _ cause: Cause, _ successes: Int, _ rest: Lease?, _ outcome: Outcome, at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) -> Change? {
        switch outcome {
        case .success, .slow:
            return self.trialSucceeded(cause, successes, rest, at: now)
        case .failed, .connectFailed, .blamedOnModel:
            return self.open(cause.isRatio ? .trialFailedAfterRatio : .trialFailed, at: now, using: &generator)
        case .busy(let retryAfter):
            // It works, but not now: as long as it asks for, and no longer next time.
            let until = now + self.pauseTime(retryAfter, using: &generator)
            return self.open(cause.isRatio ? .trialFailedAfterRatio : .trialFailed, until: until)
        case .keyRefused:
            return self.open(.keyRefused, until: now + Self.keyRefusedFor)
        case .neutral:
            self.state = .halfOpen(cause, successes: successes, trial: rest)
            return nil
        }
    }

    private mutating func trialSucceeded(
        _ cause: Cause, _ successes: Int, _ rest: Lease?, at now: Instant
    ) -> Change? {
        self.pauses = 0
        if successes + 1 < self.options.trials {
            let next = State.halfOpen(cause, successes: successes + 1, trial: rest)
            if case .open = self.state { return self.changed(to: next, .trialSucceeded) }
            self.state = next
            return nil
        }
        self.epoch &+= 1
        self.closedSince = now
        self.endRows()
        self.window = BreakerWindow()  // What opened it is over; it must not count twice.
        return self.changed(to: .closed, .trialSucceeded)
    }

    // MARK: Times

    private mutating func open(
        _ cause: Cause, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Change {
        switch self.state {
        case .closed, .throttled:
            let steps = (now - self.closedSince).nanoseconds / Self.decayEvery.nanoseconds
            self.openings = max(0, self.openings - Int(clamping: steps))
        case .open, .halfOpen: break
        }
        let first = self.options.openFor
        let time = Self.doubled(first, self.openings, max: max(first, Self.openForMax))
        self.openings = min(self.openings + 1, Self.doublingsMax)
        return self.open(cause, until: now + time.jittered(using: &generator), now: now)
    }

    private mutating func open(_ cause: Cause, until: Instant, now: Instant? = nil) -> Change {
        self.epoch &+= 1
        let early = now.map { $0 + Self.earlyTrialEvery } ?? until
        return self.changed(to: .open(Opening(cause: cause, until: until, earlyAt: early)), cause)
    }

    private mutating func pause(
        _ retryAfter: Duration?, at now: Instant, using generator: inout some RandomNumberGenerator
    ) -> Change? {
        if case .throttled(let until) = self.state {
            // Others were on their way when the first came back: together they are one pause, the longest asked for.
            if let retryAfter { self.state = .throttled(until: max(until, now + Self.pause(asked: retryAfter))) }
            return nil
        }
        return self.changed(to: .throttled(until: now + self.pauseTime(retryAfter, using: &generator)), .busy)
    }

    /// What the server asks for, or 1 s and twice as long each time.
    private mutating func pauseTime(
        _ retryAfter: Duration?, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        if let retryAfter { return Self.pause(asked: retryAfter) }
        let time = Self.doubled(.seconds(1), self.pauses, max: Self.pauseGuessMax)
        self.pauses = min(self.pauses + 1, Self.doublingsMax)
        return time.jittered(using: &generator)
    }

    /// A pause of nothing would be two changes for each request.
    private static func pause(asked: Duration) -> Duration { min(max(asked, .seconds(1)), Self.pauseMax) }

    private static func doubled(_ time: Duration, _ times: Int, max longest: Duration) -> Duration {
        min(time * (1 << min(times, Self.doublingsMax)), longest)
    }

    mutating func changed(to state: State, _ cause: Cause) -> Change {
        let before = self.label
        self.state = state
        return Change(from: before, to: self.label, cause: cause, until: self.keepsAwayUntil)
    }
}
