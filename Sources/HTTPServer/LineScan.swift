import Vocabulary

/// Finds the ends of CRLF lines in bytes that arrive in pieces. Control characters are refused where they stand, so
/// that a TLS greeting or a bare LF is answered at once and not when a timeout ends it.
struct LineScan: Sendable {
    /// Where the current line begins.
    private(set) var lineStart = 0
    /// Where scanning goes on; everything before it in this line is free of control characters but tabs.
    private var position = 0

    /// The next whole line without its CRLF, or `nil` if its end is not there yet. Call again with the same bytes and
    /// those that followed.
    @inline(__always)
    mutating func next(in bytes: borrowing Span<UInt8>) throws(HTTPFailure) -> Extent? {
        while let found = Self.firstControl(in: bytes, from: self.position) {
            self.position = found
            switch bytes[found] {
            case ASCII.tab:
                self.position += 1
            case ASCII.carriageReturn:
                guard found + 1 < bytes.count else { return nil }
                guard bytes[found + 1] == ASCII.lineFeed else {
                    throw HTTPFailure(.badRequest, "a carriage return stands alone")
                }
                let line = Extent(self.lineStart, found)
                self.lineStart = found + 2
                self.position = self.lineStart
                return line
            case ASCII.lineFeed:
                // RFC 9112 section 2.2 lets a recipient take a bare LF for a line end; a proxy before or behind us
                // that does not would see other lines than we.
                throw HTTPFailure(.badRequest, "a line ends in a bare line feed, not in CRLF")
            default:
                throw HTTPFailure(.badRequest, "a control character stands in the head")
            }
        }
        self.position = bytes.count
        return nil
    }

    /// The first byte below 0x20 or equal to 0x7F, eight bytes at a time. In each mask bits above the lowest one may
    /// be wrong (a borrow runs upwards), the lowest is exact; so is the lowest of both together.
    @inline(__always)
    private static func firstControl(in bytes: borrowing Span<UInt8>, from start: Int) -> Int? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highBits: UInt64 = 0x8080_8080_8080_8080
        var index = start
        let raw = bytes.bytes
        while index + 8 <= raw.byteCount {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let below = (word &- ones &* 0x20) & ~word & highBits
            let delete = word ^ (ones &* 0x7F)
            let mask = below | ((delete &- ones) & ~delete & highBits)
            if mask != 0 { return index + mask.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count {
            if bytes[index] < ASCII.space || bytes[index] == ASCII.delete { return index }
            index += 1
        }
        return nil
    }
}
