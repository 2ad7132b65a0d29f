import Vocabulary

/// The kinds of audit records: a closed list, whose words stand in the file.
public enum AuditKind: String, Hashable, Sendable, CaseIterable {
    /// The first record of a file.
    case genesis
    /// The node was started and goes on with this file.
    case start
    /// A configuration was taken on while the node ran.
    case configuration
    /// A request was refused, or kept from a backend, for residency's sake.
    case decision
    /// A request is about to leave: durable before its first byte does.
    case intent
    /// What became of an intent.
    case outcome
    /// A backend was refused or quarantined, or came back.
    case backend
    /// The requests since the last such record, counted, with the digest of their usage rows.
    case local
    /// Records that could not be kept.
    case lost
    /// The wall clock was set back.
    case clock
    /// The node was stopped.
    case stop
}

/// Something that the audit chain tells. Never holds prompt or answer, nor a text that a caller chose.
public enum AuditEvent: Hashable, Sendable {
    /// A file begins; `previousFile` is the last hash of the one before, if there is one.
    case genesis(AuditStart, previousFile: AuditHash?)
    /// The node goes on with a file, whose end was verified with this result.
    case start(AuditStart, fault: AuditFault?)
    /// Another configuration holds.
    case configuration(AuditConfiguration)
    /// A decision about a request.
    case decision(AuditDecision)
    /// A request is about to leave.
    case intent(AuditIntent)
    /// What became of it.
    case outcome(AuditOutcome)
    /// A backend changed its standing.
    case backend(AuditBackendChange)
    /// Requests were counted.
    case local(AuditedRows)
    /// So many records could not be kept, since the queue was full or the file could not be opened.
    case lost(records: Int)
    /// The clock told `time` for the record before, and an earlier moment for the next.
    case clock(from: WallTime)
    /// The node stops.
    case stop

    /// The word for it.
    public var kind: AuditKind {
        switch self {
        case .genesis: .genesis
        case .start: .start
        case .configuration: .configuration
        case .decision: .decision
        case .intent: .intent
        case .outcome: .outcome
        case .backend: .backend
        case .local: .local
        case .lost: .lost
        case .clock: .clock
        case .stop: .stop
        }
    }

    /// What its record says.
    public var body: CanonicalJSON {
        switch self {
        case .genesis(let start, let previousFile):
            .object(
                start.members.merging([
                    "layout": .string("gatehouse-audit-v1"),
                    "previous_file": previousFile.map { .string("\($0)") } ?? .null,
                ]) { $1 })
        case .start(let start, let fault):
            .object(start.members.merging(["tail": fault.map(\.json) ?? .string("whole")]) { $1 })
        case .configuration(let configuration): .object(configuration.members)
        case .decision(let decision): decision.body
        case .intent(let intent): intent.body
        case .outcome(let outcome): outcome.body
        case .backend(let change): change.body
        case .local(let rows): rows.body
        case .lost(let records): .object(["records": .integer(Int64(records))])
        case .clock(let before): .object(["from_us": .integer(before.microseconds)])
        case .stop: .object([:])
        }
    }
}

/// Which program runs, under which configuration.
public struct AuditStart: Hashable, Sendable {
    /// The node's configured name.
    public var node: String
    /// The program's version.
    public var version: String
    /// What it was told.
    public var configuration: AuditConfiguration

    /// A start of these values.
    public init(node: String, version: String, configuration: AuditConfiguration) {
        self.node = node
        self.version = version
        self.configuration = configuration
    }

    var members: [String: CanonicalJSON] {
        self.configuration.members.merging([
            "node": .string(self.node), "version": .string(self.version),
        ]) { $1 }
    }
}

/// Names a configuration without telling it.
public struct AuditConfiguration: Hashable, Sendable {
    /// Counts the configurations since the start, from 1.
    public var generation: UInt64
    /// SHA-256 of each file, by what the file is for.
    public var files: [String: AuditHash]

    /// A configuration of these files.
    public init(generation: UInt64, files: [String: AuditHash]) {
        self.generation = generation
        self.files = files
    }

    var members: [String: CanonicalJSON] {
        let files = CanonicalJSON.object(self.files.mapValues { .string("\($0)") })
        return [
            "files": files, "fingerprint": .string("\(AuditHash(of: files.bytes))"),
            "generation": .integer(Int64(clamping: self.generation)),
        ]
    }
}

/// A backend that may be sent nothing any more, or something again.
public struct AuditBackendChange: Hashable, Sendable {
    /// What became of it.
    public enum Change: String, Hashable, Sendable, CaseIterable {
        /// It answered from outside, or was found to.
        case quarantined
        /// An operator let it back.
        case released
        /// Its addresses, or what it says of its cloud, are not allowed.
        case refused
        /// They are again.
        case allowed
    }

    /// Which backend.
    public var backend: BackendID
    /// What became of it.
    public var change: Change
    /// Why it may be sent nothing, or might not before.
    public var reason: Reason

    /// A change of these values.
    public init(backend: BackendID, change: Change, reason: Reason) {
        self.backend = backend
        self.change = change
        self.reason = reason
    }

    var body: CanonicalJSON {
        .object([
            "backend": .string(self.backend.rawValue), "change": .string(self.change.rawValue),
            "reason": .string(self.reason.rawValue),
        ])
    }
}

/// Usage rows that lie one after another in the usage file.
public struct AuditedRows: Hashable, Sendable {
    /// The first row's id.
    public var first: Int64
    /// The last row's id.
    public var last: Int64
    /// All requests, refused ones included.
    public var requests: Int
    /// Those that a backend in an intranet zone answered.
    public var servedLocally: Int
    /// SHA-256 over the rows' lines.
    public var digest: AuditHash

    /// Rows of these values.
    public init(first: Int64, last: Int64, requests: Int, servedLocally: Int, digest: AuditHash) {
        self.first = first
        self.last = last
        self.requests = requests
        self.servedLocally = servedLocally
        self.digest = digest
    }

    var body: CanonicalJSON {
        .object([
            "requests": .integer(Int64(self.requests)), "served_locally": .integer(Int64(self.servedLocally)),
            "usage_first": .integer(self.first), "usage_last": .integer(self.last),
            "usage_sha256": .string("\(self.digest)"),
        ])
    }
}
