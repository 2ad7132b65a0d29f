/// A JSON value with one spelling only (RFC 8785, JSON Canonicalization Scheme), so that a hash over its bytes is one
/// over its meaning. Numbers are whole: no record of ours needs others, and floats are where writers differ.
public indirect enum CanonicalJSON: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A text.
    case string(String)
    /// Values in order.
    case array([CanonicalJSON])
    /// Members; their order in the text is that of their names.
    case object([String: CanonicalJSON])

    /// Every JSON reader takes numbers up to 2^53 - 1 as they are (RFC 7493 section 2.2).
    static let exactMax: Int64 = 1 << 53 - 1

    /// The one spelling, in UTF-8.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        self.append(to: &bytes)
        return bytes
    }

    private func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        // Greater ones are told as text, as RFC 8785 appendix D has it.
        case .integer(let number) where number.magnitude > UInt64(Self.exactMax):
            Self.append(String(number), to: &bytes)
        case .integer(let number): bytes.append(contentsOf: String(number).utf8)
        case .string(let text): Self.append(text, to: &bytes)
        case .array(let values):
            bytes.append(UInt8(ascii: "["))
            for (place, value) in values.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            // Section 3.2.3: names are ordered by their UTF-16 code units.
            let ordered = members.sorted { $0.key.utf16.lexicographicallyPrecedes($1.key.utf16) }
            for (place, member) in ordered.enumerated() {
                if place > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.append(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    /// Appends `text` in quotes, escaped as section 3.2.2.2 has it: the two-letter forms where there is one, `\u00xx`
    /// for other control characters, everything else as it is.
    public static func append(_ text: String, to bytes: inout [UInt8]) {
        self.append(utf8: text.utf8, to: &bytes)
    }

    /// The same for a text that is UTF-8 already.
    public static func append(utf8 text: some Sequence<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x08: bytes.append(contentsOf: "\\b".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0C: bytes.append(contentsOf: "\\f".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case ..<0x20: bytes.append(contentsOf: "\\u00\(byte < 16 ? "0" : "1")\(String(byte % 16, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
