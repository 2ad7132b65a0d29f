import Vocabulary

/// A moment as Go prints it: RFC 3339 with up to nine decimals, trailing zeros left out, in UTC.
struct Timestamp: Equatable {
    let wall: WallTime
    /// 0 to 999: what `WallTime` does not hold.
    let nanoseconds: Int

    /// `wall`, with the last three decimals of the monotonic clock: they look as real as Ollama's and cost nothing.
    init(_ wall: WallTime, _ instant: Instant = .zero) {
        self.wall = wall
        self.nanoseconds = Int(instant.nanoseconds % 1000)
    }

    func write(into out: inout [UInt8]) {
        let civil = self.wall.utc
        out.put(civil.year, width: 4)
        out.put("-")
        out.put(civil.month, width: 2)
        out.put("-")
        out.put(civil.dayOfMonth, width: 2)
        out.put("T")
        out.put(civil.hour, width: 2)
        out.put(":")
        out.put(civil.minute, width: 2)
        out.put(":")
        out.put(civil.second, width: 2)
        let fraction = Int(self.wall.microseconds - self.wall.seconds * 1_000_000) * 1000 + self.nanoseconds
        if fraction > 0 {
            out.put(".")
            out.put(fraction, width: 9)
            while out.last == UInt8(ascii: "0") { out.removeLast() }
        }
        out.put("Z")
    }

    /// Where Go's clock ends up when it adds its longest duration: what `expires_at` shows of a pinned model.
    static func forever(after wall: WallTime) -> Timestamp { Timestamp(wall + GoDuration.forever) }
}
