import GRDB
import Residency
import Vocabulary

@testable import Gateway

extension AuditIntent {
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
        var generator = SeededGenerator(seed: UInt64(number))
        let time = WallTime(microseconds: 1_767_225_600_000_000)
        let question = PolicyQuestion(
            request: RequestID(at: time, using: &generator), backend: "euai", model: "m-large", trigger: .localDown,
            classification: Classification(sensitivity: .public, sources: ["default"]), caller: PolicyCaller(),
            bytes: bytes, declinesExternal: false)
        let verdict = try self.policy.get().judge(question, today: DayLedger(clock: .utc), at: .zero, wall: time)
        return AuditIntent(
            verdict: verdict, attempt: attempt, endpoint: "/api/chat", key: nil, project: nil, feature: nil,
            sensitivitySources: ["default"], jurisdiction: "EU", addresses: [], candidates: [], bytes: bytes,
            bodyHash: .zero, commitment: .zero)
    }

    /// It went well.
    var completed: AuditOutcome {
        AuditOutcome(
            request: self.verdict.request, attempt: self.attempt, backend: self.verdict.backend, result: .completed,
            status: 200, bytesOut: self.bytes, bytesIn: 4711, total: .milliseconds(812))
    }
}

/// Another process that holds an audit file, so that nothing can be written.
final class HeldFile {
    private let database: DatabaseQueue

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        self.database = try DatabaseQueue(path: path, configuration: configuration)
        try self.database.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
    }

    func letGo() throws {
        try self.database.inDatabase { try $0.execute(sql: "ROLLBACK") }
        try self.database.close()
    }
}
