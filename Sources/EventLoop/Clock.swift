import Vocabulary

/// What time it is. The loop reads the clocks; nobody else does.
@LoopActor
public protocol Clock: AnyObject {
    /// The monotonic clock, for timeouts and ages.
    var now: Instant { get }
    /// The wall clock, for logs, usage and audit. It may jump.
    var wallNow: WallTime { get }
}

/// A clock that can also call back. Real in the daemon (`LoopTimers`), set by hand in tests (`SettableTimers`).
@LoopActor
public protocol Timers: Clock {
    /// Runs `action` once after `delay`, in the order of deadlines, equal ones in the order of scheduling. Never
    /// within this call, a delay of zero or less included.
    @discardableResult
    func schedule(after delay: Duration, _ action: @escaping @LoopActor () -> Void) -> TimerToken
}

extension Timers {
    /// Suspends the calling task for `delay`. Cancellation does not shorten it.
    public func sleep(for delay: Duration) async {
        let waiter = Waiter<Void>()
        self.schedule(after: delay) { waiter.resume(()) }
        await waiter.wait()
    }
}

/// A scheduled action; dropping it does not cancel.
@LoopActor
public struct TimerToken: Sendable {
    private let store: TimerStore
    private let ticket: TimerTicket

    init(store: TimerStore, ticket: TimerTicket) {
        self.store = store
        self.ticket = ticket
    }

    /// Forgets the action, if it has not run yet. May be called again.
    public func cancel() {
        self.store.queue.cancel(self.ticket)
    }
}

/// The queue that tokens point back to.
@LoopActor
final class TimerStore {
    var queue = TimerQueue<@LoopActor () -> Void>()
}
