import Vocabulary

/// Notices a client that takes nothing of its answer. What counts is what leaves our queue, not what is written into
/// it: an answer that grows does not hide a reader that stands still.
struct SlowReaderWatch: Sendable {
    private let limit: Duration
    private var sinceProgress: Instant?
    private var takenAtProgress = 0
    private var lastLook = Instant.zero

    init(limit: Duration) {
        self.limit = limit
    }

    /// When to look again; progress shows only by looking, so six times within the limit.
    var deadline: Instant? {
        self.sinceProgress.map { Swift.min($0 + self.limit, self.lastLook + .nanoseconds(self.limit.nanoseconds / 6)) }
    }

    /// The client has taken `taken` bytes so far, `queued` more wait for it. True if it has taken none for the whole limit.
    mutating func isTooSlow(taken: @autoclosure () -> Int, queued: Int, at now: Instant) -> Bool {
        self.lastLook = now
        guard queued > 0 else {
            self.sinceProgress = nil
            return false
        }
        let taken = taken()
        guard let since = self.sinceProgress, taken == self.takenAtProgress else {
            self.sinceProgress = now
            self.takenAtProgress = taken
            return false
        }
        return now - since >= self.limit
    }
}
