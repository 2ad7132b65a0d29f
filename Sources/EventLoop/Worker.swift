import CLibuv

/// Runs `work`, which may block, on a thread of libuv's pool, and goes on with its result on the loop. The pool has
/// four threads (`UV_THREADPOOL_SIZE`): what may wait for minutes needs a thread of its own.
@LoopActor
public func runOnWorker<T: Sendable, Failure: Error>(
    _ work: @escaping @Sendable () throws(Failure) -> T
) async throws(Failure) -> T {
    let waiter = Waiter<Result<T, Failure>>()
    let item = WorkItem(work, waiter)
    let request = UnsafeMutablePointer<uv_work_t>.allocate(capacity: 1)
    // Retained until `onFinished`, which libuv calls exactly once, on the loop.
    unsafe request.pointee.data = Unmanaged<AnyWorkItem>.passRetained(item).toOpaque()
    // Fails only without a callback; creating the pool's threads aborts the process by itself if it cannot.
    unsafe trapUnlessZero(uv_queue_work(UVLoop.main.raw, request, onWork, onFinished), "uv_queue_work")
    return try await waiter.wait().get()
}

/// One piece of work, whatever its result.
///
/// `@unchecked Sendable`: the pool's thread has it from `uv_queue_work` until libuv hands it back, the loop before and
/// after; libuv's lock orders the two.
private class AnyWorkItem: @unchecked Sendable {
    func run() {}
    @LoopActor func finish() {}
}

private final class WorkItem<T: Sendable, Failure: Error>: AnyWorkItem, @unchecked Sendable {
    private let work: @Sendable () throws(Failure) -> T
    private let waiter: Waiter<Result<T, Failure>>
    private var result: Result<T, Failure>?

    init(_ work: @escaping @Sendable () throws(Failure) -> T, _ waiter: Waiter<Result<T, Failure>>) {
        self.work = work
        self.waiter = waiter
    }

    override func run() {
        do throws(Failure) {
            self.result = .success(try self.work())
        } catch {
            self.result = .failure(error)
        }
    }

    @LoopActor override func finish() {
        guard let result = self.result else { preconditionFailure("a worker has finished what it never ran") }
        self.waiter.resume(result)
    }
}

// These two are plain functions: a closure written on the loop would check, on the pool's thread, that it is the loop.

private func onWork(_ request: UnsafeMutablePointer<uv_work_t>?) {
    guard let data = unsafe request?.pointee.data else { return }
    unsafe Unmanaged<AnyWorkItem>.fromOpaque(data).takeUnretainedValue().run()
}

private func onFinished(_ request: UnsafeMutablePointer<uv_work_t>?, _ status: Int32) {
    guard let request = unsafe request, let data = unsafe request.pointee.data else { return }
    unsafe request.deallocate()
    let item = unsafe Unmanaged<AnyWorkItem>.fromOpaque(data).takeRetainedValue()
    LoopActor.fromC(.worker, item) { $0.finish() }
}
