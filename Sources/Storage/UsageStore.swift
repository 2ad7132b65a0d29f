import Accounting
import GRDB
import Residency
import Vocabulary

/// Keeps a usage row for every request in a SQLite file, off the request's path.
///
/// Rows wait in a bounded queue; a thread of its own commits them together, `groupTime` after the first or at
/// `groupRows`, whichever comes first (WAL, `synchronous=NORMAL`: a crash of the process loses nothing committed, a
/// power cut perhaps the last commits, never the file). A row that could not be written (disk full, file locked) stays
/// in the queue and is tried again; when the queue is full, new rows are dropped and counted. Requests never notice.
///
/// `append`, `condition` and the counts may be called anywhere at any time. `init`, `flush`, `close` and `summary` block
/// and belong on a worker or at the beginning and end of the program.
public final class UsageStore: Sendable {
    /// A row is committed so long after it came at the latest, if the disk keeps up.
    public static let groupTime = Duration.milliseconds(100)
    /// Rows in one commit at most.
    public static let groupRows = 1000
    /// Days that rows are kept unless the operator says otherwise.
    public static let retentionDays = 180
    /// Rows deleted in one transaction: some milliseconds, so that new rows need not wait.
    private static let purgeRows = 1000

    static let file = StoreFile(schema: UsageSchema.schema, durability: .normal)

    /// The file.
    public let path: String
    let queue: WriteQueue<UsageRow>
    let database: DatabaseQueue
    private let reader: UsageReader

    /// Opens or makes the file at `path`, brings it to the present form and starts the writer. Blocks.
    public convenience init(path: String) throws(StorageProblem) {
        try self.init(path: path, rowsMax: Bounds.usageRows, patience: Patience())
    }

    /// The same with another bound and other patience.
    init(path: String, rowsMax: Int, patience: Patience) throws(StorageProblem) {
        self.path = path
        self.database = try Self.file.openForWriting(path, patience: patience)
        self.reader = try UsageReader(path: path)
        self.queue = WriteQueue(.init(waitingMax: rowsMax, rows: Self.groupRows, time: Self.groupTime))
        StoreWriter(
            name: "usage-writer", queue: self.queue, database: self.database, path: path, patience: patience,
            groupRows: Self.groupRows, write: UsageInsert.write
        ).start()
    }

    deinit {
        self.queue.beginClosing()  // The thread writes what is left and ends by itself.
    }

    /// Takes a row to be written. Never blocks, never fails: `false` says that the queue was full (or the store
    /// closed), and the row was dropped and counted.
    @discardableResult
    public func append(_ row: UsageRow) -> Bool {
        self.queue.append(row)
    }

    /// How the writing goes now.
    public var condition: StoreCondition { self.queue.counts.condition }
    /// Rows lost so far: the queue was full.
    public var dropped: Int { self.queue.counts.dropped }
    /// Rows committed so far.
    public var written: Int { self.queue.counts.written }
    /// Rows that wait.
    public var queued: Int { self.queue.counts.queued }

    /// Waits until every row taken before this call is committed; `false` if that took longer. Blocks.
    @discardableResult
    public func flush(timeout: Duration = .seconds(5)) -> Bool {
        self.queue.flush(timeout: timeout)
    }

    /// Deletes all rows of requests before `moment`, in small batches between commits. Returns at once.
    public func purge(before moment: WallTime) {
        self.queue.add(
            Chore(deed: "delete old rows of") { db in
                try db.execute(
                    sql: """
                        DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE time < ? ORDER BY time LIMIT ?)
                        """,
                    arguments: [moment.microseconds, Self.purgeRows])
                return db.changesCount == Self.purgeRows
            })
    }

    /// Takes no more rows, writes those that wait, closes the file. Rows that cannot be written now are dropped and
    /// counted. `false` if the writer did not end in time. Blocks; the second call finds the first one's work done.
    @discardableResult
    public func close(timeout: Duration = .seconds(5)) -> Bool {
        self.queue.beginClosing()
        return self.queue.waitUntilClosed(timeout: timeout)
    }

    /// The rows behind the one with id `id`, with their digest; `nil` if there is none. Sees what is committed. Blocks.
    public func rows(after id: Int64) throws(StorageProblem) -> AuditedRows? {
        try self.reader.rows(after: id)
    }

    /// Usage of the requests from `from` to before `to`, summed over those that agree in all of `dimensions`, ordered by
    /// them. Sees what is committed. Blocks: call it on a worker.
    public func summary(
        from: WallTime, to: WallTime, by dimensions: [UsageDimension]
    ) throws(StorageProblem) -> [UsageSummary] {
        try self.reader.summary(from: from, to: to, by: dimensions)
    }
}
