/// The isolation of everything that runs on the event loop's thread: one thread, hence no locks.
@globalActor
public actor LoopActor {
    /// The one instance; it has no state of its own.
    public static let shared = LoopActor()

    /// Jobs of this actor run on the loop's thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe UVLoop.main.asUnownedSerialExecutor()
    }

    /// Runs `operation` at once, which the caller promises to do on the loop's thread; anywhere else it traps.
    ///
    /// What `operation` needs comes in `context`: a closure that captures is allocated at every call, and this is
    /// called for every line that libcurl hands over.
    ///
    /// The standard library has this for `MainActor` only. `LoopActor.shared.assumeIsolated` gives an `isolated`
    /// parameter, with which functions marked `@LoopActor` cannot be called.
    public static func assumeIsolated<Context, T>(
        _ context: Context, _ operation: @escaping @LoopActor (Context) -> T
    ) -> T {
        precondition(UVLoop.main.onThread, "this belongs on the event loop's thread")
        // The attribute changes who may call a function, not how it is called (as in `MainActor.assumeIsolated`).
        return unsafe unsafeBitCast(operation, to: ((Context) -> T).self)(context)
    }

    /// The entrance of every C callback: runs `operation`, then the jobs that it made ready. Inside another callback
    /// it only runs `operation`. As with `assumeIsolated` all that `operation` needs is in `context`.
    public static func fromC<Context, T>(
        _ kind: CallbackKind = .foreign, _ context: Context, _ operation: @escaping @LoopActor (Context) -> T
    ) -> T {
        UVLoop.main.callback(kind) { self.assumeIsolated(context, operation) }
    }
}

/// Starts `body` on the loop. The only way in which tasks are started in this program: a task without the executor
/// preference goes through the global pool at every suspension, 25 us instead of 0.4 (`runtime.md` 2).
///
/// The closure given to `Task` carries no `@LoopActor`, because the compiler's region analysis gives up on one that
/// captures a loop-bound object; it awaits `body` instead.
@discardableResult
public nonisolated func startTask(_ body: @escaping @LoopActor @Sendable () async -> Void) -> Task<Void, Never> {
    Task(executorPreference: UVLoop.main.taskExecutor) { await body() }
}
