import Foundation
import GRDB
import Residency
import Vocabulary

/// Reads an audit file on a connection of its own; for the command line, also while a daemon writes. Every call blocks.
public final class AuditReader: Sendable {
    /// Which records are wanted; `nil` means any.
    public struct Filter: Sendable {
        /// Of this number or a higher one.
        public var first: Int64?
        /// Of this number or a lower one.
        public var last: Int64?
        /// Not before this moment.
        public var from: WallTime?
        /// Before this moment.
        public var to: WallTime?
        /// Of this kind.
        public var kind: AuditKind?
        /// About this request.
        public var request: RequestID?

        /// All records.
        public init() {}
    }

    /// The file.
    public let path: String
    let database: DatabaseQueue

    static let sql = "SELECT seq, time, kind, body, body_sha256, previous, hash FROM audit"

    /// Opens the file at `path`, which must exist. Blocks.
    public init(path: String) throws(StorageProblem) {
        self.path = path
        self.database = try AuditStore.file.openForReading(path)
    }

    /// Gives each record that `filter` lets through to `body`, in the order of their numbers, until it returns false.
    /// What is no record any more comes as the fault that it is. All of them are those of one moment.
    public func records(
        _ filter: Filter = Filter(), _ body: (Result<AuditRecord, AuditFault>) -> Bool
    ) throws(StorageProblem) {
        let (condition, arguments) = Self.condition(filter)
        do {
            try self.database.read { db in
                let rows = try Row.fetchCursor(
                    db, sql: Self.sql + condition + " ORDER BY seq", arguments: arguments)
                while let row = try rows.next() {
                    if !body(Self.record(row)) { return }
                }
            }
        } catch {
            throw StorageProblem(error, deed: "read", path: self.path)
        }
    }

    /// The last record, whatever its worth; `nil` if there is none.
    public func head() throws(StorageProblem) -> AuditChain.Head? {
        do { return try self.database.read { try AuditTail.head($0) } } catch {
            throw StorageProblem(error, deed: "read", path: self.path)
        }
    }

    /// The numbers of the first record that is not before `from`, and of the last one that is before `to`; `nil` where
    /// there is none. Where the clock was set back, records outside of that time may lie between the two.
    public func numbers(from: WallTime?, to: WallTime?) throws(StorageProblem) -> (first: Int64?, last: Int64?) {
        do {
            return try self.database.read { db in
                (
                    try from.flatMap {
                        try Int64.fetchOne(
                            db, sql: "SELECT min(seq) FROM audit WHERE time >= ?", arguments: [$0.microseconds])
                    },
                    try to.flatMap {
                        try Int64.fetchOne(
                            db, sql: "SELECT max(seq) FROM audit WHERE time < ?", arguments: [$0.microseconds])
                    }
                )
            }
        } catch {
            throw StorageProblem(error, deed: "read", path: self.path)
        }
    }

    private static func condition(_ filter: Filter) -> (String, StatementArguments) {
        var terms: [String] = []
        var arguments = StatementArguments()
        func add(_ term: String, _ value: (some DatabaseValueConvertible)?) {
            guard let value else { return }
            terms.append(term)
            arguments += [value]
        }
        add("seq >= ?", filter.first)
        add("seq <= ?", filter.last)
        add("time >= ?", filter.from?.microseconds)
        add("time < ?", filter.to?.microseconds)
        add("kind = ?", filter.kind?.rawValue)
        let body = "CAST(body AS TEXT)"
        add(
            "CASE WHEN json_valid(\(body)) THEN json_extract(\(body), '$.request_id') = ? ELSE 0 END",
            filter.request.map { "\($0)" })
        return (terms.isEmpty ? "" : " WHERE " + terms.joined(separator: " AND "), arguments)
    }

    /// The record in a row. SQLite keeps values of any type in any column, so that a file in which somebody has written
    /// can hold anything.
    static func record(_ row: Row) -> Result<AuditRecord, AuditFault> {
        let sequence = Int64.fromDatabaseValue(row[0]) ?? 0
        func bytes(_ column: Int) -> [UInt8]? { Data.fromDatabaseValue(row[column]).map { Array($0) } }
        guard let time = Int64.fromDatabaseValue(row[1]), let kind = String.fromDatabaseValue(row[2]),
            let body = bytes(3), let bodyHash = bytes(4).flatMap({ AuditHash($0) }),
            let previous = bytes(5).flatMap({ AuditHash($0) }), let hash = bytes(6).flatMap({ AuditHash($0) })
        else { return .failure(AuditFault(.malformed, at: sequence)) }
        return .success(
            AuditRecord(
                sequence: sequence, time: WallTime(microseconds: time), kind: kind, body: body, bodyHash: bodyHash,
                previous: previous, hash: hash))
    }
}
