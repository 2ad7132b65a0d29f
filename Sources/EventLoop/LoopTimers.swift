import CLibuv
import Glibc
import Vocabulary

/// The real clock and timers. All instances share one timer of libuv.
@LoopActor
public final class LoopTimers: Timers {
    /// Timers on the loop of this process.
    public init() {}

    /// CLOCK_MONOTONIC, read at the beginning of the present callback or job.
    public var now: Instant { UVLoop.main.now }

    /// CLOCK_REALTIME, read at most once in each callback or job.
    public var wallNow: WallTime { TimerDriver.shared.wallNow() }

    /// Runs `action` once, not earlier than `delay` from `now`, and about a millisecond later at most if the loop is
    /// free. At most 256 actions run in one callback.
    @discardableResult
    public func schedule(after delay: Duration, _ action: @escaping @LoopActor () -> Void) -> TimerToken {
        TimerDriver.shared.schedule(at: self.now + max(.zero, delay), action)
    }
}

/// Drives one queue of deadlines by one `uv_timer_t`, set to the earliest of them.
///
/// What is due at once goes through a `uv_async_t` instead: libuv runs timers that are due until there is none, so one
/// that sets itself again without a delay would keep the loop from its sockets for ever.
@LoopActor @safe
final class TimerDriver {
    static let shared = TimerDriver()

    /// Actions run in one callback.
    static let actionsPerCallbackMax = 256

    private let store = TimerStore()
    private let raw: UnsafeMutablePointer<uv_timer_t>
    private let atOnce: UnsafeMutablePointer<uv_async_t>
    /// The deadline that libuv's timer is set for; later than any instant while it is not set.
    private var armedFor = Instant(nanoseconds: .max)
    private var wall = WallTime(microseconds: 0)
    /// The monotonic reading that `wall` goes with.
    private var wallReadAt = Instant.zero

    private init() {
        unsafe self.raw = .allocate(capacity: 1)
        unsafe trapUnlessZero(uv_timer_init(UVLoop.main.raw, self.raw), "uv_timer_init")
        unsafe self.atOnce = .allocate(capacity: 1)
        unsafe trapUnlessZero(uv_async_init(UVLoop.main.raw, self.atOnce, onTimersDue), "uv_async_init")
    }

    func schedule(at deadline: Instant, _ action: @escaping @LoopActor () -> Void) -> TimerToken {
        let ticket = self.store.queue.schedule(at: deadline, action)
        if deadline < self.armedFor { self.arm(for: deadline) }
        return TimerToken(store: self.store, ticket: ticket)
    }

    /// libuv counts in milliseconds from the beginning of its turn, so it may call a little early: then nothing is due
    /// and the rest is waited for. Cancelled deadlines are not disarmed; they cost one empty call at most.
    private func arm(for deadline: Instant) {
        self.armedFor = deadline
        let wait = (deadline - UVLoop.main.now).nanoseconds
        if wait > 0 {
            unsafe _ = uv_timer_start(self.raw, onTimer, UInt64((wait + 999_999) / 1_000_000), 0)
        } else {
            unsafe _ = uv_async_send(self.atOnce)
        }
    }

    fileprivate func fired() {
        self.armedFor = Instant(nanoseconds: .max)
        let now = UVLoop.main.now
        let end = self.store.queue.sequence
        var left = Self.actionsPerCallbackMax
        while left > 0, let due = self.store.queue.popDue(at: now, before: end) {
            due.action()
            left -= 1
        }
        if let next = self.store.queue.nextDeadline(), next < self.armedFor { self.arm(for: next) }
    }

    func wallNow() -> WallTime {
        let now = UVLoop.main.now
        guard now != self.wallReadAt else { return self.wall }
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        self.wall = WallTime(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
        self.wallReadAt = now
        return self.wall
    }
}

private func onTimersDue(_ handle: UnsafeMutablePointer<uv_async_t>?) {
    LoopActor.fromC(.timer, ()) { TimerDriver.shared.fired() }
}

private func onTimer(_ handle: UnsafeMutablePointer<uv_timer_t>?) {
    LoopActor.fromC(.timer, ()) { TimerDriver.shared.fired() }
}
