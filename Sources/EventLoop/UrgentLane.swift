import CLibuv

/// A loop of libuv inside the loop, on the same thread, for the few connections that must not wait behind all others:
/// health and administration. libuv deals with all sockets that are ready in one turn, in the order in which they
/// became so; with a thousand busy ones a question for health would wait for a thousand answers, 20 ms or more.
///
/// While a turn lasts the lane is served once in a millisecond, between two callbacks. While the loop waits, the lane's
/// epoll descriptor is one of those that it waits for.
@safe
final class UrgentLane {
    /// How long a turn may last before the lane is looked at.
    static let waitMax: UInt64 = 1_000_000
    /// `uv_run`s in a row: what one asks of its handles, the next carries out.
    private static let roundsMax = 4

    let raw: UnsafeMutablePointer<uv_loop_t>
    private let readiness: UnsafeMutablePointer<uv_poll_t>
    /// Never sent: libuv looks at no descriptor of a loop that has no handle, and the loop around it would then turn
    /// without end.
    private let keepsAlive: UnsafeMutablePointer<uv_async_t>
    private var isServing = false
    /// Something was asked of one of its handles, which libuv carries out within `uv_run` only.
    var isTouched = false
    /// The reading of the clock from which on it is due in this turn; 0 before the turn's first callback.
    private var dueAt: UInt64 = 0

    /// The lane of the loop `outer`.
    init(in outer: UnsafeMutablePointer<uv_loop_t>) {
        unsafe self.raw = .allocate(capacity: 1)
        unsafe self.readiness = .allocate(capacity: 1)
        unsafe self.keepsAlive = .allocate(capacity: 1)
        unsafe trapUnlessZero(uv_loop_init(self.raw), "uv_loop_init")
        unsafe trapUnlessZero(uv_async_init(self.raw, self.keepsAlive, nil), "uv_async_init")
        unsafe trapUnlessZero(uv_poll_init(outer, self.readiness, uv_backend_fd(self.raw)), "uv_poll_init")
        unsafe trapUnlessZero(uv_poll_start(self.readiness, Int32(UV_READABLE.rawValue), onUrgent), "uv_poll_start")
    }

    /// A callback of the loop is over, which began at `now`.
    @inline(__always)
    func callbackEnded(at now: UInt64) {
        if now < self.dueAt { return }
        self.looked(at: now)
    }

    private func looked(at now: UInt64) {
        if self.isServing { return }
        guard self.dueAt != 0 else {  // The turn's first callback.
            self.dueAt = now &+ Self.waitMax
            return
        }
        let began = monotonicNanoseconds()
        self.serve()
        let ended = monotonicNanoseconds()
        // However busy the lane is, half of the time is everybody else's.
        self.dueAt = ended &+ max(Self.waitMax, ended &- began)
    }

    /// The loop is about to wait for events. Returns whether there is still something to be carried out.
    func turnEnded() -> Bool {
        self.dueAt = 0
        if self.isTouched { self.serve() }
        return self.isTouched
    }

    fileprivate func serve() {
        if self.isServing { return }
        self.isServing = true
        var rounds = 0
        repeat {
            self.isTouched = false
            unsafe _ = uv_run(self.raw, UV_RUN_NOWAIT)
            rounds += 1
        } while self.isTouched && rounds < Self.roundsMax
        self.isServing = false
    }
}

private func onUrgent(_ handle: UnsafeMutablePointer<uv_poll_t>?, _ status: Int32, _ events: Int32) {
    UVLoop.main.urgent.serve()
}
