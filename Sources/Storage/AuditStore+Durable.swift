@_spi(Durable) import Residency
import Synchronization
import Vocabulary

extension AuditStore {
    /// Records an intent, and returns when its record outlives a power cut (committed with `synchronous=FULL`). The task
    /// waits, no thread does.
    ///
    /// Fails at once if the store is failing or closed or the queue is full: then the intent was not taken, and needs no
    /// outcome. It fails later if the commit does, or when `deadline` has passed: `deadline` is given the call that ends
    /// the waiting, for whoever has the clock. Then the record may still come (`IntentProblem.mayComeLater`), and
    /// whoever waited appends the outcome `not_sent`, which lies behind it in the queue.
    public func append(
        durable intent: AuditIntent, at time: WallTime, deadline: (@escaping @Sendable () -> Void) -> Void
    ) async throws(IntentProblem) -> DurableIntent {
        switch self.condition {
        case .writing: break
        case .failing(let problem): throw .failing(problem)
        case .closed: throw .closed
        }
        let result = await withCheckedContinuation { continuation in
            let wait = CommitWait(continuation)
            let entry = Entry(event: .intent(intent), time: time, wait: wait)
            if self.queue.append(entry, whenFull: .refuse) {
                deadline { wait.end(.failure(.late)) }
            } else {
                wait.end(.failure(self.queue.isClosing ? .closed : .queueFull))
            }
        }
        return DurableIntent(intent, sequence: try result.get())
    }
}

/// Why an intent is not known to be durable, so that nothing may leave for it.
public enum IntentProblem: Error, Hashable, Sendable {
    /// The store was closed: the intent was not taken.
    case closed
    /// So many records wait that no more are taken, nor was this one.
    case queueFull
    /// The last commit failed, and its records wait to be tried again: the intent was not taken.
    case failing(StorageProblem)
    /// The commit of the intent failed; it waits to be tried again.
    case failed(StorageProblem)
    /// The disk has not taken it in time; it waits.
    case late

    /// The intent may still be written: it needs an outcome.
    public var mayComeLater: Bool {
        switch self {
        case .closed, .queueFull, .failing: false
        case .failed, .late: true
        }
    }
}

/// One task that waits for one record. The writer, its failure and the deadline may all end the waiting, on different
/// threads; the first does.
final class CommitWait: Sendable {
    private let continuation: CheckedContinuation<Result<Int64, IntentProblem>, Never>
    private let isOver = Atomic(false)

    init(_ continuation: CheckedContinuation<Result<Int64, IntentProblem>, Never>) {
        self.continuation = continuation
    }

    /// The number of the record, or why there is none that could be waited for.
    func end(_ result: Result<Int64, IntentProblem>) {
        if self.isOver.exchange(true, ordering: .acquiringAndReleasing) { return }
        self.continuation.resume(returning: result)
    }
}
