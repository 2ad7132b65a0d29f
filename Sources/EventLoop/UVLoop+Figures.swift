import Vocabulary

extension UVLoop {
    /// Called on the loop after a callback or job has held it for more than 50 ms, with the time and what it was:
    /// `read`, `jobs after read`.
    @LoopActor public var onSlow: (@LoopActor (Duration, String) -> Void)? {
        get { self.watch.onSlow }
        set { self.watch.onSlow = newValue }
    }

    /// What the loop has done so far.
    @LoopActor public var figures: LoopFigures { self.watch.figures }

    /// The longest turn since this was last asked.
    @LoopActor public func takeLongestTurn() -> Duration { self.watch.takeLongestTurn() }

    /// Handles of libuv that are open or about to close, the loop's own not counted. A test that closes all it opened
    /// finds the number it began with.
    @LoopActor public var liveHandles: Int { LoopHandle.alive }

    /// When the loop last began a callback or a job, or began to wait for events. From any thread.
    public var lastTick: Instant { Instant(nanoseconds: self.watch.stamp.load(ordering: .relaxed) & ~0xFF) }

    /// How long the loop has been held by one callback or job, and by what; `nil` while it waits for events. From any
    /// thread: a watcher can thus tell a stuck loop from an idle one.
    public var held: (for: Duration, by: String)? {
        let stamp = self.watch.stamp.load(ordering: .relaxed)
        guard let kind = CallbackKind(rawValue: UInt8(stamp & 0x7F)) else { return nil }
        let began = Instant(nanoseconds: stamp & ~0xFF)
        return (
            for: Instant(nanoseconds: monotonicNanoseconds()) - began,
            by: stamp & 0x80 == 0 ? "\(kind)" : "jobs after \(kind)"
        )
    }

    /// The monotonic clock as last read, at the beginning of the present callback or job.
    @LoopActor var now: Instant { Instant(nanoseconds: self.watch.nanoseconds) }
}
