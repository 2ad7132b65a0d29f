import Vocabulary

/// The date of a message as RFC 9110 section 5.6.7 has it: `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    /// 29 bytes.
    static func bytes(_ time: WallTime) -> [UInt8] {
        let weekdays: StaticString = "SunMonTueWedThuFriSat"
        let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
        let civil = time.utc
        var out: [UInt8] = []
        out.reserveCapacity(29)
        Self.append(weekdays, civil.weekday * 3, to: &out)
        out += ", ".utf8
        Self.append(civil.dayOfMonth, digits: 2, to: &out)
        out.append(ASCII.space)
        Self.append(months, (civil.month - 1) * 3, to: &out)
        out.append(ASCII.space)
        Self.append(civil.year, digits: 4, to: &out)
        out.append(ASCII.space)
        Self.append(civil.hour, digits: 2, to: &out)
        out.append(UInt8(ascii: ":"))
        Self.append(civil.minute, digits: 2, to: &out)
        out.append(UInt8(ascii: ":"))
        Self.append(civil.second, digits: 2, to: &out)
        out += " GMT".utf8
        return out
    }

    private static func append(_ names: StaticString, _ offset: Int, to out: inout [UInt8]) {
        for index in offset..<(offset + 3) { out.append(names.utf8Start[index]) }
    }

    private static func append(_ number: Int, digits: Int, to out: inout [UInt8]) {
        var divisor = digits == 4 ? 1000 : 10
        while divisor > 0 {
            out.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
