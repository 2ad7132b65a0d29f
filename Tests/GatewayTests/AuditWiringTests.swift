import EventLoop
import Foundation
import GRDB
import Logging
import Residency
import Storage
import Testing
import Vocabulary

@testable import Gateway

/// The records of the chain in a state folder.
func records(in folder: String) throws -> [AuditRecord] {
    var found: [AuditRecord] = []
    var verifier = AuditVerifier()
    try AuditReader(path: folder + "/audit.sqlite").records { result in
        if case .success(let record) = result {
            #expect(verifier.check(record) == nil)
            found.append(record)
        } else {
            Issue.record("\(result)")
        }
        return true
    }
    return found
}

extension AuditRecord {
    /// The body's members.
    var members: [String: Any] {
        (try? JSONSerialization.jsonObject(with: Data(self.body)) as? [String: Any]) ?? [:]
    }
}

extension DaemonPlay {
    /// Until the chain has `count` records of `kind`; all of them.
    fileprivate func records(_ kind: AuditKind, count: Int) async throws -> [AuditRecord] {
        func now() -> [AuditRecord] {
            ((try? GatewayTests.records(in: self.folder["state"])) ?? []).filter { $0.kind == kind.rawValue }
        }
        await self.until("\(count) records of the kind \(kind)") { now().count >= count }
        return now()
    }
}

