import Accounting
import Foundation
import GRDB
import Testing
import Vocabulary

@testable import Storage

/// A folder of its own for one test, removed with it.
final class Folder {
    let path: String

    init() throws {
        let place = FileManager.default.temporaryDirectory.appendingPathComponent("usage-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        self.path = place.path
    }

    deinit { try? FileManager.default.removeItem(atPath: self.path) }

    func file(_ name: String = "usage.sqlite") -> String { "\(self.path)/\(name)" }
}

/// Gives up on a lock at once and tries again soon.
let hasty = Patience(lock: .milliseconds(1), restMin: .milliseconds(2), restMax: .milliseconds(5))

let noon = WallTime(rfc3339: "2026-11-24T12:00:00Z")!

func row(
    _ number: Int = 0, at time: WallTime = noon, model: ModelName? = "llama3.2:latest", key: KeyID? = "abcd2345",
    status: Int = 200
) -> UsageRow {
    var generator = SeededGenerator(seed: UInt64(number))
    return UsageRow(
        time: time, requestID: RequestID(at: time, using: &generator), key: key, project: "billing", feature: nil,
        model: model, modelAsked: "general", backend: "gpu1", route: "local", endpoint: "/v1/chat/completions",
        promptTokens: Tokens(100), outputTokens: Tokens(20), queued: .milliseconds(5), firstToken: .milliseconds(300),
        total: .seconds(2), status: status, reason: .allowLocal, attempts: 1, isStreamed: true)
}

extension UsageStore {
    /// All that is in it.
    func everything() throws -> UsageTotals {
        let lines = try self.summary(from: WallTime(microseconds: 0), to: WallTime(microseconds: .max), by: [])
        return try #require(lines.first).totals
    }
}

/// Plays another process that holds the file.
final class Holder {
    private let database: DatabaseQueue

    init(_ path: String) throws {
        self.database = try DatabaseQueue(path: path, configuration: Self.configuration)
        try self.database.inDatabase { try $0.execute(sql: "BEGIN IMMEDIATE") }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return configuration
    }

    func letGo() throws {
        try self.database.inDatabase { try $0.execute(sql: "ROLLBACK") }
    }
}
