import GRDB
import GRDBSQLite
import Residency
import Vocabulary

/// Makes records of events and writes them.
enum AuditInsert {
    private static let sql = """
        INSERT INTO audit (seq, time, kind, body, body_sha256, previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)
        """

    /// Writes all events behind the last record, or none; the new last record.
    static func write(_ entries: ArraySlice<AuditStore.Entry>, to db: Database) throws -> AuditChain.Head? {
        var chain = AuditChain()
        try db.inTransaction(.immediate) {
            chain = AuditChain(after: try AuditTail.head(db))
            let statement = try db.cachedStatement(sql: self.sql).sqliteStatement
            defer { sqlite3_clear_bindings(statement) }
            for entry in entries {
                for record in chain.append(entry.event, at: entry.time) {
                    self.bind(record, to: statement)
                    try Binder.run(statement, db)
                }
            }
            return .commit
        }
        return chain.head
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
