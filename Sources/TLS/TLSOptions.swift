/// What a listener shows of itself, and what it asks of its clients.
public struct TLSOptions: Sendable {
    /// Versions that are still safe (RFC 8996 retires those before 1.2).
    public enum Version: String, Sendable, CaseIterable, Comparable {
        /// RFC 5246.
        case v12 = "1.2"
        /// RFC 8446.
        case v13 = "1.3"

        /// Older orders first.
        public static func < (left: Version, right: Version) -> Bool { left == .v12 && right == .v13 }
    }

    /// Whether clients show a certificate of their own.
    public enum ClientCertificate: String, Sendable, CaseIterable {
        /// None is asked for.
        case none
        /// One that is shown must lead to `clientAuthorities`.
        case optional
        /// A handshake without one fails.
        case required
    }

    /// The certificate and those that lead to its authority, the server's own first (PEM).
    public var certificates: [UInt8]
    /// Its private key, not encrypted (PEM).
    public var key: [UInt8]
    /// The oldest version that is spoken.
    public var minimum = Version.v12
    /// Who vouches for clients (PEM); needed where they show certificates.
    public var clientAuthorities: [UInt8] = []
    /// Certificates of clients that their authorities have taken back (PEM, one list for each authority); `nil` if that is
    /// not looked at.
    public var revoked: [UInt8]?
    /// Whether clients show a certificate.
    public var clientCertificate = ClientCertificate.none

    /// A server's certificate and its key; clients show none.
    public init(certificates: [UInt8], key: [UInt8]) {
        self.certificates = certificates
        self.key = key
    }
}
