/// The text of JSON strings: from their bytes, and to them.
enum JSONText {
    /// The text between the quotes of a checked string, escapes resolved, as UTF-8. A lone surrogate becomes U+FFFD,
    /// as in Go's `encoding/json`.
    static func unescaped(_ raw: some Collection<UInt8>) -> [UInt8] {
        raw.withContiguousStorageIfAvailable(Self.unescaped) ?? Array(raw).withUnsafeBufferPointer(Self.unescaped)
    }

    /// Does what stands between the quotes hold an escape?
    static func holdsEscape(_ raw: ArraySlice<UInt8>) -> Bool {
        raw.withUnsafeBufferPointer { Self.firstBackslash(in: $0) < $0.count }
    }

    private static func unescaped(_ raw: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: raw.count + 8) { out, count in
            count = Self.unescape(raw, into: UnsafeMutableRawBufferPointer(out))
        }
    }

    /// The same as a text, without bytes in between.
    static func unescapedString(_ raw: ArraySlice<UInt8>) -> String {
        raw.withUnsafeBufferPointer { raw in
            String(unsafeUninitializedCapacity: raw.count + 8) {
                Self.unescape(raw, into: UnsafeMutableRawBufferPointer($0))
            }
        }
    }

    /// Writes the text of `raw` into `out`, which has eight bytes more than `raw`, and returns its length. No escape is
    /// shorter than what it stands for, so that there is always room; a text that was not checked ends where there is
    /// none. Eight bytes are copied at once, and of those only what is before a backslash counts.
    private static func unescape(_ raw: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableRawBufferPointer) -> Int {
        let cursor = JSONCursor(raw)
        var index = 0
        var written = 0
        while index < cursor.end, written + 8 <= out.count {
            if index + 8 <= cursor.end {
                let word = cursor.word(index)
                out.storeBytes(of: word.littleEndian, toByteOffset: written, as: UInt64.self)
                let marks = Self.marks(of: 0x5C, in: word)
                let plain = marks == 0 ? 8 : marks.trailingZeroBitCount >> 3
                index += plain
                written += plain
                if marks == 0 { continue }
            } else if cursor.byte(index) != UInt8(ascii: "\\") {
                out[written] = cursor.byte(index)
                index += 1
                written += 1
                continue
            }
            // A backslash at the very end is none of a checked string and stands for itself.
            guard index + 1 < cursor.end else {
                out[written] = cursor.byte(index)
                return written + 1
            }
            let escape = cursor.byte(index + 1)
            index += 2
            guard escape == UInt8(ascii: "u") else {
                out[written] = Self.meaning(of: escape)
                written += 1
                continue
            }
            for byte in Self.scalar(raw, &index).utf8 where written < out.count {
                out[written] = byte
                written += 1
            }
        }
        return written
    }

    /// What a backslash and one more character stand for.
    private static func meaning(of escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: escape
        }
    }

    /// The top bit of each byte of `word` that is `byte`; a byte above one that is may have it too (`JSONCursor`).
    @inline(__always)
    private static func marks(of byte: UInt8, in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let others = word ^ (ones &* UInt64(byte))
        return (others &- ones) & ~others & 0x8080_8080_8080_8080
    }

    /// The index of the first backslash, else the end.
    private static func firstBackslash(in raw: UnsafeBufferPointer<UInt8>) -> Int {
        let cursor = JSONCursor(raw)
        var index = 0
        while index + 8 <= cursor.end {
            let marks = Self.marks(of: 0x5C, in: cursor.word(index))
            if marks != 0 { return index + marks.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < cursor.end, cursor.byte(index) != UInt8(ascii: "\\") { index += 1 }
        return index
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
        let isDone: Void? = text.withContiguousStorageIfAvailable { Self.appendEscaped($0, to: &out) }
        if isDone == nil { Array(text).withUnsafeBufferPointer { Self.appendEscaped($0, to: &out) } }
        out.append(UInt8(ascii: "\""))
    }

    /// Escapes a piece at a time on the stack: eight bytes are copied at once, and of those only what is before a byte
    /// that must be escaped counts.
    private static func appendEscaped(_ text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        let cursor = JSONCursor(text)
        var index = 0
        withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 8) { piece in
            while index < cursor.end {
                var written = 0
                while index < cursor.end, written + 8 <= piece.count {
                    if index + 8 <= cursor.end {
                        let word = cursor.word(index)
                        piece.storeBytes(of: word.littleEndian, toByteOffset: written, as: UInt64.self)
                        let marks = Self.escapedMarks(in: word)
                        let plain = marks == 0 ? 8 : marks.trailingZeroBitCount >> 3
                        index += plain
                        written += plain
                        if marks == 0 || written + 8 > piece.count { continue }
                    } else if !Self.isEscaped(cursor.byte(index)) {
                        piece[written] = cursor.byte(index)
                        index += 1
                        written += 1
                        continue
                    }
                    written += Self.writeEscape(of: cursor.byte(index), to: piece, at: written)
                    index += 1
                }
                out.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[..<written]))
            }
        }
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// The top bit of each byte of `word` that must be escaped; a byte above one that must may have it too.
    @inline(__always)
    private static func escapedMarks(in word: UInt64) -> UInt64 {
        let controls = (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080
        return controls | Self.marks(of: 0x22, in: word) | Self.marks(of: 0x5C, in: word)
            | Self.marks(of: 0x7F, in: word)
    }

    /// Writes an escape, of at most six bytes, and returns its length.
    private static func writeEscape(of byte: UInt8, to piece: UnsafeMutableRawBufferPointer, at start: Int) -> Int {
        piece[start] = UInt8(ascii: "\\")
        switch byte {
        case 0x0A: piece[start + 1] = UInt8(ascii: "n")
        case 0x0D: piece[start + 1] = UInt8(ascii: "r")
        case 0x09: piece[start + 1] = UInt8(ascii: "t")
        case 0..<0x20, 0x7F:
            piece[start + 1] = UInt8(ascii: "u")
            piece[start + 2] = 0x30
            piece[start + 3] = 0x30
            piece[start + 4] = Self.hexDigit(byte >> 4)
            piece[start + 5] = Self.hexDigit(byte & 15)
            return 6
        default: piece[start + 1] = byte
        }
        return 2
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 + value - 10
    }
}
