import Crypto

/// The node's own key for commitments: what is recorded of a body is worth nothing to whoever has not this key, and
/// proves the body to whoever has. A plain hash would give away a short prompt, which can be guessed
/// (`residency.md` B3: `body_sha256_hmac`).
public struct CommitmentKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// As long as the output of HMAC-SHA-256 (RFC 2104 section 3).
    public static let size = 32

    private let key: SymmetricKey

    /// A key of `size` bytes, else `nil`.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.key = SymmetricKey(data: bytes)
    }

    /// HMAC-SHA-256 of `body`.
    public func commitment(of body: [UInt8]) -> AuditHash {
        guard let hash = AuditHash(Array(HMAC<SHA256>.authenticationCode(for: body, using: self.key))) else {
            preconditionFailure("HMAC-SHA-256 has 32 bytes")
        }
        return hash
    }

    /// Redacted.
    public var description: String { "commitment key [redacted]" }
    /// Redacted.
    public var debugDescription: String { self.description }
}