extension OnTheWire {
    /// What the node decides stands in the audit chain.
    @Suite struct AuditWiringTests {
        @Test func `a refusal for residency's sake is a record, all else is not`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                func ask(_ path: String, _ body: String) async throws -> String {
                    try #require(try await play.ask("POST", path, body: body)["x-gatehouse-request-id"])
                }
                _ = try await ask("/v1/chat/completions", AnswerHeadersTests.chat)
                _ = try await ask("/api/chat", #"{"model":"nobody","messages":[]}"#)
                _ = try await ask("/api/chat", "{")
                let ids = [
                    try await ask("/api/pull", #"{"model":"private-words"}"#),
                    try await ask("/api/chat", #"{"model":"private-words:cloud","messages":[]}"#),
                    try await ask(
                        "/v1/messages",
                        #"""
                        {"model":"llama3.2:3b","max_tokens":9,"messages":[{"role":"user","content":"private-words"}],
                        "tools":[{"type":"web_search_20250305","name":"web_search"}],
                        "tool_choice":{"type":"tool","name":"web_search"}}
                        """#),
                ]
                let decisions = try await play.records(.decision, count: 3)
                #expect(decisions.map { $0.members["request_id"] as? String } == ids)
                #expect(
                    decisions.map { $0.members["reason"] as? String } == [
                        "path_forbidden", "remote_model", "tool_forbidden",
                    ])
                #expect(decisions.allSatisfy { $0.members["decision"] as? String == "deny" })
                #expect(
                    decisions.map { $0.members["endpoint"] as? String } == ["none", "/api/chat", "/v1/messages"])
                for record in decisions {
                    #expect(!String(decoding: record.body, as: UTF8.self).contains("private"), "a caller's words")
                }
            }
        }

        @Test func `requests are counted once a minute, with the digest of their rows`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                for _ in 0..<3 { _ = try await play.ask("POST", "/v1/chat/completions", body: AnswerHeadersTests.chat) }
                _ = try await play.ask("GET", "/nowhere")
                play.timers.advance(by: Auditor.countEvery)
                let counted = try #require(try await play.records(.local, count: 1).first)
                let rows = try #require(AuditedRows(body: counted.body, kind: counted.kind))
                #expect((rows.first, rows.last, rows.requests, rows.servedLocally) == (1, 4, 4, 3))
                let usage = try UsageReader(path: play.folder["state/usage.sqlite"])
                #expect(try usage.rows(from: 1, through: 4) == rows)
                play.timers.advance(by: Auditor.countEvery)
                _ = try await play.ask("GET", "/nowhere")
                play.timers.advance(by: Auditor.countEvery)
                let next = try await play.records(.local, count: 2)
                #expect(next.count == 2, "a minute without requests is no record")
                #expect(next.last?.members["usage_first"] as? Int == 5)
            }
        }

        @Test func `a file begins with the node and its configuration, and each reload is told`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                let genesis = try #require(try await play.records(.genesis, count: 1).first)
                #expect(genesis.sequence == 1)
                #expect(genesis.members["node"] as? String == "play")
                #expect(genesis.members["version"] as? String == Version.text)
                #expect(genesis.members["previous_file"] is NSNull)
                let files = genesis.members["files"] as? [String: String]
                let manifest = try play.folder.text(of: "models.manifest")
                #expect(files?["manifest"] == "\(AuditHash(of: Array(manifest.utf8)))", "as sha256sum tells it")
                #expect(files?.keys.sorted() == ["gatehouse", "manifest"])
                try play.folder.write("schema: 1\nmodels: {a: {}}\n", to: "models.manifest")
                _ = try await AdminWiringTests.client(of: play).post("/reload")
                let reload = try #require(try await play.records(.configuration, count: 1).first)
                #expect(reload.members["generation"] as? Int == 2)
                #expect(reload.members["fingerprint"] as? String != genesis.members["fingerprint"] as? String)
            }
        }

        @Test func `a node that finds another one at its place tells the chain nothing`() async throws {
            try await DaemonPlay.run { play in
                _ = try await play.records(.genesis, count: 1)
                let intent = try AuditIntent.one()
                _ = try await play.node.auditor.intend(intent)
                let loader = ConfigurationLoader(path: play.folder["gatehouse.yaml"], nodeDefault: "play")
                let second = try Daemon(
                    try loader.load(), loader: loader, timers: SettableTimers(), log: play.node.log,
                    lines: play.node.lines)
                #expect(throws: StartFailure.self) { try second.listen() }
                second.stop()
                second.stop()
                #expect(try GatewayTests.records(in: play.folder["state"]).map(\.kind) == ["genesis", "intent"])
                play.node.auditor.outcome(intent.completed)
                _ = try await play.records(.outcome, count: 1)
            }
        }

        @Test func `status names the head, metrics count, health passes`() async throws {
            try await DaemonPlay.run { play in
                await play.untilReady()
                let genesis = try #require(try await play.records(.genesis, count: 1).first)
                await play.until("the head is known") { play.node.auditor.head != nil }
                #expect(play.node.statusReport.auditHead == "1:\(genesis.hash)")
                let metrics = String(decoding: MetricsReport(play.node).text, as: UTF8.self)
                #expect(metrics.contains("\ngatehouse_audit_writing 1\n"))
                #expect(metrics.contains("\ngatehouse_audit_last_record 1\n"))
                #expect(play.node.ownChecks.map(\.key) == ["storage:usage", "storage:audit", "layer:kernel"])
                #expect(play.node.ownChecks.allSatisfy { $0.status == .pass })
            }
        }
    }

    /// A node that stops, starts again, or cannot write.
    @Suite struct AuditorTests {
        private static let start = AuditStart(
            node: "n", version: "1", configuration: AuditConfiguration(generation: 1, files: [:]))
        private static let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

        /// Starts and stops one; what it warned of.
        @LoopActor private static func run(in folder: String) throws -> [String] {
            let auditor = try Auditor(folder: folder, usage: nil, timers: SettableTimers(), log: Self.log)
            auditor.begin(Self.start, folder: folder)
            let warnings = auditor.warnings
            auditor.close()
            auditor.close()
            return warnings
        }

        @Test func `a chain goes on at the next start, and tells what was changed meanwhile`() async throws {
            let folder = try TemporaryFolder()
            for _ in 0..<2 {
                let warnings = try await onLoop { try Self.run(in: folder.path) }
                #expect(warnings == [])
            }
            #expect(try records(in: folder.path).map(\.kind) == ["genesis", "stop", "start", "stop"])
            #expect(try records(in: folder.path)[2].members["tail"] as? String == "whole")
            let database = try DatabaseQueue(path: folder["audit.sqlite"])
            try await database.write { db in
                try db.execute(sql: "DROP TRIGGER audit_is_not_changed; UPDATE audit SET time = 7 WHERE seq = 2")
            }
            try database.close()
            let warnings = try await onLoop { try Self.run(in: folder.path) }
            #expect(warnings.count == 1)
            #expect(warnings.first?.hasPrefix("the audit chain did not hold at the start: record 2: ") == true)
        }

        @Test func `a new file names the last hash of the one that was moved away`() async throws {
            let folder = try TemporaryFolder()
            _ = try await onLoop { try Self.run(in: folder.path) }
            let last = try #require(try records(in: folder.path).last)
            try FileManager.default.moveItem(atPath: folder["audit.sqlite"], toPath: folder["audit-2026-11.sqlite"])
            _ = try await onLoop { try Self.run(in: folder.path) }
            #expect(try records(in: folder.path)[0].members["previous_file"] as? String == "\(last.hash)")
        }

        @Test func `a file that cannot be opened stops nobody, and is told`() async throws {
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(
                atPath: folder["audit.sqlite"], withIntermediateDirectories: false)
            try await onLoop {
                let auditor = try Auditor(folder: folder.path, usage: nil, timers: SettableTimers(), log: Self.log)
                auditor.begin(Self.start, folder: folder.path)
                auditor.record(.stop)
                guard case .failing(let problem) = auditor.condition else {
                    Issue.record("\(auditor.condition)")
                    return
                }
                #expect(problem.code == .cannotOpen)
                #expect(auditor.lost == 2)
                #expect(auditor.warnings.count == 2)
                #expect(auditor.warnings[0].hasPrefix("the audit chain cannot be written: cannot open "))
                auditor.close()
            }
        }

        @Test func `a file of a later version or of another program is the operator's to move`() async throws {
            let folder = try TemporaryFolder()
            try folder.write(String(repeating: "A", count: 8192), to: "audit.sqlite")
            await #expect {
                _ = try await onLoop { try Self.run(in: folder.path) }
            } throws: {
                ($0 as? StorageProblem)?.code == .foreign
            }
        }

        @Test func `what becomes of a backend is told as it happens`() {
            let all: [BackendStanding] = [
                .allowed, .refused(.addressForbidden), .refused(.cloudNotOff), .quarantined,
            ]
            func words(_ from: BackendStanding, _ to: BackendStanding) -> [String] {
                from.changes(to: to, of: "gpu1").map { "\($0.change.rawValue) \($0.reason.rawValue)" }
            }
            for standing in all { #expect(words(standing, standing) == []) }
            #expect(words(.allowed, .quarantined) == ["quarantined backend_quarantined"])
            #expect(words(.quarantined, .allowed) == ["released backend_quarantined"])
            #expect(
                words(.quarantined, .refused(.addressForbidden)) == [
                    "released backend_quarantined", "refused addr_class",
                ])
            #expect(words(.refused(.addressForbidden), .allowed) == ["allowed addr_class"])
            #expect(words(.refused(.addressForbidden), .refused(.cloudNotOff)) == ["refused cloud_not_off"])
            #expect(words(.refused(.cloudNotOff), .quarantined) == ["quarantined backend_quarantined"])
        }
    }
}
