import CLibuv
import DequeModule
import Glibc
import Synchronization
import Vocabulary

/// The event loop: libuv's, as a Swift executor. One per process, since a global actor is one.
///
/// Two objects take jobs, this one for the actor and `taskExecutor` for tasks that prefer the loop; one class that is
/// both could not tell the two ways of running a job apart.
///
/// `@unchecked Sendable`: `remote`, `thread`, `stopRequested` and `watch.stamp` are atomic or locked; everything else
/// is touched on the loop's thread only, which `onThread` checks wherever foreign code enters.
@safe
public final class UVLoop: SerialExecutor, @unchecked Sendable {
    /// The loop of this process.
    public static let main = UVLoop()

    /// Jobs run at the end of one callback; what is left waits for the next turn, so that a flood of jobs never keeps
    /// the loop from its sockets.
    public static var jobsPerCallbackMax: Int { 256 }
    /// The same for callbacks that find such a rest waiting: each may still run what it made ready itself.
    public static var jobsPerCallbackWhileBehindMax: Int { 32 }
    /// Jobs also stop after 5 ms, should each of them be long.
    private static var jobsNanosecondsMax: UInt64 { 5_000_000 }

    /// The executor that tasks prefer; see `startTask(_:)`.
    public let taskExecutor = LoopTaskExecutor()

    let raw: UnsafeMutablePointer<uv_loop_t>
    let urgent: UrgentLane
    private let wake: UnsafeMutablePointer<uv_async_t>
    private let turnEnd: UnsafeMutablePointer<uv_prepare_t>

    private let remote = RemoteJobs()
    private let thread = Atomic<UInt>(0)
    private let stopRequested = Atomic<Bool>(false)

    private var local = Deque<UnownedJob>()
    private var arrived: [UnownedJob] = []
    private var inCallback = false
    private var isBehind = false

    /// Times callbacks and jobs, and is the program's clock.
    let watch = LoopWatch()

    private init() {
        // A client that goes away while we write to it is an error code, not the end of the process.
        _ = signal(SIGPIPE, SIG_IGN)
        unsafe self.raw = .allocate(capacity: 1)
        unsafe self.wake = .allocate(capacity: 1)
        unsafe self.turnEnd = .allocate(capacity: 1)
        unsafe trapUnlessZero(uv_loop_init(self.raw), "uv_loop_init")
        unsafe self.urgent = UrgentLane(in: self.raw)
        unsafe trapUnlessZero(uv_async_init(self.raw, self.wake, onWake), "uv_async_init")
        unsafe trapUnlessZero(uv_prepare_init(self.raw, self.turnEnd), "uv_prepare_init")
        unsafe trapUnlessZero(uv_prepare_start(self.turnEnd, onTurnEnd), "uv_prepare_start")
    }

    // MARK: Running

    /// Makes the calling thread the loop's thread and serves it until `stop`. Jobs that are still waiting then stay
    /// where they are, for the next call.
    public func run() {
        let claimed = self.thread.compareExchange(
            expected: 0, desired: UInt(pthread_self()), ordering: .acquiringAndReleasing)
        precondition(claimed.exchanged, "the event loop runs already")
        if !self.local.isEmpty { unsafe _ = uv_async_send(self.wake) }
        self.watch.turnBegan(at: monotonicNanoseconds())
        unsafe _ = uv_run(self.raw, UV_RUN_DEFAULT)
        self.thread.store(0, ordering: .releasing)
    }

    /// Has a thread of its own serve the loop until `stop`; calls after the first change nothing. For programs whose main
    /// thread belongs to something else, such as a test run, all of whose parts then share one loop.
    public func runOnOwnThread() {
        Self.ownThread
    }

