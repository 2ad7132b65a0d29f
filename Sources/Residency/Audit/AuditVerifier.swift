import Vocabulary

/// Checks records in the order of their numbers, and names the first that does not hold.
///
/// A whole chain shows that nothing in it was changed, left out, put in or moved since its last hash was known. It does
/// not show that its end was not cut off, nor that whoever owns the file did not write all of it anew: that only a
/// checkpoint shows which was kept elsewhere.
public struct AuditVerifier: Sendable {
    /// The last record that held.
    public private(set) var head: AuditChain.Head?
    /// The time of the first record.
    public private(set) var firstTime: WallTime?
    /// Records that held.
    public private(set) var count = 0
    private let startsAnywhere: Bool
    private var checkpoints: [AuditCheckpoint]

    /// A verifier of a whole file, which must contain the `checkpoints`; with `startsAnywhere` of a part, whose first
    /// record is taken to hang on the one before.
    public init(checkpoints: [AuditCheckpoint] = [], startsAnywhere: Bool = false) {
        self.checkpoints = checkpoints
        self.startsAnywhere = startsAnywhere
    }

    /// Checks the next record; the fault, if it does not hold. Nothing can be said of those behind it.
    public mutating func check(_ record: AuditRecord) -> AuditFault? {
        if let fault = self.faultOfPlace(record) ?? self.faultOfContent(record) ?? self.faultOfCheckpoint(record) {
            return fault
        }
        self.head = .init(sequence: record.sequence, time: record.time, hash: record.hash)
        self.firstTime = self.firstTime ?? record.time
        self.count += 1
        return nil
    }

    /// What is missing when no record is left.
    public func finish() -> AuditFault? {
        guard let head else { return AuditFault(.empty, at: 1) }
        return self.checkpoints.filter { $0.sequence > head.sequence }.min { $0.sequence < $1.sequence }.map {
            AuditFault(.cutOff, at: head.sequence + 1, expected: "the checkpoint's record \($0.sequence)")
        }
    }

    private func faultOfPlace(_ record: AuditRecord) -> AuditFault? {
        if self.head == nil, self.startsAnywhere { return nil }
        let due = (self.head?.sequence ?? 0) + 1
        if record.sequence != due {
            return AuditFault(.gap, at: due, expected: "record \(due)", found: "record \(record.sequence)")
        }
        if (record.kind == AuditKind.genesis.rawValue) != (due == 1) { return AuditFault(.genesis, at: due) }
        let previous = self.head?.hash ?? .zero
        if record.previous != previous {
            return AuditFault(.previous, at: due, expected: "\(previous)", found: "\(record.previous)")
        }
        if let head, record.time < head.time, record.kind != AuditKind.clock.rawValue {
            return AuditFault(.time, at: due, expected: head.time.rfc3339, found: record.time.rfc3339)
        }
        return nil
    }

    private func faultOfContent(_ record: AuditRecord) -> AuditFault? {
        let body = AuditHash(of: record.body)
        if record.bodyHash != body {
            return AuditFault(.body, at: record.sequence, expected: "\(record.bodyHash)", found: "\(body)")
        }
        let due = record.hashDue
        if record.hash != due {
            return AuditFault(.hash, at: record.sequence, expected: "\(record.hash)", found: "\(due)")
        }
        return nil
    }

    private func faultOfCheckpoint(_ record: AuditRecord) -> AuditFault? {
        self.checkpoints.first { $0.sequence == record.sequence && $0.hash != record.hash }.map {
            AuditFault(.checkpoint, at: record.sequence, expected: "\($0.hash)", found: "\(record.hash)")
        }
    }
}

/// What does not hold in a chain, and where: a record itself, or what the intents and outcomes tell of each other.
public struct AuditFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, as a word for programs.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// There is no record at all.
        case empty
        /// A record is missing, or there is one too many.
        case gap
        /// The first record begins no file, or a later one does.
        case genesis
        /// A record does not hang on the one before.
        case previous
        /// A record is earlier than the one before, and the clock was not set back.
        case time
        /// The body is not the one that was hashed.
        case body
        /// Number, time, kind or hash is not the one that was hashed.
        case hash
        /// The record is another than at the time of the checkpoint.
        case checkpoint
        /// The chain ends before a checkpoint.
        case cutOff = "cut_off"
        /// A hash in the file has not 32 bytes, or a value another type.
        case malformed
        /// An outcome of what no intent announced.
        case outcomeWithoutIntent = "outcome_without_intent"
        /// A second outcome of one intent.
        case outcomeTwice = "outcome_twice"
        /// A second intent of one attempt.
        case intentTwice = "intent_twice"
        /// An intent without outcome, and the node was started again since.
        case outcomeMissing = "outcome_missing"
    }

    /// What is wrong.
    public let code: Code
    /// The record that does not hold.
    public let sequence: Int64
    /// What should stand there; empty if that is plain.
    public let expected: String
    /// What stands there; empty if that is plain.
    public let found: String

    /// A fault of these values.
    public init(_ code: Code, at sequence: Int64, expected: String = "", found: String = "") {
        self.code = code
        self.sequence = sequence
        self.expected = expected
        self.found = found
    }

    /// `record 17: its body is not the one that was hashed (expected ..., found ...)`
    public var description: String {
        let facts = [("expected", self.expected), ("found", self.found)].filter { !$0.1.isEmpty }
        let tail = facts.isEmpty ? "" : " (\(facts.map { "\($0.0) \($0.1)" }.joined(separator: ", ")))"
        return "record \(self.sequence): \(self.sentence)\(tail)"
    }

    private var sentence: String {
        switch self.code {
        case .empty: "the file has no record"
        case .gap: "it is missing, or another stands in its place"
        case .genesis: self.sequence == 1 ? "it begins no file" : "a file begins in the middle"
        case .previous: "it does not hang on the record before"
        case .time: "it is earlier than the record before, and the clock was not set back"
        case .body: "its body is not the one that was hashed"
        case .hash: "its number, time, kind or hash is not the one that was hashed"
        case .checkpoint: "it is another than at the time of the checkpoint"
        case .cutOff: "the chain was cut off before it"
        case .malformed: "it is no record"
        case .outcomeWithoutIntent: "it is the outcome of what no intent announced"
        case .outcomeTwice: "its intent has an outcome already"
        case .intentTwice: "its attempt has an intent already"
        case .outcomeMissing: "its intent has no outcome, and the node was started again since"
        }
    }

    /// As a `start` record tells it.
    var json: CanonicalJSON {
        .object(["fault": .string(self.code.rawValue), "seq": .integer(self.sequence)])
    }
}
