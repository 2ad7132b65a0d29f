import Vocabulary

/// How long requests of one model hold their seat: a moving average in which each new one weighs a fifth, so that
/// about the last ten count.
struct ServiceTime: Sendable {
    private(set) var meanNanoseconds: Int64?

    mutating func observe(_ duration: Duration) {
        let new = max(0, duration.nanoseconds)
        self.meanNanoseconds = self.meanNanoseconds.map { $0 + (new - $0) / 5 } ?? new
    }

    /// The expected wait of whoever is `position`th (from 1) in a queue that `slots` seats serve: every `mean / slots`
    /// one of them becomes free. `nil` until something was observed.
    func wait(position: Int, slots: Int) -> Duration? {
        guard let mean = self.meanNanoseconds, slots > 0 else { return nil }
        let (product, overflow) = mean.multipliedReportingOverflow(by: Int64(position))
        return overflow ? Bounds.queueWait : .nanoseconds(product / Int64(slots))
    }
}
