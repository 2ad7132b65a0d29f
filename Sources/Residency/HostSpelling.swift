import Vocabulary

/// The spellings of a host that configuration may use: an address in its usual form, or a plain DNS name.
///
/// Everything that a resolver or libcurl would read as some address, though it does not look like it, is refused:
/// libcurl takes `127.1`, `2130706433` and `0x7f000001` for 127.0.0.1 (`residency.md` A2).
public enum HostSpelling {
    /// A host that was found well spelt.
    public enum Host: Hashable, Sendable {
        case address(IPAddress)
        /// A name in lower case.
        case name(String)

        /// The host as the rest of the program writes it.
        public var text: String {
            switch self {
            case .address(let address): address.description
            case .name(let name): name
            }
        }
    }

    /// RFC 1035 section 2.3.4.
    private static let nameMax = 253
    private static let labelMax = 63

    /// Accepts `text` or says what is wrong with it and what to write instead. IPv6 addresses come without brackets.
    @discardableResult
    public static func check(_ text: String) throws(Refusal) -> Host {
        guard !text.isEmpty else { throw Self.refusal("the host is empty, expected a name or an address") }
        if let address = IPAddress(text) { return .address(address) }
        if let problem = Self.problemOfCharacters(text) ?? Self.problemOfNumbers(text) ?? Self.problemOfLabels(text) {
            throw Self.refusal(problem)
        }
        return .name(text.lowercased())
    }

    private static func refusal(_ message: String) -> Refusal { Refusal(.addressForbidden, message) }

    /// Said without the text: a password may stand in it.
    static let problemOfUser = "the host has a user before its `@`, write the name or address alone"

    private static func problemOfCharacters(_ text: String) -> String? {
        if text.contains("@") { return Self.problemOfUser }
        if text.utf8.contains(where: { $0 < 0x21 || $0 == 0x7F }) {
            return "the host has a blank or a control character in it"
        }
        if text.utf8.contains(where: { $0 >= 0x80 }) {
            return "host `\(text)` has characters beyond ASCII, write the name as DNS has it (`xn--...`), "
                + "after making sure that no letter is a look-alike"
        }
        if text.contains("%") {
            return text.contains(":")
                ? "host `\(text)` has a zone id after its `%`, a link-local address cannot be a backend"
                : "host `\(text)` has a percent sign, write every character as it is"
        }
        if text.contains(":") || text.contains("[") || text.contains("]") {
            return "host `\(text)` is not an IPv6 address in its usual form, as in `fd12::5`"
        }
        return nil
    }

    /// A host whose last label is a number is read as an IPv4 address, in as many ways as `inet_aton` has: fewer than
    /// four parts, hexadecimal, octal.
    private static func problemOfNumbers(_ text: String) -> String? {
        var labels = text.split(separator: ".", omittingEmptySubsequences: false)
        if labels.count > 1, labels.last == "" { labels.removeLast() }
        guard let last = labels.last, !last.isEmpty, Self.isNumber(last) else { return nil }
        if let meant = Self.readAsNumbers(labels) {
            return "host `\(text)` is an unusual spelling of an address, write `\(meant)`"
        }
        return "host `\(text)` ends in a number and is no IPv4 address, expected four numbers from 0 to 255, "
            + "without leading zeros"
    }

    private static func isNumber(_ label: Substring) -> Bool {
        if label.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return true }
        return label.lowercased().hasPrefix("0x") && label.dropFirst(2).allSatisfy(\.isHexDigit)
    }

    /// As `inet_aton` reads it: one to four parts in decimal, octal or hexadecimal, the last filling what is left.
    private static func readAsNumbers(_ labels: [Substring]) -> IPAddress? {
        guard (1...4).contains(labels.count) else { return nil }
        var values: [UInt32] = []
        for label in labels {
            guard !label.isEmpty, let value = Self.number(label) else { return nil }
            values.append(value)
        }
        let last = values.removeLast()
        guard values.allSatisfy({ $0 <= 0xFF }), values.isEmpty || last < 1 << UInt32(8 * (4 - values.count)) else {
            return nil
        }
        let rest = (values.count..<4).map { UInt8(truncatingIfNeeded: last >> UInt32(8 * (3 - $0))) }
        return IPAddress(octets: values.map(UInt8.init) + rest)
    }

    private static func number(_ label: Substring) -> UInt32? {
        if label.lowercased().hasPrefix("0x") { return label.count == 2 ? 0 : UInt32(label.dropFirst(2), radix: 16) }
        return label.first == "0" ? UInt32(label, radix: 8) : UInt32(label)
    }

    private static func problemOfLabels(_ text: String) -> String? {
        if text.hasSuffix(".") {
            return text == "."
                ? "host `.` is the root of DNS, expected a name or an address"
                : "host `\(text)` ends in a dot, write `\(text.dropLast())`"
        }
        if text.utf8.count > Self.nameMax {
            return "the host is \(text.utf8.count) bytes long, a DNS name has \(Self.nameMax) at most"
        }
        for label in text.split(separator: ".", omittingEmptySubsequences: false) {
            if label.isEmpty { return "host `\(text)` has an empty label, two dots in a row or one at its beginning" }
            if label.utf8.count > Self.labelMax {
                return "host `\(text)` has a label of \(label.utf8.count) bytes, DNS takes \(Self.labelMax)"
            }
            // RFC 952 and RFC 1123 section 2.1, and the underscore that container networks use.
            if let odd = label.first(where: { !($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }) {
                return "host `\(text)` has a `\(odd)` in it, expected letters, digits, hyphens and dots"
            }
            if label.hasPrefix("-") || label.hasSuffix("-") {
                return "host `\(text)` has a label that begins or ends with a hyphen"
            }
        }
        return nil
    }
}
