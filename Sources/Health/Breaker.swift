import Vocabulary

/// Decides from what became of requests whether more may follow them (`health.md` E2). One guards a backend, another
/// each model of it; a request goes where both let it.
///
/// As everywhere in this field `closed` lets requests pass and `open` does not. A breaker changes its state by what
/// `ended` and `due` tell it and by nothing else, so that the shell, which is told when to come back (`wakeAt`), sees
/// every change. Each request has a `Pass`: what is told of one from before the latest opening or closing is old news.
///
/// A probe is no request: that a port answers closes nothing that traffic has opened.
public struct Breaker: Sendable {
    /// The permission of one request, given back with its outcome.
    public struct Pass: Hashable, Sendable {
        let epoch: UInt32
        /// 0 for a request that is no trial.
        let trial: UInt32

        /// True if others wait for what becomes of this one.
        public var isTrial: Bool { self.trial != 0 }
    }

    /// A trial under way. Who does not come back with an outcome until then is waited for no longer, though its outcome
    /// still counts.
    struct Lease: Equatable, Sendable {
        let trial: UInt32
        let until: Instant
    }

    struct Opening: Equatable, Sendable {
        let cause: Cause
        let until: Instant
        /// When the last-resort rule allows the next early trial.
        var earlyAt: Instant
        var trial: Lease?
    }

    enum State: Equatable, Sendable {
        case closed  // Requests pass. Next: throttled, open.
        case throttled(until: Instant)  // The server asked for a pause. Next: closed, open.
        case open(Opening)  // None passes, but for early trials. Next: halfOpen, closed.
        case halfOpen(Cause, successes: Int, trial: Lease?)  // One trial at a time. Next: closed, open.
    }

    /// What the operator may set.
    public var options: Options
    /// An operator's word, which goes before all that is found out.
    var held: Hold?
    var state = State.closed
    /// The number of the latest opening or closing.
    var epoch: UInt32 = 0
    var trials: UInt32 = 0
    var window = BreakerWindow()
    var failuresInARow = 0
    var connectFailuresInARow = 0
    /// Openings that lengthen the next one; each whole `decayEvery` spent closed takes one off.
    var openings = 0
    var closedSince = Instant.zero
    /// Pauses since the last success, where the server does not say how long.
    var pauses = 0

    /// A closed breaker.
    public init(options: Options = Options()) {
        self.options = options
    }

    // MARK: Asking

    /// What the state means for a request that asks now.
    public enum Standing: Equatable, Sendable {
        /// It may go.
        case passes
        /// It may go, as the one trial.
        case offersTrial
        /// A trial is under way, and what follows is known when it ends.
        case awaitsTrial
        /// Not before then.
        case throttled(until: Instant)
        /// Not before then, but for early trials.
        case open(until: Instant)
    }

    /// What the state means for a request that asks now.
    public var standing: Standing {
        if let held { return held.isOpen ? .open(until: held.until) : .passes }
        return switch self.state {
        case .closed: .passes
        case .throttled(let until): .throttled(until: until)
        case .open(let opening): .open(until: opening.until)
        case .halfOpen(_, _, let trial): trial == nil ? .offersTrial : .awaitsTrial
        }
    }

    /// True if a request may go, as a trial or not.
    public var letsPass: Bool {
        if let held { return !held.isOpen }
        return switch self.state {
        case .closed: true
        case .halfOpen(_, _, let trial): trial == nil
        case .throttled, .open: false
        }
    }

    /// True if a request may go, as the one trial.
    public var offersTrial: Bool {
        if self.held == nil, case .halfOpen(_, _, nil) = self.state { true } else { false }
    }

    /// When an open breaker takes its next early trial: one at a time, a second apart. Asked only where nobody else can
    /// serve, so that not every request is refused for the whole time. `nil` if it is not open.
    public var earlyTrialAt: Instant? {
        guard self.held == nil, case .open(let opening) = self.state else { return nil }
        return max(opening.earlyAt, opening.trial?.until ?? .zero)
    }

