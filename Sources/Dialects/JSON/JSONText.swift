/// The text of JSON strings: from their bytes, and to them.
enum JSONText {
    /// The text between the quotes of a checked string, escapes resolved, as UTF-8. A lone surrogate becomes U+FFFD,
    /// as in Go's `encoding/json`.
    static func unescaped(_ raw: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index != raw.endIndex {
            let byte = raw[index]
            raw.formIndex(after: &index)
            guard byte == UInt8(ascii: "\\"), index != raw.endIndex else {
                out.append(byte)
                continue
            }
            let escape = raw[index]
            raw.formIndex(after: &index)
            switch escape {
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "u"): out += Array(Self.scalar(raw, &index).utf8)
            default: out.append(escape)
            }
        }
        return out
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
        // Names, ids and most words hold nothing to escape: they are copied in one go.
        let isCopied = text.withContiguousStorageIfAvailable { bytes in
            guard !bytes.contains(where: Self.isEscaped) else { return false }
            out.append(contentsOf: bytes)
            return true
        }
        if isCopied != true { Self.appendEscaped(text, to: &out) }
        out.append(UInt8(ascii: "\""))
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscaped(_ text: some Sequence<UInt8>, to out: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out.append(UInt8(ascii: "\\"))
                out.append(byte)
            case 0x0A: out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0D: out += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: out += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20, 0x7F:
                out += [UInt8(ascii: "\\"), UInt8(ascii: "u"), 0x30, 0x30]
                out.append(Self.hexDigit(byte >> 4))
                out.append(Self.hexDigit(byte & 15))
            default: out.append(byte)
            }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x61 + value - 10
    }
}
