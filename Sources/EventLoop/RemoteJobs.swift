import Glibc

/// Jobs that other threads have handed to the loop.
///
/// A POSIX lock rather than `Synchronization.Mutex`, which the thread sanitizer does not understand (it is a bare futex
/// on Linux, in a library that is not instrumented): every hand-over would be reported as a race.
///
/// `@unchecked Sendable`: `jobs` is touched under the lock only.
@safe
final class RemoteJobs: @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var jobs: [UnownedJob] = []

    init() {
        unsafe self.lock = .allocate(capacity: 1)
        unsafe trapUnlessZero(pthread_mutex_init(self.lock, nil), "pthread_mutex_init")
    }

    deinit {
        unsafe pthread_mutex_destroy(self.lock)
        unsafe self.lock.deallocate()
    }

    /// Says whether the job is the first to wait, so that the loop has to be woken.
    func append(_ job: UnownedJob) -> Bool {
        unsafe pthread_mutex_lock(self.lock)
        defer { unsafe pthread_mutex_unlock(self.lock) }
        self.jobs.append(job)
        return self.jobs.count == 1
    }

    /// Takes all jobs in exchange for an empty array, so that the two take turns and neither is allocated anew.
    func swap(with empty: inout [UnownedJob]) {
        unsafe pthread_mutex_lock(self.lock)
        defer { unsafe pthread_mutex_unlock(self.lock) }
        Swift.swap(&self.jobs, &empty)
    }
}
