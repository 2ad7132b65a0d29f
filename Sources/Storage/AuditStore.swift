import GRDB
import Residency
import Synchronization
import Vocabulary

/// Keeps the audit chain in a SQLite file, off the request's path.
///
/// Events wait in a bounded queue; a thread of its own makes records of them and commits these together (WAL,
/// `synchronous=FULL`: what is committed outlives a power cut). The chain goes on behind the last record that is in the
/// file at that moment, read in the same transaction: whatever happened before, it never forks. An event that could not
/// be written (disk full, file locked) stays in the queue and is tried again; when the queue is full, new ones are lost
/// and counted. Requests never notice.
///
/// `append`, `condition`, `head` and the counts may be called anywhere at any time. `init`, `flush` and `close` block
/// and belong on a worker or at the beginning and end of the program.
public final class AuditStore: Sendable {
    /// A record is committed so long after it came at the latest, if the disk keeps up: short enough for someone to
    /// wait, long enough for a burst to share a commit.
    public static let groupTime = Duration.milliseconds(1)
    /// Records in one commit at most: a disk that takes 50 ms for each still keeps up with 40,000 refusals a second.
    public static let groupRecords = 2_000

    /// An event with its time, and who waits for it.
    struct Entry {
        var event: AuditEvent
        var time: WallTime
        var wait: CommitWait?
    }

    /// The file.
    public let path: String
    /// What the file held when it was opened.
    public let found: AuditTail
    let queue: WriteQueue<Entry>
    let database: DatabaseQueue
    private let lastHead: Mutex<AuditChain.Head?>

    static let file = StoreFile(schema: AuditSchema.schema, durability: .full)

    /// Opens or makes the file at `path`, brings it to the present form, verifies the end of its chain and starts the
    /// writer. Blocks.
    public convenience init(path: String) throws(StorageProblem) {
        try self.init(path: path, recordsMax: Bounds.auditRecords, patience: Patience())
    }

    /// The same with another bound and other patience.
    init(path: String, recordsMax: Int, patience: Patience) throws(StorageProblem) {
        self.path = path
        self.database = try Self.file.openForWriting(path, patience: patience)
        self.queue = WriteQueue(.init(waitingMax: recordsMax, rows: Self.groupRecords, time: Self.groupTime))
        do {
            self.found = try self.database.read { try AuditTail(reading: $0) }
        } catch {
            throw StorageProblem(error, deed: "read", path: path)
        }
        self.lastHead = Mutex(self.found.head)
        let tell: @Sendable (AuditChain.Head?) -> Void = { [weak self] head in self?.lastHead.withLock { $0 = head } }
        StoreWriter(
            name: "audit-writer", queue: self.queue, database: self.database, path: path, patience: patience,
            groupRows: Self.groupRecords,
            write: { entries, db in
                let written = try AuditInsert.write(entries, to: db)
                tell(written.head)
                for (wait, sequence) in written.awaited { wait.end(.success(sequence)) }
            },
            onFailure: { entries, problem in
                for entry in entries { entry.wait?.end(.failure(.failed(problem))) }
            }
        ).start()
    }

    deinit {
        self.queue.beginClosing()  // The thread writes what is left and ends by itself.
    }

    /// Takes an event that happened at `time`, to be written. Never blocks, never fails: `false` says that the queue was
    /// full (or the store closed), and the record is lost and counted. An outcome finds room in a full queue, since its
    /// intent was taken.
    @discardableResult
    public func append(_ event: AuditEvent, at time: WallTime) -> Bool {
        self.queue.append(Entry(event: event, time: time), whenFull: event.kind == .outcome ? .exceed : .lose)
    }

    /// How the writing goes now.
    public var condition: StoreCondition { self.queue.counts.condition }
    /// Records lost so far: the queue was full.
    public var lost: Int { self.queue.counts.dropped }
    /// Events whose records were committed so far.
    public var written: Int { self.queue.counts.written }
    /// Events that wait.
    public var queued: Int { self.queue.counts.queued }
    /// The last record that is committed; `nil` if there is none.
    public var head: AuditChain.Head? { self.lastHead.withLock(\.self) }

    /// Waits until every event taken before this call is committed; `false` if that took longer. Blocks.
    @discardableResult
    public func flush(timeout: Duration = .seconds(5)) -> Bool {
        self.queue.flush(timeout: timeout)
    }

    /// Takes nothing more, writes what waits, closes the file. What cannot be written now is lost and counted. `false`
    /// if the writer did not end in time. Blocks; the second call finds the first one's work done.
    @discardableResult
    public func close(timeout: Duration = .seconds(5)) -> Bool {
        self.queue.beginClosing()
        return self.queue.waitUntilClosed(timeout: timeout)
    }
}
