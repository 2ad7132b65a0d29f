import Foundation
import GRDB
import Residency
import Vocabulary

/// An intent without outcome.
public struct OpenIntent: Hashable, Sendable {
    /// The number of its record.
    public let sequence: Int64
    /// The request.
    public let request: RequestID
    /// The number of the send.
    public let attempt: Int
    /// The backend that it was meant for.
    public let backend: BackendID

    /// The outcome of an intent that is found open when its node is no more.
    public var outcomeAfterCrash: AuditOutcome {
        AuditOutcome(
            request: self.request, attempt: self.attempt, backend: self.backend, result: .unknownAfterCrash)
    }
}

/// The table beside the chain that finds intents.
enum DepartureIndex {
    /// Keeps the table in step with a record that was just written.
    static func note(_ event: AuditEvent, _ sequence: Int64, at time: WallTime, in db: Database) throws {
        switch event {
        case .intent(let intent):
            let verdict = intent.verdict
            try db.cachedStatement(
                sql: """
                    INSERT INTO departure (seq, time, request, attempt, backend, rule, bytes)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                sequence, time.microseconds, Data(verdict.request.columnBytes), intent.attempt,
                verdict.backend.rawValue, verdict.rule?.rawValue, intent.bytes,
            ])
        case .outcome(let outcome):
            try db.cachedStatement(
                sql: "UPDATE departure SET outcome = ? WHERE request = ? AND attempt = ? AND outcome IS NULL"
            ).execute(arguments: [sequence, Data(outcome.request.columnBytes), outcome.attempt])
        case .genesis, .start, .configuration, .decision, .backend, .local, .lost, .clock, .stop:
            break
        }
    }

    /// All intents without outcome; only these are read.
    static func open(_ db: Database) throws -> [OpenIntent] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT seq, request, attempt, backend FROM departure INDEXED BY departure_open
                WHERE outcome IS NULL ORDER BY seq
                """)
        return rows.compactMap { row in
            guard let request = RequestID(columnBytes: Array(row[1] as Data)) else { return nil }
            return OpenIntent(sequence: row[0], request: request, attempt: row[2], backend: BackendID(row[3]))
        }
    }

    /// All that was allowed to leave since `moment`, in the order of its records, whatever became of it. Sees what is
    /// committed; more than `Bounds.auditDepartures` is a problem, since limits cannot be held to a part. Blocks.
    static func departures(
        since moment: WallTime, in database: DatabaseQueue, path: String
    ) throws(StorageProblem) -> [DayLedger.Departure] {
        do {
            return try database.read { db in
                let rows = try Row.fetchCursor(
                    db,
                    sql: "SELECT rule, bytes, time FROM departure WHERE time >= ? AND rule IS NOT NULL ORDER BY seq",
                    arguments: [moment.microseconds])
                var found: [DayLedger.Departure] = []
                while let row = try rows.next() {
                    guard found.count < Bounds.auditDepartures else {
                        throw StorageProblem(
                            .tooMuch, "more than \(Bounds.auditDepartures) departures since \(moment.rfc3339)")
                    }
                    found.append(
                        DayLedger.Departure(
                            rule: RuleID(row[0]), bytes: row[1], wall: WallTime(microseconds: row[2])))
                }
                return found
            }
        } catch {
            throw StorageProblem(error, deed: "read", path: path)
        }
    }
}

extension AuditStore {
    /// All that was allowed to leave since `moment`: what the limits of a day are held to. Blocks.
    public func departures(since moment: WallTime) throws(StorageProblem) -> [DayLedger.Departure] {
        try DepartureIndex.departures(since: moment, in: self.database, path: self.path)
    }
}

extension AuditReader {
    /// All that was allowed to leave since `moment`, as the node itself would count it. Blocks.
    public func departures(since moment: WallTime) throws(StorageProblem) -> [DayLedger.Departure] {
        try DepartureIndex.departures(since: moment, in: self.database, path: self.path)
    }
}
