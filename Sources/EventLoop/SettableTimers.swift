import Vocabulary

/// A clock and timers that stand still until they are told to move: for tests. The order of actions is that of their
/// deadlines, equal ones in the order of scheduling, so that a run replays exactly.
@LoopActor
public final class SettableTimers: Timers {
    private let store = TimerStore()
    /// The monotonic clock, as last set.
    public private(set) var now: Instant
    /// The wall clock, as last set.
    public private(set) var wallNow: WallTime

    /// Clocks that show these times. The default wall time is 2026-01-01T00:00:00Z.
    public init(
        now: Instant = Instant(nanoseconds: 1_000_000_000),
        wallNow: WallTime = WallTime(microseconds: 1_767_225_600_000_000)
    ) {
        self.now = now
        self.wallNow = wallNow
    }

    /// Actions that wait.
    public var count: Int { self.store.queue.count }
    /// When the next action is due.
    public var nextDeadline: Instant? { self.store.queue.nextDeadline() }

    /// Runs `action` when the clock has been moved by `delay`.
    @discardableResult
    public func schedule(after delay: Duration, _ action: @escaping @LoopActor () -> Void) -> TimerToken {
        TimerToken(store: self.store, ticket: self.store.queue.schedule(at: self.now + max(.zero, delay), action))
    }

    /// Moves both clocks on by `duration`, stopping at each deadline on the way to run its action. An action that
    /// schedules another within that time sees it run too.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "the monotonic clock does not run backwards")
        let end = self.now + duration
        while let due = self.store.queue.popDue(at: end) {
            self.move(to: max(self.now, due.deadline))
            due.action()
        }
        self.move(to: end)
    }

    /// Moves the wall clock alone, forwards or backwards, as an administrator or NTP does.
    public func stepWallClock(by duration: Duration) {
        self.wallNow = self.wallNow + duration
    }

    private func move(to instant: Instant) {
        self.wallNow = self.wallNow + (instant - self.now)
        self.now = instant
    }
}
