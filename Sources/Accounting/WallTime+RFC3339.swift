import Vocabulary

extension WallTime {
    /// Reads `2026-11-24T06:55:17Z`, with up to six digits of fraction, with `Z` or an offset (RFC 3339 section 5.6), or
    /// a date alone, which means its beginning in UTC. `nil` for all else, impossible dates and leap seconds included.
    public init?(rfc3339 text: String) {
        var rest = Substring(text).utf8[...]
        guard text.utf8.count <= 32,
            let year = Self.digits(4, &rest), Self.skip("-", &rest), let month = Self.digits(2, &rest),
            Self.skip("-", &rest), let day = Self.digits(2, &rest),
            let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        else { return nil }
        if rest.isEmpty {
            self.init(microseconds: Int64(days) * 86_400_000_000)
            return
        }
        guard Self.skip("T", &rest) || Self.skip("t", &rest), let hour = Self.digits(2, &rest), Self.skip(":", &rest),
            let minute = Self.digits(2, &rest), Self.skip(":", &rest), let second = Self.digits(2, &rest),
            hour < 24, minute < 60, second < 60, let fraction = Self.fraction(&rest), let offset = Self.offset(&rest),
            rest.isEmpty
        else { return nil }
        let seconds = Int64(days) * 86_400 + Int64(hour * 3600 + minute * 60 + second) - Int64(offset) * 60
        self.init(microseconds: seconds * 1_000_000 + Int64(fraction))
    }

    private typealias Rest = Substring.UTF8View.SubSequence

    private static func digits(_ count: Int, _ rest: inout Rest) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func skip(_ character: Unicode.Scalar, _ rest: inout Rest) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Microseconds; 0 without a fraction.
    private static func fraction(_ rest: inout Rest) -> Int? {
        guard Self.skip(".", &rest) else { return 0 }
        let count = rest.prefix { (0x30...0x39).contains($0) }.count
        guard (1...6).contains(count), let value = Self.digits(count, &rest) else { return nil }
        return (count..<6).reduce(value) { value, _ in value * 10 }
    }

    /// Minutes east of UTC.
    private static func offset(_ rest: inout Rest) -> Int? {
        if Self.skip("Z", &rest) || Self.skip("z", &rest) { return 0 }
        let isEast = Self.skip("+", &rest)
        guard isEast || Self.skip("-", &rest), let hours = Self.digits(2, &rest), Self.skip(":", &rest),
            let minutes = Self.digits(2, &rest), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isEast ? 1 : -1)
    }

    /// The inverse of `CivilTime`, by the same era method: a year that starts in March has its leap day last.
    private static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int? {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        let back = CivilTime(secondsSinceEpoch: Int64(days) * 86_400)  // February 30 would come back as another date.
        return back.month == month && back.dayOfMonth == day ? days : nil
    }
}
