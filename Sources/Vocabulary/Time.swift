/// A point on the monotonic clock: for timeouts, intervals and ages. Never shown to a person.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary origin that stays the same while the process lives.
    public let nanoseconds: UInt64

    /// The instant `nanoseconds` after the clock's origin.
    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// The clock's origin.
    public static let zero = Instant(nanoseconds: 0)

    /// Earlier instants order first.
    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The instant `duration` later; a result before the origin is the origin.
    @inlinable
    public static func + (instant: Instant, duration: Duration) -> Instant {
        let sum = Int64(clamping: instant.nanoseconds).addingReportingOverflow(duration.nanoseconds)
        return Instant(nanoseconds: sum.overflow ? UInt64(Int64.max) : UInt64(max(0, sum.partialValue)))
    }

    /// The instant `duration` earlier; a result before the origin is the origin.
    @inlinable
    public static func - (instant: Instant, duration: Duration) -> Instant {
        instant + .zero - duration.nanoseconds
    }

    /// The time from `earlier` to `later`; negative if they are the other way round.
    @inlinable
    public static func - (later: Instant, earlier: Instant) -> Duration {
        .nanoseconds(Int64(clamping: later.nanoseconds) - Int64(clamping: earlier.nanoseconds))
    }

    @inlinable
    static func - (instant: Instant, nanoseconds: Int64) -> Instant {
        Instant(nanoseconds: UInt64(max(0, Int64(clamping: instant.nanoseconds) - nanoseconds)))
    }
}

extension Duration {
    /// The whole duration in nanoseconds, clamped to what 64 bits hold (292 years).
    @inlinable
    public var nanoseconds: Int64 {
        Int64(clamping: self.attoseconds / 1_000_000_000)
    }

    /// The whole duration in milliseconds, rounded towards zero.
    @inlinable
    public var milliseconds: Int64 {
        self.nanoseconds / 1_000_000
    }

    /// The duration in seconds, for metrics and for people.
    @inlinable
    public var inSeconds: Double {
        Double(self.nanoseconds) / 1e9
    }

    /// Whole seconds, rounded up: what `Retry-After` carries (RFC 9110 section 10.2.3).
    @inlinable
    public var wholeSecondsUp: Int {
        Int((self.nanoseconds + 999_999_999) / 1_000_000_000)
    }
}

/// A point on the wall clock: for logs, usage, budgets and audit. It may jump; nothing is timed with it.
public struct WallTime: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let microseconds: Int64

    /// The moment `microseconds` after the Unix epoch.
    @inlinable
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Earlier moments order first.
    @inlinable
    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.microseconds < right.microseconds
    }

    /// The moment `duration` later.
    @inlinable
    public static func + (moment: WallTime, duration: Duration) -> WallTime {
        WallTime(microseconds: moment.microseconds + duration.nanoseconds / 1000)
    }

    /// Seconds since the epoch, rounded down.
    @inlinable
    public var seconds: Int64 {
        self.microseconds >= 0 ? self.microseconds / 1_000_000 : (self.microseconds - 999_999) / 1_000_000
    }

    /// The calendar date and time of day in UTC.
    public var utc: CivilTime {
        CivilTime(secondsSinceEpoch: self.seconds)
    }

    /// RFC 3339 with milliseconds: `2026-11-24T06:55:17.042Z`.
    public var rfc3339: String {
        String(decoding: self.rfc3339Bytes, as: UTF8.self)
    }

    /// The same as ASCII, without a text in between: every log line has one.
    public var rfc3339Bytes: [UInt8] {
        let civil = self.utc
        let milliseconds = Int((self.microseconds - self.seconds * 1_000_000) / 1000)
        var out: [UInt8] = []
        out.reserveCapacity(24)
        let parts: [(Int, Int, Unicode.Scalar)] = [
            (civil.year, 4, "-"), (civil.month, 2, "-"), (civil.dayOfMonth, 2, "T"), (civil.hour, 2, ":"),
            (civil.minute, 2, ":"), (civil.second, 2, "."), (milliseconds, 3, "Z"),
        ]
        for (number, width, separator) in parts {
            var divisor = width == 4 ? 1000 : width == 3 ? 100 : 10
            while divisor > 0 {
                out.append(0x30 + UInt8(truncatingIfNeeded: number / divisor % 10))
                divisor /= 10
            }
            out.append(UInt8(ascii: separator))
        }
        return out
    }
}

/// A date and time of day in UTC, in the proleptic Gregorian calendar.
public struct CivilTime: Hashable, Sendable {
    /// The year, 1970 to 9999 in practice.
    public let year: Int
    /// 1 to 12.
    public let month: Int
    /// 1 to 31.
    public let dayOfMonth: Int
    /// 0 (Sunday) to 6 (Saturday).
    public let weekday: Int
    /// 0 to 23.
    public let hour: Int
    /// 0 to 59.
    public let minute: Int
    /// 0 to 59.
    public let second: Int

    /// Splits Unix time by the era method: 400 years are exactly 146,097 days, and a year that starts in March has
    /// its leap day last.
    public init(secondsSinceEpoch: Int64) {
        let days = (secondsSinceEpoch >= 0 ? secondsSinceEpoch : secondsSinceEpoch - 86_399) / 86_400
        let secondOfDay = Int(secondsSinceEpoch - days * 86_400)
        let shifted = days + 719_468  // Days since 0000-03-01.
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = Int(shifted - era * 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        self.dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        self.month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        self.year = yearOfEra + Int(era) * 400 + (self.month <= 2 ? 1 : 0)
        self.weekday = Int(((days + 4) % 7 + 7) % 7)  // 1970-01-01 was a Thursday.
        self.hour = secondOfDay / 3600
        self.minute = secondOfDay / 60 % 60
        self.second = secondOfDay % 60
    }

    /// The date alone: `2026-11-24`.
    public var day: String {
        "\(padded(self.year, 4))-\(padded(self.month, 2))-\(padded(self.dayOfMonth, 2))"
    }
}

/// A non-negative number in decimal with leading zeros.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
