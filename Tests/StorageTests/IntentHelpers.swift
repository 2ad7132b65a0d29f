import Foundation
import GRDB
import Residency
import Testing
import Vocabulary

@testable import Storage

extension AuditIntent {
    /// The policy of these tests: `overflow` lets public requests go to `euai`.
    private static let policy = Result {
        try Policy(
            source: .init(hash: AuditHash(of: []), revision: "1"),
            external: [
                "euai": ExternalTerms(
                    jurisdiction: "EU", prefixes: [try CIDR(parsing: "8.8.8.0/24")], trust: .system,
                    models: ["m-large"])
            ],
            rules: [
                PolicyRule(
                    id: "overflow", effect: .allow(.init(sensitivityMax: .public, triggers: [.localDown])),
                    to: ["euai"])
            ])
    }

    /// An intent of a request of its own, to send `bytes`.
    static func one(_ number: Int = 0, attempt: Int = 1, bytes: Int = 100) throws -> AuditIntent {
        let question = PolicyQuestion(
            request: row(number).requestID, backend: "euai", model: "m-large", trigger: .localDown,
            classification: Classification(sensitivity: .public, sources: ["default"]), caller: PolicyCaller(),
            bytes: bytes, declinesExternal: false)
        let verdict = try self.policy.get().judge(
            question, today: DayLedger(clock: .utc), at: .zero, wall: noon)
        #expect(verdict.isAllowed)
        return AuditIntent(
            verdict: verdict, attempt: attempt, endpoint: "/api/chat", key: nil, project: nil, feature: nil,
            sensitivitySources: ["default"], jurisdiction: "EU", addresses: [], candidates: [], bytes: bytes,
            bodyHash: .zero, commitment: .zero)
    }

    /// It went well.
    var completed: AuditEvent {
        .outcome(
            AuditOutcome(
                request: self.verdict.request, attempt: self.attempt, backend: self.verdict.backend,
                result: .completed, status: 200, bytesOut: self.bytes))
    }
}

extension AuditStore {
    /// Waits for `intent` without end; the number of its record.
    func intend(_ intent: AuditIntent, at time: WallTime = noon) async throws(IntentProblem) -> Int64 {
        let proof = try await self.append(durable: intent, at: time) { _ in }
        return proof.sequence
    }

    /// Why `intent` is not durable, if `deadline` is treated so; `nil` if it is.
    func problem(
        with intent: AuditIntent, deadline: (@escaping @Sendable () -> Void) -> Void = { _ in }
    ) async -> IntentProblem? {
        do throws(IntentProblem) {
            _ = try await self.append(durable: intent, at: noon, deadline: deadline)
            return nil
        } catch {
            return error
        }
    }
}

/// Kinds and numbers of the departures in the table beside the chain, with the record of their outcome.
func departures(_ store: AuditStore) throws -> [[Int64?]] {
    try store.database.read { db in
        try Row.fetchAll(db, sql: "SELECT seq, attempt, outcome FROM departure ORDER BY seq").map { row in
            [row[0], row[1], row[2]]
        }
    }
}
