import Accounting
import GRDB
import GRDBSQLite
import Vocabulary

/// Writes rows through one prepared statement, bound by SQLite's own calls: GRDB's arguments double the cost of a row
/// (7.8 us instead of 3.8, all of writing included), and this runs once for every request.
enum UsageInsert {
    private static let columns = [
        "time", "request", "key", "project", "feature", "model", "model_asked", "backend", "route", "endpoint",
        "prompt_tokens", "output_tokens", "queued", "loading", "first_token", "total", "status", "reason", "attempts",
        "streamed",
    ]

    private static let sql = """
        INSERT INTO usage (\(columns.joined(separator: ", "))) \
        VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
        """

    /// Writes all rows or none.
    static func write(_ rows: ArraySlice<UsageRow>, to db: Database) throws {
        try db.inTransaction(.immediate) {
            let statement = try db.cachedStatement(sql: self.sql).sqliteStatement
            defer { sqlite3_clear_bindings(statement) }
            for row in rows {
                self.bind(row, to: statement)
                let result = sqlite3_step(statement)
                sqlite3_reset(statement)
                guard result == SQLITE_DONE else { throw self.error(result, db) }
            }
            return .commit
        }
    }

    /// In the order of `columns`.
    private static func bind(_ row: UsageRow, to statement: SQLiteStatement) {
        var binder = Binder(statement: statement)
        binder.next(row.time.microseconds)
        binder.next(row.requestID.columnBytes)
        binder.next(row.key?.rawValue)
        binder.next(row.project?.rawValue)
        binder.next(row.feature?.rawValue)
        binder.next(row.model?.rawValue)
        binder.next(row.modelAsked)
        binder.next(row.backend?.rawValue)
        binder.next(row.route)
        binder.next(row.endpoint)
        binder.next(row.promptTokens?.count)
        binder.next(row.outputTokens?.count)
        binder.next(row.queued?.microseconds)
        binder.next(row.loading?.microseconds)
        binder.next(row.firstToken?.microseconds)
        binder.next(row.total.microseconds)
        binder.next(row.status)
        binder.next(row.reason.rawValue)
        binder.next(row.attempts)
        binder.next(row.isStreamed ? 1 : 0)
        precondition(binder.index == self.columns.count, "\(binder.index) values for \(self.columns.count) columns")
    }

    private static func error(_ result: Int32, _ db: Database) -> DatabaseError {
        let message = db.sqliteConnection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: result), message: message)
    }
}

/// Binds one value after the other. Binding fails only for a value of gigabytes or an index that is not there
/// (https://www.sqlite.org/c3ref/bind_blob.html), neither of which comes from a row.
private struct Binder {
    let statement: SQLiteStatement
    private(set) var index = 0

    init(statement: SQLiteStatement) {
        self.statement = statement
    }

    /// "SQLite makes its own private copy of the data immediately" (the same page). A macro that Swift cannot import.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    mutating func next(_ number: (some BinaryInteger)?) {
        self.index += 1
        if let number {
            self.check(sqlite3_bind_int64(self.statement, Int32(self.index), Int64(number)))
        } else {
            self.check(sqlite3_bind_null(self.statement, Int32(self.index)))
        }
    }

    mutating func next(_ text: String?) {
        self.index += 1
        guard var text else { return self.check(sqlite3_bind_null(self.statement, Int32(self.index))) }
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                self.check(
                    sqlite3_bind_text(
                        self.statement, Int32(self.index), characters.baseAddress, Int32(bytes.count), Self.transient))
            }
        }
    }

    mutating func next(_ bytes: [UInt8]) {
        self.index += 1
        self.check(
            sqlite3_bind_blob(self.statement, Int32(self.index), bytes, Int32(bytes.count), Self.transient))
    }

    private func check(_ result: Int32) {
        precondition(result == SQLITE_OK, "SQLite \(result) while value \(self.index) was bound")
    }
}
