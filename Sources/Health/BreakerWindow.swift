/// What became of the requests of the last 30 s, in ten buckets (`health.md` E2). A fixed size and no allocation: one
/// stands at every backend and every model of it, and each request counts in two.
struct BreakerWindow: Sendable {
    private struct Bucket {
        /// Counts buckets since the clock's origin.
        var number: UInt64 = 0
        var outcomes: UInt32 = 0
        var failures: UInt32 = 0
        var slow: UInt32 = 0
    }

    static let bucketCount: UInt64 = 10
    static let bucketNanoseconds: UInt64 = 3_000_000_000
    /// With fewer outcomes a ratio says nothing.
    static let outcomesMin = 10
    /// Of a hundred outcomes so many failures, or more, open.
    static let failurePercent = 50
    /// Of a hundred outcomes so many slow ones, or more, open.
    static let slowPercent = 80

    enum Kind {
        case good, failed, slow
    }

    private var buckets = InlineArray<10, Bucket>(repeating: Bucket())

    mutating func count(_ kind: Kind, at nanoseconds: UInt64) {
        let number = nanoseconds / Self.bucketNanoseconds
        let index = Int(number % Self.bucketCount)
        if self.buckets[index].number != number { self.buckets[index] = Bucket(number: number) }
        self.buckets[index].outcomes += 1
        switch kind {
        case .good: break
        case .failed: self.buckets[index].failures += 1
        case .slow: self.buckets[index].slow += 1
        }
    }

    /// The ratio that is reached now, if one is; failures before slowness.
    func ratio(at nanoseconds: UInt64) -> Breaker.Cause? {
        let (outcomes, failures, slow) = self.totals(at: nanoseconds)
        guard outcomes >= Self.outcomesMin else { return nil }
        if failures * 100 >= outcomes * Self.failurePercent { return .failureRatio(failures, of: outcomes) }
        if slow * 100 >= outcomes * Self.slowPercent { return .slowRatio(slow, of: outcomes) }
        return nil
    }

    private func totals(at nanoseconds: UInt64) -> (outcomes: Int, failures: Int, slow: Int) {
        let current = nanoseconds / Self.bucketNanoseconds
        var totals = (outcomes: 0, failures: 0, slow: 0)
        for index in self.buckets.indices where self.buckets[index].number + Self.bucketCount > current {
            totals.outcomes += Int(self.buckets[index].outcomes)
            totals.failures += Int(self.buckets[index].failures)
            totals.slow += Int(self.buckets[index].slow)
        }
        return totals
    }
}
