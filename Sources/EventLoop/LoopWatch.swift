import Synchronization
import Vocabulary

/// Measures what the loop does with its thread: how long each callback and job held it, and how long each turn took.
///
/// One clock reading at the beginning of a callback ends the one before it as well; jobs cost one each. Nothing reads
/// the clock while the loop waits for events.
///
/// A class, so that whoever is told of a slow callback may ask for the figures meanwhile. Only `stamp` is read by other
/// threads.
final class LoopWatch {
    /// A callback or job that held the loop for more than 50 ms is reported.
    private static var slowNanoseconds: UInt64 { 50_000_000 }

    /// The latest clock reading: what `now` means on the loop. Changes with every callback and job.
    private(set) var nanoseconds = monotonicNanoseconds()
    private var callbacks: UInt64 = 0
    private(set) var figures = LoopFigures()
    /// Whom to tell.
    var onSlow: (@LoopActor (Duration, String) -> Void)?

    /// The latest reading for other threads, its lowest byte replaced by what the loop does: zero while it waits for
    /// events, else a `CallbackKind`, with the highest bit set while it runs jobs.
    let stamp = Atomic<UInt64>(0)

    private var kind = CallbackKind.wake
    private var inJobs = false
    private var began: UInt64 = 0
    /// Beyond this reading the present callback is slow. The greatest number while none is timed.
    private var slowAt = UInt64.max
    private var turnStart: UInt64 = 0

    private static let jobsBit: UInt64 = 0x80

    @inline(__always)
    func callbackBegan(_ kind: CallbackKind, at now: UInt64) {
        if now > self.slowAt { self.tellSlow(now - self.began) }
        if self.turnStart == 0 { self.turnStart = now }
        self.callbacks &+= 1
        self.kind = kind
        self.inJobs = false
        self.mark(now, UInt64(kind.rawValue))
    }

    func jobsBegan(at now: UInt64) {
        if now > self.slowAt { self.tellSlow(now - self.began) }
        self.inJobs = true
        self.mark(now, UInt64(self.kind.rawValue) | Self.jobsBit)
    }

    @inline(__always)
    func jobEnded(at now: UInt64) {
        if now > self.slowAt { self.tellSlow(now - self.began) }
        self.figures.jobs &+= 1
        self.mark(now, UInt64(self.kind.rawValue) | Self.jobsBit)
    }

    /// The loop is about to wait for events, or has just begun.
    func turnEnded(at now: UInt64) {
        if now > self.slowAt { self.tellSlow(now - self.began) }
        if self.turnStart != 0 { self.figures.turnEnded(after: now - self.turnStart, callbacks: self.callbacks) }
        self.turnStart = 0
        self.nanoseconds = now
        self.slowAt = .max
        self.stamp.store(now & ~0xFF, ordering: .relaxed)
    }

    func turnBegan(at now: UInt64) {
        self.slowAt = .max
        self.turnStart = 0
        self.nanoseconds = now
    }

    @inline(__always)
    private func mark(_ now: UInt64, _ activity: UInt64) {
        self.nanoseconds = now
        self.began = now
        self.slowAt = now &+ Self.slowNanoseconds
        self.stamp.store(now & ~0xFF | activity, ordering: .relaxed)
    }

    @inline(never)
    private func tellSlow(_ nanoseconds: UInt64) {
        let held = Duration.nanoseconds(Int64(nanoseconds))
        self.figures.slow &+= 1
        guard let onSlow = self.onSlow else { return }
        let label = self.inJobs ? "jobs after \(self.kind)" : "\(self.kind)"
        LoopActor.assumeIsolated((onSlow, held, label)) { onSlow, held, label in onSlow(held, label) }
    }

    /// The longest turn so far, which is then forgotten.
    func takeLongestTurn() -> Duration {
        defer { self.figures.longestTurn = .zero }
        return self.figures.longestTurn
    }
}
