import Vocabulary

/// What the loop has done since its start, for metrics. An event that arrives right after the loop has woken waits for
/// the whole turn: the lengths of turns are the loop's lag.
public struct LoopFigures: Sendable, Equatable {
    /// Upper bounds of the buckets in `turnsByLength`; the last bucket has none.
    public static let lengthBounds: [Duration] = [
        .microseconds(100), .milliseconds(1), .milliseconds(5), .milliseconds(10), .milliseconds(25),
        .milliseconds(50), .milliseconds(100), .milliseconds(250), .seconds(1),
    ]
    private static let boundsInNanoseconds = lengthBounds.map { UInt64($0.nanoseconds) }

    /// Turns in which something happened.
    public internal(set) var turns: UInt64 = 0
    /// Callbacks from libuv.
    public internal(set) var callbacks: UInt64 = 0
    /// Jobs of tasks.
    public internal(set) var jobs: UInt64 = 0
    /// Callbacks and jobs that held the loop for more than 50 ms.
    public internal(set) var slow: UInt64 = 0
    /// Time not spent waiting for events.
    public var busy: Duration { .nanoseconds(Int64(clamping: self.busyNanoseconds)) }
    /// The longest turn since it was last taken; see `UVLoop.takeLongestTurn()`.
    public internal(set) var longestTurn = Duration.zero
    /// Turns by their length, one count for each bound and one for longer ones; not cumulative.
    public internal(set) var turnsByLength = [UInt64](repeating: 0, count: lengthBounds.count + 1)

    private var busyNanoseconds: UInt64 = 0

    init() {}

    mutating func turnEnded(after nanoseconds: UInt64, callbacks: UInt64) {
        self.turns &+= 1
        self.callbacks = callbacks
        self.busyNanoseconds &+= nanoseconds
        var bucket = 0
        while bucket < Self.boundsInNanoseconds.count, nanoseconds > Self.boundsInNanoseconds[bucket] { bucket += 1 }
        self.turnsByLength[bucket] &+= 1
        let length = Duration.nanoseconds(Int64(clamping: nanoseconds))
        if length > self.longestTurn { self.longestTurn = length }
    }
}