    /// True while a ratio keeps requests away: of these there are never too many at once.
    public var isOpenByRatio: Bool {
        switch self.state {
        case .open(let opening): opening.cause.isRatio
        case .halfOpen(let cause, _, _): cause.isRatio
        case .closed, .throttled: false
        }
    }

    /// When to call `due`; `nil` if nothing hangs on time.
    public var wakeAt: Instant? {
        if let held { return held.until }
        return switch self.state {
        case .closed: nil
        case .throttled(let until): until
        case .open(let opening): opening.until
        case .halfOpen(_, _, let trial): trial?.until
        }
    }

    /// Until when it keeps requests away, early trials aside; `nil` if it does not, or if only requests can tell.
    public var keepsAwayUntil: Instant? {
        if let held { return held.isOpen ? held.until : nil }
        return switch self.state {
        case .closed, .halfOpen: nil
        case .throttled(let until): until
        case .open(let opening): opening.until
        }
    }

    // MARK: Events

    /// A request goes: one that `letsPass` allows, or an early trial that is due.
    public mutating func admit(at now: Instant) -> Pass {
        if let held {
            precondition(!held.isOpen, "a request goes where an operator holds the breaker open")
            return Pass(epoch: self.epoch, trial: 0)
        }
        switch self.state {
        case .closed:
            return Pass(epoch: self.epoch, trial: 0)
        case .halfOpen(let cause, let successes, trial: nil):
            let lease = self.newLease(at: now)
            self.state = .halfOpen(cause, successes: successes, trial: lease)
            return Pass(epoch: self.epoch, trial: lease.trial)
        case .open(var opening) where opening.trial.map({ $0.until <= now }) ?? true:
            let lease = self.newLease(at: now)
            opening.trial = lease
            opening.earlyAt = now + Self.earlyTrialEvery
            self.state = .open(opening)
            return Pass(epoch: self.epoch, trial: lease.trial)
        case .throttled, .open, .halfOpen:
            preconditionFailure("a request goes where the breaker is \(self.label.rawValue) and lets none pass")
        }
    }

    /// A request that was admitted has ended.
    ///
    /// - Parameter mayOpenByRatio: false where too many others are open by a ratio already. Only asked for an outcome
    ///   that `isAgainst`.
    public mutating func ended(
        _ pass: Pass, _ outcome: Outcome, mayOpenByRatio: Bool = true, at now: Instant,
        using generator: inout some RandomNumberGenerator
    ) -> Change? {
        if self.held != nil { return nil }
        guard pass.epoch == self.epoch else { return nil }  // A straggler: it tells nothing new.
        switch self.state {
        case .closed, .throttled:
            return self.requestEnded(outcome, mayOpenByRatio: mayOpenByRatio, at: now, using: &generator)
        case .open(let opening):
            return self.earlyTrialEnded(pass, opening, outcome, at: now, using: &generator)
        case .halfOpen(let cause, let successes, let lease):
            let rest = lease?.trial == pass.trial ? nil : lease
            return self.trialEnded(cause, successes, rest, outcome, at: now, using: &generator)
        }
    }

    /// The wake has come. Early calls change nothing.
    public mutating func due(at now: Instant) -> Change? {
        if let held { return held.until <= now ? self.release() : nil }
        switch self.state {
        case .closed:
            return nil
        case .throttled(let until):
            return until <= now ? self.changed(to: .closed, .pauseOver) : nil
        case .open(let opening):
            guard opening.until <= now else { return nil }
            let trial = opening.trial.flatMap { $0.until <= now ? nil : $0 }
            return self.changed(to: .halfOpen(opening.cause, successes: 0, trial: trial), .openTimeOver)
        case .halfOpen(let cause, let successes, let lease):
            if let lease, lease.until <= now { self.state = .halfOpen(cause, successes: successes, trial: nil) }
            return nil
        }
    }

    /// What it guards is another server now, of which nothing is known.
    public mutating func renew() {
        let next = self.epoch &+ 1
        self = Breaker(options: self.options)
        self.epoch = next
    }

    private mutating func newLease(at now: Instant) -> Lease {
        self.trials &+= 1
        if self.trials == 0 { self.trials = 1 }
        return Lease(trial: self.trials, until: now + Self.trialLease)
    }
}
