import Foundation
import GRDB
import Residency
import Vocabulary

/// The end of a chain as a node finds it at its start.
public struct AuditTail: Hashable, Sendable {
    /// The last record; `nil` in a new file.
    public let head: AuditChain.Head?
    /// What is wrong with the last `Bounds.auditTail` records; `nil` if they hold.
    public let fault: AuditFault?
    /// The last usage row that a record covers; 0 if there is none.
    public let lastRow: Int64
    /// Intents that have no outcome, the oldest first: the node that wrote them was killed, or stopped over them.
    public let open: [OpenIntent]

    init(reading db: Database) throws {
        self.head = try Self.head(db)
        let first = (self.head?.sequence ?? 0) - Int64(Bounds.auditTail) + 1
        var fault: AuditFault?
        if self.head != nil {
            var verifier = AuditVerifier(startsAnywhere: first > 1)
            let rows = try Row.fetchCursor(
                db, sql: AuditReader.sql + " WHERE seq >= ? ORDER BY seq", arguments: [first])
            while fault == nil, let row = try rows.next() {
                switch AuditReader.record(row) {
                case .success(let record): fault = verifier.check(record)
                case .failure(let malformed): fault = malformed
                }
            }
        }
        self.fault = fault
        // A body that is not JSON any more has been tampered with, which is told elsewhere.
        self.lastRow =
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT json_extract(CAST(body AS TEXT), '$.usage_last') FROM audit
                    WHERE kind = 'local' AND json_valid(CAST(body AS TEXT)) ORDER BY seq DESC LIMIT 1
                    """) ?? 0
        self.open = try DepartureIndex.open(db)
    }

    /// The last record, whatever its worth.
    static func head(_ db: Database) throws -> AuditChain.Head? {
        guard let row = try Row.fetchOne(db, sql: "SELECT seq, time, hash FROM audit ORDER BY seq DESC LIMIT 1") else {
            return nil
        }
        return AuditChain.Head(
            sequence: row[0], time: WallTime(microseconds: row[1]), hash: AuditHash(Array(row[2] as Data)) ?? .zero)
    }
}
