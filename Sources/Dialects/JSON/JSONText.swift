/// The text of JSON strings: from their bytes, and to them.
enum JSONText {
    /// The text between the quotes of a checked string, escapes resolved, as UTF-8. A lone surrogate becomes U+FFFD,
    /// as in Go's `encoding/json`.
    static func unescaped(_ raw: some Collection<UInt8>) -> [UInt8] {
        raw.withContiguousStorageIfAvailable(Self.unescaped(bytes:))
            ?? Array(raw).withUnsafeBufferPointer(Self.unescaped(bytes:))
    }

    /// What lies between two escapes is copied in one go.
    private static func unescaped(bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let end = Self.nextBackslash(bytes, from: index)
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[index..<end]))
            index = end + 1
            guard index < bytes.count else {
                // A backslash that nothing follows stands for itself.
                if end < bytes.count { out.append(bytes[end]) }
                break
            }
            let escape = bytes[index]
            index += 1
            switch escape {
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"): out += Array(Self.scalar(bytes, &index).utf8)
            default: out.append(escape)
            }
        }
        return out
    }

    /// Does a checked string hold an escape? Else its bytes are its text.
    static func holdsEscape(_ raw: ArraySlice<UInt8>) -> Bool {
        raw.withUnsafeBufferPointer { Self.nextBackslash($0, from: 0) < $0.count }
    }

    /// Where the next backslash stands; the end if there is none. Eight bytes at once, as `JSONCursor` passes over what
    /// is plain: the lowest mark is always right.
    private static func nextBackslash(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let raw = UnsafeRawBufferPointer(bytes)
        var at = start
        while at + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let backslashes = word ^ (ones &* 0x5C)
            let marks = (backslashes &- ones) & ~backslashes & (ones &* 0x80)
            if marks != 0 { return at + (marks.trailingZeroBitCount >> 3) }
            at += 8
        }
        while at < raw.count, raw[at] != UInt8(ascii: "\\") { at += 1 }
        return at
    }

    /// The scalar of a `\u` escape whose `u` has been passed, its second half included if it is a pair.
    private static func scalar<Raw: Collection<UInt8>>(_ raw: Raw, _ index: inout Raw.Index) -> Character {
        let replacement = Character("\u{FFFD}")
        guard let first = Self.codeUnit(raw, &index) else { return replacement }
        if let scalar = Unicode.Scalar(UInt32(first)) { return Character(scalar) }
        guard first < 0xDC00 else { return replacement }
        var ahead = index
        guard Self.take(UInt8(ascii: "\\"), raw, &ahead), Self.take(UInt8(ascii: "u"), raw, &ahead),
            let second = Self.codeUnit(raw, &ahead), (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
        else { return replacement }
        index = ahead
        return Character(scalar)
    }

    private static func codeUnit<Raw: Collection<UInt8>>(_ raw: Raw, _ index: inout Raw.Index) -> UInt16? {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard index != raw.endIndex, let digit = hexValue(raw[index]) else { return nil }
            unit = unit << 4 | UInt16(digit)
            raw.formIndex(after: &index)
        }
        return unit
    }

    private static func take<Raw: Collection<UInt8>>(_ byte: UInt8, _ raw: Raw, _ index: inout Raw.Index) -> Bool {
        guard index != raw.endIndex, raw[index] == byte else { return false }
        raw.formIndex(after: &index)
        return true
    }

    /// Appends UTF-8 `text` as a JSON string with its quotes. Only what must be escaped is (RFC 8259 section 7), and
    /// DEL, which terminals would obey.
    static func append(_ text: some Sequence<UInt8>, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        let isDone = text.withContiguousStorageIfAvailable { bytes in
            // What lies between two escapes is copied in one go.
            var start = 0
            while start < bytes.count {
                let end = Self.nextEscaped(bytes, from: start)
                out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<end]))
                if end < bytes.count { Self.append(bytes[end], to: &out) }
                start = end + 1
            }
            return true
        }
        if isDone != true {
            for byte in text { Self.append(byte, to: &out) }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// Where the next byte stands that is written as an escape; the end if there is none. Eight bytes at once, as
    /// `JSONCursor` passes over what is plain.
    private static func nextEscaped(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let raw = UnsafeRawBufferPointer(bytes)
        var at = start
        while at + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            let deletes = word ^ (ones &* 0x7F)
            let marks =
                (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
                    | ((deletes &- ones) & ~deletes) | ((word &- (ones &* 0x20)) & ~word)) & highs
            if marks != 0 { return at + (marks.trailingZeroBitCount >> 3) }
            at += 8
        }
        while at < raw.count, !Self.isEscaped(raw[at]) { at += 1 }
        return at
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Appends one byte of a string, as an escape if it must be one.
    private static func append(_ byte: UInt8, to out: inout [UInt8]) {
        guard Self.isEscaped(byte) else { return out.append(byte) }
        out.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x0A: out.append(UInt8(ascii: "n"))
        case 0x0D: out.append(UInt8(ascii: "r"))
        case 0x09: out.append(UInt8(ascii: "t"))
        case 0..<0x20, 0x7F:
            out.append(UInt8(ascii: "u"))
            out.append(0x30)
            out.append(0x30)
            out.append(Self.hexDigit(byte >> 4))
            out.append(Self.hexDigit(byte & 15))
        default: out.append(byte)
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 + value - 10
    }
}
