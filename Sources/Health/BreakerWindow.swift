/// What became of the requests of the last 30 s, in ten buckets (`health.md` E2). Small and without allocation: one
/// stands at every backend and every model of it, and each request counts in two.
struct BreakerWindow: Sendable {
    /// Counts of 3 s. They stop at 65,535, where a share is as plain as with more.
    private struct Bucket {
        var outcomes: UInt16 = 0
        var failures: UInt16 = 0
        var slow: UInt16 = 0
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
    /// The number of the newest bucket; buckets are counted since the clock's origin.
    private var newest: UInt64 = 0

    mutating func count(_ kind: Kind, at nanoseconds: UInt64) {
        self.advance(to: nanoseconds / Self.bucketNanoseconds)
        let index = Int(self.newest % Self.bucketCount)
        guard self.buckets[index].outcomes < .max else { return }
        self.buckets[index].outcomes += 1
        switch kind {
        case .good: break
        case .failed: self.buckets[index].failures += 1
        case .slow: self.buckets[index].slow += 1
        }
    }

    /// Forgets the buckets that have become too old.
    private mutating func advance(to number: UInt64) {
        guard number > self.newest else { return }
        let steps = min(number - self.newest, Self.bucketCount)
        for step in 0..<steps { self.buckets[Int((number - step) % Self.bucketCount)] = Bucket() }
        self.newest = number
    }

    /// The ratio that is reached now, if one is; failures before slowness. Asked behind `count`, which has forgotten what
    /// is too old.
    var ratio: Breaker.Cause? {
        var (outcomes, failures, slow) = (0, 0, 0)
        for index in self.buckets.indices {
            outcomes += Int(self.buckets[index].outcomes)
            failures += Int(self.buckets[index].failures)
            slow += Int(self.buckets[index].slow)
        }
        guard outcomes >= Self.outcomesMin else { return nil }
        if failures * 100 >= outcomes * Self.failurePercent { return .failureRatio(failures, of: outcomes) }
        if slow * 100 >= outcomes * Self.slowPercent { return .slowRatio(slow, of: outcomes) }
        return nil
    }
}
