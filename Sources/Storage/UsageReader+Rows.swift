import GRDB
import GRDBSQLite
import Residency

/// Rows as the audit chain counts them: from one id to another, with a digest by which each can be checked later.
///
/// The digest is SHA-256 over a line for each row in the order of ids, `\n` behind each. A line is a JSON array without
/// blanks: the id, then the values in the order of `UsageInsert.columns`; numbers in decimal, texts escaped as canonical
/// JSON has them, the request's id in hexadecimal, `null` for what was not told; of the columns that came later nothing
/// behind the last one with a value.
extension UsageReader {
    /// The rows behind the one with id `id`; `nil` if there is none. A file whose greatest id is smaller was begun anew:
    /// then all of its rows. Sees what is committed. Blocks.
    public func rows(after id: Int64) throws(StorageProblem) -> AuditedRows? {
        try self.reading { db in
            let greatest = try Int64.fetchOne(db, sql: "SELECT max(id) FROM usage") ?? 0
            return try Self.rows(greatest < id ? 0 : id, .max, db)
        }
    }

    /// The rows with ids from `first` to `last`; `nil` if none is left. Blocks.
    public func rows(from first: Int64, through last: Int64) throws(StorageProblem) -> AuditedRows? {
        try self.reading { try Self.rows(first - 1, last, $0) }
    }

    private func reading<T>(_ body: (Database) throws -> T) throws(StorageProblem) -> T {
        do { return try self.database.read(body) } catch {
            throw StorageProblem(error, deed: "read", path: self.path)
        }
    }

    private static let sql = """
        SELECT id, \(UsageInsert.columns.joined(separator: ", ")) FROM usage WHERE id > ? AND id <= ? ORDER BY id
        """
    private static let routeColumn = Int32(1 + (UsageInsert.columns.firstIndex(of: "route") ?? 0))

    /// Stepped by SQLite's own calls, as rows are written: once a minute this runs over all requests of a busy node.
    private static func rows(_ after: Int64, _ last: Int64, _ db: Database) throws -> AuditedRows? {
        let statement = try db.cachedStatement(sql: self.sql).sqliteStatement
        defer { sqlite3_reset(statement) }
        sqlite3_bind_int64(statement, 1, after)
        sqlite3_bind_int64(statement, 2, last)
        var found: AuditedRows?
        var digest = AuditDigest()
        var line: [UInt8] = []
        while true {
            let result = sqlite3_step(statement)
            if result == SQLITE_DONE { break }
            guard result == SQLITE_ROW else { throw DatabaseError(resultCode: ResultCode(rawValue: result)) }
            line.removeAll(keepingCapacity: true)
            self.append(statement, to: &line)
            digest.add(line)
            let id = sqlite3_column_int64(statement, 0)
            var rows = found ?? AuditedRows(first: id, last: id, requests: 0, servedLocally: 0, digest: .zero)
            rows.last = id
            rows.requests += 1
            rows.servedLocally += self.text(statement, self.routeColumn).elementsEqual("local".utf8) ? 1 : 0
            found = rows
        }
        found?.digest = digest.hash
        return found
    }

    private static func append(_ statement: SQLiteStatement, to line: inout [UInt8]) {
        var count = sqlite3_column_count(statement)
        // One more than the names: the id comes first.
        while count > 1 + UsageInsert.firstColumns, sqlite3_column_type(statement, count - 1) == SQLITE_NULL {
            count -= 1
        }
        for column in 0..<count {
            line.append(UInt8(ascii: column == 0 ? "[" : ","))
            switch sqlite3_column_type(statement, column) {
            case SQLITE_INTEGER: line.append(contentsOf: String(sqlite3_column_int64(statement, column)).utf8)
            case SQLITE_NULL: line.append(contentsOf: "null".utf8)
            case SQLITE_BLOB:
                let bytes = UnsafeRawBufferPointer(
                    start: sqlite3_column_blob(statement, column), count: Int(sqlite3_column_bytes(statement, column)))
                line.append(UInt8(ascii: "\""))
                Hexadecimal.append(bytes, to: &line)
                line.append(UInt8(ascii: "\""))
            // A fraction was never written: whatever is said of it, the digest is another.
            default: CanonicalJSON.append(utf8: self.text(statement, column), to: &line)
            }
        }
        line.append(contentsOf: "]\n".utf8)
    }

    /// Good until the next step; the text comes first, since asking for it may change its length
    /// (https://www.sqlite.org/c3ref/column_blob.html).
    private static func text(_ statement: SQLiteStatement, _ column: Int32) -> UnsafeBufferPointer<UInt8> {
        let start = sqlite3_column_text(statement, column)
        return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }
}
