import Vocabulary

/// How many retries all requests together may make: a share of the requests of the last ten seconds, and a few in any
/// case. When everything fails at once, retries would otherwise double the load that made it fail.
public struct RetryBudget: Sendable {
    private struct Second: Sendable {
        var number: UInt64 = 0
        var requests = 0
        var retries = 0
    }

    /// The window, in whole seconds.
    private static let window: UInt64 = 10

    private let percent: Int
    private let floor: Int
    private var seconds = [Second](repeating: Second(), count: Int(Self.window))

    /// The budget of `Bounds`, or another for a test.
    public init(percent: Int = Bounds.retryPercent, floor: Int = Bounds.retryFloor) {
        self.percent = percent
        self.floor = floor
    }

    /// Counts a request.
    public mutating func requestBegan(at now: Instant) {
        self.withSecond(now) { $0.requests += 1 }
    }

    /// Whether a retry is within the budget.
    public func allowsRetry(at now: Instant) -> Bool {
        let current = Self.number(now)
        var requests = 0
        var retries = 0
        for second in self.seconds where second.number + Self.window > current {
            requests += second.requests
            retries += second.retries
        }
        return retries < self.floor + requests * self.percent / 100
    }

    /// Counts a retry if it is within the budget.
    public mutating func takeRetry(at now: Instant) -> Bool {
        guard self.allowsRetry(at: now) else { return false }
        self.withSecond(now) { $0.retries += 1 }
        return true
    }

    private static func number(_ now: Instant) -> UInt64 { now.nanoseconds / 1_000_000_000 }

    private mutating func withSecond(_ now: Instant, _ change: (inout Second) -> Void) {
        let number = Self.number(now)
        let index = Int(number % Self.window)
        if self.seconds[index].number != number { self.seconds[index] = Second(number: number) }
        change(&self.seconds[index])
    }
}
