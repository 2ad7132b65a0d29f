import Vocabulary

/// The time in which a policy means its days and hours: a fixed distance from UTC, without summer time.
public struct PolicyClock: Hashable, Sendable {
    /// A day of the week, as the file has it.
    public enum Weekday: String, Hashable, Sendable, CaseIterable {
        case mon, tue, wed, thu, fri, sat, sun

        /// The day before.
        var before: Weekday {
            switch self {
            case .mon: .sun
            case .tue: .mon
            case .wed: .tue
            case .thu: .wed
            case .fri: .thu
            case .sat: .fri
            case .sun: .sat
            }
        }
    }

    /// A moment of the week.
    public struct Moment: Hashable, Sendable {
        /// The day.
        public let weekday: Weekday
        /// Minutes since its midnight, 0 to 1439.
        public let minute: Int
    }

    /// Minutes east of UTC, -720 to 840.
    public let offsetMinutes: Int

    /// UTC itself.
    public static let utc = PolicyClock(offsetMinutes: 0)

    private init(offsetMinutes: Int) {
        self.offsetMinutes = offsetMinutes
    }

    /// Reads `+08:00`; `nil` for what is no offset that some place on earth has.
    public init?(_ text: String) {
        guard let sign = text.utf8.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let minutes = Self.minutes(String(text.dropFirst()))
        else { return nil }
        let offset = sign == UInt8(ascii: "-") ? -minutes : minutes
        guard (-720...840).contains(offset) else { return nil }
        self.offsetMinutes = offset
    }

    /// Reads a time of day, `00:00` to `24:00`, as minutes since midnight.
    public static func minutes(_ text: String) -> Int? {
        let digits = Array(text.utf8)
        guard digits.count == 5, digits[2] == UInt8(ascii: ":") else { return nil }
        var numbers: [Int] = []
        for place in [0, 3] {
            guard digits[place...place + 1].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            numbers.append(Int(digits[place] - 0x30) * 10 + Int(digits[place + 1] - 0x30))
        }
        guard numbers[1] < 60, numbers[0] * 60 + numbers[1] <= 1440 else { return nil }
        return numbers[0] * 60 + numbers[1]
    }

    private func local(_ wall: WallTime) -> Int64 { wall.seconds + Int64(self.offsetMinutes) * 60 }

    /// The policy's day, counted from 1970-01-01.
    public func day(of wall: WallTime) -> Int64 {
        let local = self.local(wall)
        return (local >= 0 ? local : local - 86_399) / 86_400
    }

    /// The day of the week and the minute.
    public func moment(of wall: WallTime) -> Moment {
        let civil = CivilTime(secondsSinceEpoch: self.local(wall))
        let weekday: Weekday =
            switch civil.weekday {
            case 1: .mon
            case 2: .tue
            case 3: .wed
            case 4: .thu
            case 5: .fri
            case 6: .sat
            default: .sun  // `CivilTime` counts Sunday as 0.
            }
        return Moment(weekday: weekday, minute: civil.hour * 60 + civil.minute)
    }
}

/// Hours of some days. One that ends before it begins goes over midnight, and belongs to the day on which it begins.
public struct DailyWindow: Hashable, Sendable {
    /// The first minute, since midnight.
    public let from: Int
    /// The first minute that is no more within, up to 1440.
    public let to: Int
    /// The days.
    public let days: Set<PolicyClock.Weekday>

    /// From `from` to before `to` on `days`.
    public init(from: Int = 0, to: Int = 1440, days: Set<PolicyClock.Weekday> = Set(PolicyClock.Weekday.allCases)) {
        self.from = from
        self.to = to
        self.days = days
    }

    /// True if no moment is within.
    public var isEmpty: Bool {
        self.days.isEmpty || self.from == self.to || !(0..<1440).contains(self.from) || !(0...1440).contains(self.to)
    }

    /// Whether `moment` is within.
    public func contains(_ moment: PolicyClock.Moment) -> Bool {
        if self.from < self.to {
            return self.days.contains(moment.weekday) && (self.from..<self.to).contains(moment.minute)
        }
        return self.days.contains(moment.weekday) && moment.minute >= self.from
            || self.days.contains(moment.weekday.before) && moment.minute < self.to
    }
}
