import Accounting
import Foundation
import GRDB
import Vocabulary

/// Writes rows through one prepared statement.
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
            let statement = try db.cachedStatement(sql: self.sql)
            for row in rows {
                statement.setUncheckedArguments(self.arguments(of: row))
                try statement.execute()
            }
            return .commit
        }
    }

    /// In the order of `columns`.
    private static func arguments(of row: UsageRow) -> StatementArguments {
        [
            row.time.microseconds, Data(row.requestID.columnBytes), row.key?.rawValue, row.project?.rawValue,
            row.feature?.rawValue, row.model?.rawValue, row.modelAsked, row.backend?.rawValue, row.route, row.endpoint,
            row.promptTokens?.count, row.outputTokens?.count, row.queued?.microseconds, row.loading?.microseconds,
            row.firstToken?.microseconds, row.total.microseconds, row.status, row.reason.rawValue, row.attempts,
            row.isStreamed,
        ]
    }
}
