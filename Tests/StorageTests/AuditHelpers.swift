import Foundation
import GRDB
import Residency
import Vocabulary

@testable import Storage

extension AuditEvent {
    /// A file begins.
    static let beginning = AuditEvent.genesis(
        AuditStart(node: "gw", version: "0.1.0", configuration: AuditConfiguration(generation: 1, files: [:])),
        previousFile: nil)

    /// A decision about a request of its own.
    static func refusal(_ number: Int = 0) -> AuditEvent {
        .decision(
            AuditDecision(
                request: row(number).requestID, endpoint: "/api/chat", verdict: .deny, reason: .remoteModel,
                outcome: .remoteModel, status: 403))
    }
}

extension AuditReader {
    /// All records, or those that `filter` lets through.
    func all(_ filter: Filter = Filter()) throws -> [AuditRecord] {
        var found: [Result<AuditRecord, AuditFault>] = []
        try self.records(filter) { record in
            found.append(record)
            return true
        }
        return try found.map { try $0.get() }
    }

    /// The first thing that is wrong with the chain.
    func fault(_ checkpoints: [AuditCheckpoint] = []) throws -> AuditFault? {
        var verifier = AuditVerifier(checkpoints: checkpoints)
        var fault: AuditFault?
        try self.records { record in
            switch record {
            case .success(let record): fault = verifier.check(record)
            case .failure(let malformed): fault = malformed
            }
            return fault == nil
        }
        return fault ?? verifier.finish()
    }
}

/// Changes an audit file as somebody would who owns it, past its triggers.
func tamper(_ path: String, _ sql: String) throws {
    let database = try DatabaseQueue(path: path)
    try database.inDatabase { db in
        for name in try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'trigger'") {
            try db.execute(sql: "DROP TRIGGER \(name)")
        }
        try db.execute(sql: sql)
    }
    try database.close()
}
