/// One name that a certificate gives its holder (RFC 5280 section 4.2.1.6, subjectAltName).
public struct PeerName: Hashable, Sendable, CustomStringConvertible {
    /// What kind of name.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A host.
        case dns
        /// A URI, as SPIFFE's.
        case uri
        /// A mail address.
        case email
    }

    /// The longest name in bytes: that of a SPIFFE ID (SPIFFE-ID section 2.3).
    public static let textMax = 2048

    /// What kind of name.
    public let kind: Kind
    /// The name, as the certificate spells it.
    public let text: String

    /// A name.
    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// Reads a name as `description` writes it; `nil` unless it is a kind, a colon and visible ASCII.
    public init?(parsing text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), let kind = Kind(rawValue: String(text[..<colon]))
        else { return nil }
        let name = text[colon...].dropFirst()
        guard (1...Self.textMax).contains(name.utf8.count), name.utf8.allSatisfy(Self.isVisible) else { return nil }
        self.init(kind, String(name))
    }

    /// What stands in a name: a zero inside would end it for others (CVE-2009-2408).
    public static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }

    /// `uri:spiffe://intranet/batch`
    public var description: String { "\(self.kind.rawValue):\(self.text)" }
}
