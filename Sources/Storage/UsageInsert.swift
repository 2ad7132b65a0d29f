import Accounting
import GRDB
import GRDBSQLite
import Vocabulary

/// Writes rows through one prepared statement, bound by SQLite's own calls: GRDB's arguments double the cost of a row
/// (7.8 us instead of 3.8, all of writing included), and this runs once for every request.
enum UsageInsert {
    /// Also their order in a row's line, see `UsageReader.rows`.
    static let columns = [
        "time", "request", "key", "project", "feature", "model", "model_asked", "backend", "route", "endpoint",
        "prompt_tokens", "output_tokens", "queued", "loading", "first_token", "total", "status", "reason", "attempts",
        "streamed", "principal",
    ]

    /// How many of them the first form of the file had. In a row's line later ones stand only as far as one has a value,
    /// so that rows of before keep their digest.
    static let firstColumns = 20

    private static let sql = """
        INSERT INTO usage (\(columns.joined(separator: ", "))) \
        VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
        """

    /// Writes all rows or none.
    @Sendable static func write(_ rows: ArraySlice<UsageRow>, to db: Database) throws {
        try db.inTransaction(.immediate) {
            let statement = try db.cachedStatement(sql: self.sql).sqliteStatement
            defer { sqlite3_clear_bindings(statement) }
            for row in rows {
                self.bind(row, to: statement)
                try Binder.run(statement, db)
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
        binder.next(row.principal?.rawValue)
        precondition(binder.index == self.columns.count, "\(binder.index) values for \(self.columns.count) columns")
    }
}
