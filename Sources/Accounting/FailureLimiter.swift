import Vocabulary

/// Counts wrong keys by source address: after ten in a minute the answer is 429 instead of 401, and the log is spared.
///
/// It is asked only after a key was found wrong. A right key is never held up, so that one misconfigured client does not
/// shut out its neighbours behind the same address; and guessing 256 random bits needs no brake.
public struct FailureLimiter: Sendable {
    /// What to answer to a wrong key.
    public enum Verdict: Hashable, Sendable {
        /// 401, and a log line.
        case refuse
        /// 429 with this wait, without a log line but for the first.
        case throttle(retryAfter: Duration, isFirst: Bool)
    }

    /// Wrong keys that are answered with 401 in one window.
    public static let failuresMax = 10
    /// The window begins with the first wrong key.
    public static let window = Duration.seconds(60)
    /// Addresses remembered; the one whose window is oldest makes place for a new one.
    public static let sourcesMax = 4096

    private struct Window {
        var begunAt: Instant
        var failures: Int
    }

    private var windows: [IPAddress: Window] = [:]
    private var order: [(source: IPAddress, begunAt: Instant)] = []  // Oldest window first.
    private var head = 0  // Entries of `order` before it are gone.

    /// Nobody has failed yet.
    public init() {}

    /// Addresses remembered now.
    public var count: Int { self.windows.count }

    /// A wrong key came from `address` (`nil` for a Unix socket, which has only local callers: never throttled).
    public mutating func failed(from address: IPAddress?, at now: Instant) -> Verdict {
        guard let address else { return .refuse }
        self.forget(endedBefore: now)
        let source = Self.source(of: address)
        guard var window = self.windows[source] else {
            if self.windows.count >= Self.sourcesMax { self.forgetOldest() }
            self.windows[source] = Window(begunAt: now, failures: 1)
            self.order.append((source, now))
            return .refuse
        }
        window.failures += 1
        self.windows[source] = window
        if window.failures <= Self.failuresMax { return .refuse }
        let wait = window.begunAt + Self.window - now
        return .throttle(retryAfter: wait, isFirst: window.failures == Self.failuresMax + 1)
    }

    /// An IPv6 host owns at least a /64 (RFC 4291 section 2.5.4), and would else have 2^64 sources.
    private static func source(of address: IPAddress) -> IPAddress {
        address.isV4 ? address : IPAddress(octets: Array(address.octets.prefix(8)) + [UInt8](repeating: 0, count: 8))
    }

    private mutating func forget(endedBefore now: Instant) {
        while self.head < self.order.count, self.order[self.head].begunAt + Self.window <= now { self.forgetOldest() }
    }

    private mutating func forgetOldest() {
        self.windows[self.order[self.head].source] = nil
        self.head += 1
        if self.head >= Self.sourcesMax {  // Moved rarely, so that forgetting one costs the same on average.
            self.order.removeFirst(self.head)
            self.head = 0
        }
    }
}
