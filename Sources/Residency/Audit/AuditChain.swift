import Vocabulary

/// Makes records of events: numbers them, and hangs each on the one before.
public struct AuditChain: Hashable, Sendable {
    /// The last record, as far as the next one must know it.
    public struct Head: Hashable, Sendable {
        /// Its number.
        public let sequence: Int64
        /// Its time.
        public let time: WallTime
        /// Its hash.
        public let hash: AuditHash

        /// The head of a file that goes on.
        public init(sequence: Int64, time: WallTime, hash: AuditHash) {
            self.sequence = sequence
            self.time = time
            self.hash = hash
        }

        /// The same, for keeping it elsewhere.
        public var checkpoint: AuditCheckpoint { AuditCheckpoint(sequence: self.sequence, hash: self.hash) }
    }

    /// `nil` before the first record.
    public private(set) var head: Head?

    /// A chain behind `head`.
    public init(after head: Head? = nil) {
        self.head = head
    }

    /// The records of an event: one, or two if the clock was set back since the last one. Times never fall otherwise,
    /// so that a record that was moved shows.
    public mutating func append(_ event: AuditEvent, at time: WallTime) -> [AuditRecord] {
        var records: [AuditRecord] = []
        if let head, time < head.time { records.append(self.link(.clock(from: head.time), at: time)) }
        records.append(self.link(event, at: time))
        return records
    }

    private mutating func link(_ event: AuditEvent, at time: WallTime) -> AuditRecord {
        let record = AuditRecord(
            sequence: (self.head?.sequence ?? 0) + 1, time: time, kind: event.kind, body: event.body.bytes,
            after: self.head?.hash ?? .zero)
        self.head = Head(sequence: record.sequence, time: time, hash: record.hash)
        return record
    }
}

/// A record's number and hash, kept outside of the node: what a chain must still contain later.
public struct AuditCheckpoint: Hashable, Sendable, CustomStringConvertible {
    /// The record's number.
    public let sequence: Int64
    /// The record's hash.
    public let hash: AuditHash

    /// A checkpoint of these values.
    public init(sequence: Int64, hash: AuditHash) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Reads `SEQ:HASH`; `nil` for all else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence > 0, let hash = AuditHash(String(parts[1]))
        else { return nil }
        self.init(sequence: sequence, hash: hash)
    }

    /// `SEQ:HASH`.
    public var description: String { "\(self.sequence):\(self.hash)" }
}
