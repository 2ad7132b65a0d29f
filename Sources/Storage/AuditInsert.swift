import GRDB
import GRDBSQLite
import Residency
import Vocabulary

/// Makes records of events and writes them.
enum AuditInsert {
    private static let sql = """
        INSERT INTO audit (seq, time, kind, body, body_sha256, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)
        """

    /// What was committed.
    struct Written {
        /// The new last record.
        var head: AuditChain.Head?
        /// Who waits for a record, with its number.
        var awaited: [(CommitWait, Int64)] = []
    }

    /// Writes all events behind the last record, or none.
    static func write(_ entries: ArraySlice<AuditStore.Entry>, to db: Database) throws -> Written {
        var chain = AuditChain()
        var written = Written()
        try db.inTransaction(.immediate) {
            chain = AuditChain(after: try AuditTail.head(db))
            let statement = try db.cachedStatement(sql: self.sql).sqliteStatement
            defer { sqlite3_clear_bindings(statement) }
            for entry in entries {
                var sequence: Int64 = 0
                for record in chain.append(entry.event, at: entry.time) {
                    self.bind(record, to: statement)
                    try Binder.run(statement, db)
                    sequence = record.sequence  // The last one is the event's own.
                }
                try DepartureIndex.note(entry.event, sequence, at: entry.time, in: db)
                if let wait = entry.wait { written.awaited.append((wait, sequence)) }
            }
            return .commit
        }
        written.head = chain.head
        return written
    }

    private static func bind(_ record: AuditRecord, to statement: SQLiteStatement) {
        var binder = Binder(statement: statement)
        binder.next(record.sequence)
        binder.next(record.time.microseconds)
        binder.next(record.kind)
        binder.next(record.body)
        binder.next(record.bodyHash.bytes)
        binder.next(record.previous.bytes)
        binder.next(record.hash.bytes)
    }
}
