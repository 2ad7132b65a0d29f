/// A single value in a file that we write.
public enum YAMLScalar: Hashable, Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
{
    /// Put in quotes where YAML could take it for something else.
    case string(String)
    /// In plain decimal.
    case int(Int)
    /// `true` or `false`.
    case bool(Bool)

    /// A text.
    public init(_ text: String) { self = .string(text) }
    /// A whole number.
    public init(_ number: Int) { self = .int(number) }
    /// `true` or `false`.
    public init(_ isTrue: Bool) { self = .bool(isTrue) }
    /// A text.
    public init(stringLiteral text: String) { self = .string(text) }
    /// A whole number.
    public init(integerLiteral number: Int) { self = .int(number) }
    /// `true` or `false`.
    public init(booleanLiteral isTrue: Bool) { self = .bool(isTrue) }

    /// The value as it stands in the file.
    var text: String {
        switch self {
        case .string(let text): Self.quotedIfNeeded(text)
        case .int(let number): String(number)
        case .bool(let isTrue): isTrue ? "true" : "false"
        }
    }

    /// `text` as it is if every YAML reader, ours and others, takes it for that text; else in double quotes.
    static func quotedIfNeeded(_ text: String) -> String {
        Self.isPlain(text) ? text : Self.quoted(text)
    }

    /// Fewer texts than YAML allows unquoted: it is never wrong to quote.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, let last = text.utf8.last,
            Self.isWordByte(first) || first == UInt8(ascii: "/"),
            last != UInt8(ascii: ":"), last != UInt8(ascii: " "), text.utf8.allSatisfy(Self.isPlainByte)
        else { return false }
        return !text.contains(": ") && !text.contains("  ") && !Self.words.contains(text.lowercased())
            && !Self.looksLikeNumber(text)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        Self.isWordByte(byte) || " ._/:@+-*()".utf8.contains(byte)
    }

    /// What YAML 1.1 and 1.2 readers take for truth values and for nothing.
    private static let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "y", "n", "null"]

    /// Numbers, dates and YAML 1.1's base-sixty numbers. An address with its port has three dots and is none of them.
    private static func looksLikeNumber(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (0x30...0x39).contains(bytes[0]) else { return false }
        let isDate =
            bytes.count >= 8 && bytes[4] == UInt8(ascii: "-") && bytes[..<4].allSatisfy { (0x30...0x39).contains($0) }
        let dots = bytes.count { $0 == UInt8(ascii: ".") }
        let isNumeric = bytes.allSatisfy { (0x30...0x39).contains($0) || "abcdefABCDEFxXoO_+-.:".utf8.contains($0) }
        return isDate || isNumeric && dots <= 1
    }

    /// In double quotes with YAML's escapes (YAML 1.2 section 5.7).
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            default:
                if Self.breaksPlainText(scalar) {
                    quoted += Self.escape(scalar.value)
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }

    private static func escape(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        let width = value <= 0xFF ? 2 : value <= 0xFFFF ? 4 : 8
        let letter = value <= 0xFF ? "x" : value <= 0xFFFF ? "u" : "U"
        return "\\\(letter)" + String(repeating: "0", count: width - digits.count) + digits
    }

    /// Controls, YAML's further line ends and a byte order mark: not printable in the sense of YAML 1.2 section 5.1, or
    /// read otherwise than written.
    static func breaksPlainText(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: false
        }
    }
}