    private static let ownThread: Void = {
        var thread = pthread_t()
        let serve: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
            UVLoop.main.run()
            return nil
        }
        unsafe trapUnlessZero(pthread_create(&thread, nil, serve, nil), "pthread_create")
        pthread_detach(thread)
    }()

    /// Makes `run` return after the present turn. From any thread, and before `run` too.
    public nonisolated func stop() {
        self.stopRequested.store(true, ordering: .releasing)
        unsafe _ = uv_async_send(self.wake)
    }

    /// Whether this is the loop's thread.
    public var onThread: Bool {
        self.thread.load(ordering: .relaxed) == UInt(pthread_self())
    }

    // MARK: Executor

    /// Takes a job of the actor.
    public func enqueue(_ job: consuming ExecutorJob) {
        self.push(UnownedJob(job))
    }

    /// A job from the loop's own thread waits without lock or system call for the end of the present callback; one
    /// from elsewhere wakes the loop, once for a burst.
    func push(_ job: UnownedJob) {
        if self.onThread {
            self.local.append(job)
            if !self.inCallback { unsafe _ = uv_async_send(self.wake) }
        } else if self.remote.append(job) {
            unsafe _ = uv_async_send(self.wake)
        }
    }

    /// Traps anywhere but on the loop's thread (SE-0424: what `assumeIsolated` outside a task ends up asking).
    public func checkIsolated() {
        precondition(self.onThread, "this belongs on the event loop's thread")
    }

    /// Whether this is the loop's thread (SE-0471).
    public func isIsolatingCurrentContext() -> Bool? {
        self.onThread
    }

    // MARK: Callbacks

    /// Wraps every callback from C: the outermost one is timed, and runs the jobs that became ready in it.
    @inline(__always)
    func callback<T>(_ kind: CallbackKind, _ body: () -> T) -> T {
        if self.inCallback { return body() }
        self.inCallback = true
        let now = monotonicNanoseconds()
        self.watch.callbackBegan(kind, at: now)
        let result = body()
        if !self.local.isEmpty { self.runJobs(after: kind) }
        self.inCallback = false
        self.urgent.callbackEnded(at: now)
        return result
    }

    private func runJobs(after kind: CallbackKind) {
        var left = self.isBehind && kind != .wake ? Self.jobsPerCallbackWhileBehindMax : Self.jobsPerCallbackMax
        let began = monotonicNanoseconds()
        self.watch.jobsBegan(at: began)
        let until = began + Self.jobsNanosecondsMax
        var now = began
        while left > 0, now < until, let job = self.local.popFirst() {
            self.run(job)
            now = monotonicNanoseconds()
            self.watch.jobEnded(at: now)
            left -= 1
        }
        if self.local.isEmpty {
            self.isBehind = false
        } else if !self.isBehind || kind == .wake {
            self.isBehind = true
            unsafe _ = uv_async_send(self.wake)
        }
    }

    /// Both executors are this thread: the job is told of both, so that its next hop to `LoopActor` is none.
    @inline(__always)
    private func run(_ job: UnownedJob) {
        unsafe job.runSynchronously(
            isolatedTo: self.asUnownedSerialExecutor(), taskExecutor: self.taskExecutor.asUnownedTaskExecutor())
    }

    /// The loop is about to wait for events.
    fileprivate func turnEnded() {
        if self.urgent.turnEnded() { unsafe _ = uv_async_send(self.wake) }
        self.watch.turnEnded(at: monotonicNanoseconds())
    }

    fileprivate func woken() {
        if self.stopRequested.exchange(false, ordering: .acquiring) { unsafe uv_stop(self.raw) }
        self.remote.swap(with: &self.arrived)
        self.local.append(contentsOf: self.arrived)
        self.arrived.removeAll(keepingCapacity: true)
    }
}

/// Takes the jobs of tasks that prefer the loop: see `UVLoop`.
public final class LoopTaskExecutor: TaskExecutor {
    /// Takes a job of a task.
    public func enqueue(_ job: consuming ExecutorJob) {
        UVLoop.main.push(UnownedJob(job))
    }
}

private func onWake(_ handle: UnsafeMutablePointer<uv_async_t>?) {
    UVLoop.main.callback(.wake) { UVLoop.main.woken() }
}

private func onTurnEnd(_ handle: UnsafeMutablePointer<uv_prepare_t>?) {
    UVLoop.main.turnEnded()
}

/// Nanoseconds of CLOCK_MONOTONIC: the only reading of that clock in this program.
@inline(__always)
func monotonicNanoseconds() -> UInt64 {
    uv_hrtime()
}

/// For calls that fail only when memory or descriptors are gone at the very start.
func trapUnlessZero(_ status: Int32, _ call: StaticString) {
    precondition(status == 0, "\(call) failed: \(SocketError.systemName(of: status))")
}
