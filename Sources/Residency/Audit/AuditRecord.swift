import Vocabulary

/// One link of the audit chain, as it stands in the file.
///
/// Its hash is SHA-256 over, without anything in between:
///
/// | bytes | what |
/// |---|---|
/// | 18 | `gatehouse-audit-v1` in ASCII |
/// | 8 | sequence number, big-endian |
/// | 8 | time, microseconds since the epoch, big-endian |
/// | n | kind, ASCII |
/// | 32 | hash of the record before; zeros for the first |
/// | 32 | SHA-256 of the body |
///
/// All parts but the kind have a fixed length, so that no two records have the same bytes. The body is canonical JSON;
/// only its hash goes in, so that a chain can be proved without showing what it tells.
public struct AuditRecord: Hashable, Sendable {
    /// Stands before everything that is hashed: a hash made for another purpose is never one of a record.
    static let domain = Array("gatehouse-audit-v1".utf8)

    /// Counts from 1, without gaps.
    public let sequence: Int64
    /// When it happened.
    public let time: WallTime
    /// One of `AuditKind`, unless somebody has changed it.
    public let kind: String
    /// What happened: canonical JSON, an object.
    public let body: [UInt8]
    /// The body's hash.
    public let bodyHash: AuditHash
    /// The hash of the record before.
    public let previous: AuditHash
    /// This record's own.
    public let hash: AuditHash

    /// A record as it was found, whether or not it holds.
    public init(
        sequence: Int64, time: WallTime, kind: String, body: [UInt8], bodyHash: AuditHash, previous: AuditHash,
        hash: AuditHash
    ) {
        self.sequence = sequence
        self.time = time
        self.kind = kind
        self.body = body
        self.bodyHash = bodyHash
        self.previous = previous
        self.hash = hash
    }

    /// A new record behind the one whose hash is `previous`.
    public init(sequence: Int64, time: WallTime, kind: AuditKind, body: [UInt8], after previous: AuditHash) {
        let bodyHash = AuditHash(of: body)
        self.init(
            sequence: sequence, time: time, kind: kind.rawValue, body: body, bodyHash: bodyHash, previous: previous,
            hash: Self.hash(
                sequence: sequence, time: time, kind: kind.rawValue, previous: previous, bodyHash: bodyHash))
    }

    /// The hash that a record of these values has.
    static func hash(
        sequence: Int64, time: WallTime, kind: String, previous: AuditHash, bodyHash: AuditHash
    ) -> AuditHash {
        var bytes = self.domain
        bytes.reserveCapacity(self.domain.count + 16 + kind.utf8.count + 2 * AuditHash.size)
        for number in [sequence, time.microseconds] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: number >> shift))
            }
        }
        bytes.append(contentsOf: kind.utf8)
        bytes += previous.bytes
        bytes += bodyHash.bytes
        return AuditHash(of: bytes)
    }

    /// The hash that this record must have.
    var hashDue: AuditHash {
        Self.hash(
            sequence: self.sequence, time: self.time, kind: self.kind, previous: self.previous, bodyHash: self.bodyHash)
    }
}
