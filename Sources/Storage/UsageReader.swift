import Accounting
import GRDB
import Vocabulary

/// Reads a usage file on a connection of its own; also for the command line, while a daemon writes. Every call blocks.
public final class UsageReader: Sendable {
    /// Lines of a summary; a question with more is refused with a way out.
    public static let groupsMax = 10_000

    let path: String
    let database: DatabaseQueue

    /// Opens the file at `path`, which must exist. Blocks.
    public init(path: String) throws(StorageProblem) {
        self.path = path
        self.database = try UsageStore.file.openForReading(path)
    }

    /// See `UsageStore.summary`.
    public func summary(
        from: WallTime, to: WallTime, by dimensions: [UsageDimension]
    ) throws(StorageProblem) -> [UsageSummary] {
        let rows: [UsageSummary]
        do {
            rows = try self.database.read { db in
                try Row.fetchAll(
                    db, sql: Self.sql(dimensions), arguments: [from.microseconds, to.microseconds, Self.groupsMax + 1]
                ).map { Self.summary($0, dimensions) }
            }
        } catch {
            throw StorageProblem(error, deed: "read", path: self.path)
        }
        if rows.count > Self.groupsMax {
            throw StorageProblem(
                .tooMuch, "the summary has more than \(Self.groupsMax) lines; ask for fewer days or fewer dimensions")
        }
        return rows
    }

    private static func sql(_ dimensions: [UsageDimension]) -> String {
        let keys = dimensions.map(self.expression)
        let list = keys.map { "\($0), " }.joined()
        let places = dimensions.indices.map { "\($0 + 1)" }.joined(separator: ", ")
        let ends = UsageTotals.ends.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return """
            SELECT \(list)count(*), ifnull(sum(status >= 400 OR reason NOT IN (\(ends))), 0),
                ifnull(sum(prompt_tokens), 0), ifnull(sum(output_tokens), 0), ifnull(sum(total), 0), ifnull(sum(queued), 0),
                ifnull(sum(first_token), 0), count(first_token)
            FROM usage WHERE time >= ? AND time < ?
            \(keys.isEmpty ? "" : "GROUP BY \(places) ORDER BY \(places)")
            LIMIT ?
            """
    }

    private static func expression(_ dimension: UsageDimension) -> String {
        switch dimension {
        case .day: "time / 86400000000"
        case .model: "model"
        case .key: "key"
        case .project: "project"
        case .feature: "feature"
        case .principal: "principal"
        case .backend: "backend"
        }
    }

    private static func summary(_ row: Row, _ dimensions: [UsageDimension]) -> UsageSummary {
        let group = dimensions.enumerated().map { place, dimension in
            switch dimension {
            case .day: (row[place] as Int64?).map { CivilTime(secondsSinceEpoch: $0 * 86_400).day }
            case .model, .key, .project, .feature, .principal, .backend: row[place] as String?
            }
        }
        let base = dimensions.count
        var totals = UsageTotals()
        totals.requests = row[base]
        totals.errors = row[base + 1]
        totals.promptTokens = row[base + 2]
        totals.outputTokens = row[base + 3]
        totals.total = .microseconds(row[base + 4] as Int64)
        totals.queued = .microseconds(row[base + 5] as Int64)
        totals.firstToken = .microseconds(row[base + 6] as Int64)
        totals.firstTokens = row[base + 7]
        return UsageSummary(group: group, totals: totals)
    }
}
