import Foundation
import GRDB
import Residency
import Testing
import Vocabulary

@testable import Storage

struct `Durable intents` {
    private let folder: Folder
    private let path: String

    init() throws {
        self.folder = try Folder()
        self.path = self.folder.file("audit.sqlite")
    }

    /// A record that another process sees is committed.
    @Test func `the proof comes when the record is in the file, and names it`() async throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        let intent = try AuditIntent.one(7)
        let proof = try await store.append(durable: intent, at: noon) { _ in }
        let record = try #require(try AuditReader(path: self.path).all().last)
        #expect((record.kind, record.sequence) == ("intent", proof.sequence))
        #expect(proof.intent == intent)
        #expect(String(decoding: record.body, as: UTF8.self).contains("\(intent.verdict.request)"))
        #expect(try departures(store) == [[2, 1, nil]])
        store.append(intent.completed, at: noon)
        #expect(store.flush())
        #expect(try departures(store) == [[2, 1, 3]])
    }

    @Test func `a clock that was set back does not shift the number`() async throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        let sequence = try await store.intend(.one(), at: noon + .seconds(-5))
        #expect(sequence == 3)
        #expect(try AuditReader(path: self.path).all().map(\.kind) == ["genesis", "clock", "intent"])
    }

    @Test func `many at once share commits, and are in the chain in the order in which they came`() async throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        let sequences = await withTaskGroup(of: Int64?.self) { group in
            for number in 0..<500 { group.addTask { try? await store.intend(.one(number)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(sequences) == Set((2...501).map { Int64($0) }))
        let records = try AuditReader(path: self.path).all()
        let bodies = records.map { String(decoding: $0.body, as: UTF8.self) }.joined()
        #expect((0..<500).allSatisfy { bodies.contains("\(row($0).requestID)") })
        #expect(try AuditReader(path: self.path).fault() == nil)
    }

    @Test func `a closed store takes none`() async throws {
        let store = try AuditStore(path: self.path)
        store.close()
        #expect(await store.problem(with: try .one()) == .closed)
        #expect(!IntentProblem.closed.mayComeLater)
    }

    @Test func `while the disk is full none is taken, and one whose commit fails is not waited for`() async throws {
        let store = try AuditStore(path: self.path, recordsMax: 100, patience: hasty)
        store.append(.beginning, at: noon)
        #expect(store.flush())
        try store.database.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1") }
        // The pages that are there take some.
        var taken = 0
        var found: IntentProblem?
        while found == nil, taken < 100 {
            found = await store.problem(with: try .one(taken))
            taken += 1
        }
        guard case .failed(let problem) = found else {
            Issue.record("\(String(describing: found)) after \(taken)")
            return
        }
        #expect(problem.code == .full)
        #expect(await store.problem(with: try .one(200)) == .failing(problem))
        #expect(!IntentProblem.failing(problem).mayComeLater && IntentProblem.failed(problem).mayComeLater)
        let last = try AuditIntent.one(taken - 1)
        #expect(store.append(.outcome(AuditOutcome(notSent: last, reason: .auditUnavailable)), at: noon))
        #expect(store.lost == 0, "nothing was lost that happened")
        try store.database.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(store.flush())
        #expect(try departures(store).count == taken)
        #expect(try departures(store).last?.last == Int64(taken + 2))
        #expect(await store.problem(with: try .one(201)) == nil)
    }

    @Test func `one that the disk does not take in time may come later, with its outcome behind it`() async throws {
        let store = try AuditStore(path: self.path, recordsMax: 100, patience: Patience())
        store.append(.beginning, at: noon)
        #expect(store.flush())
        let holder = try Holder(self.path)
        let problem = await store.problem(with: try .one()) { giveUp in giveUp() }
        #expect(problem == .late)
        #expect(IntentProblem.late.mayComeLater)
        store.append(.outcome(AuditOutcome(notSent: try .one(), reason: .auditUnavailable)), at: noon)
        try holder.letGo()
        #expect(store.flush())
        #expect(try AuditReader(path: self.path).all().map(\.kind) == ["genesis", "intent", "outcome"])
        #expect(try departures(store) == [[2, 1, 3]])
    }

    @Test func `a deadline that comes after the proof does nothing`() async throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        var late: (@Sendable () -> Void)?
        #expect(await store.problem(with: try .one()) { giveUp in late = giveUp } == nil)
        let giveUp = try #require(late)
        giveUp()
        giveUp()
    }

    @Test func `a full queue takes no intent, and every outcome`() async throws {
        let store = try AuditStore(path: self.path, recordsMax: 20, patience: Patience())
        store.append(.beginning, at: noon)
        #expect(store.flush())
        let holder = try Holder(self.path)
        let intents = try (0..<20).map { try AuditIntent.one($0) }
        for intent in intents {
            #expect(await store.problem(with: intent) { giveUp in giveUp() } == .late)
        }
        #expect(await store.problem(with: try .one(20)) == .queueFull)
        #expect(!IntentProblem.queueFull.mayComeLater)
        #expect(store.lost == 0)
        #expect(!store.append(.refusal(), at: noon))
        for intent in intents {
            #expect(store.append(.outcome(AuditOutcome(notSent: intent, reason: .auditUnavailable)), at: noon))
        }
        #expect((store.queued, store.lost) == (40, 1))
        try holder.letGo()
        #expect(store.flush())
        #expect(try departures(store).count == 20)
        #expect(try departures(store).allSatisfy { $0[2] != nil })
    }

    @Test func `one that waits when the store is closed over a held file is let go`() async throws {
        let store = try AuditStore(path: self.path, recordsMax: 20, patience: hasty)
        store.append(.beginning, at: noon)
        #expect(store.flush())
        let holder = try Holder(self.path)
        async let problem = store.problem(with: try .one())
        guard case .failed(let found) = try await problem else {
            Issue.record("not told that it failed")
            return
        }
        #expect(found.code == .locked)
        #expect(store.close())
        try holder.letGo()
    }

    @Test func `ten thousand between other events keep one chain, each with its outcome behind it`() async throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        await withTaskGroup(of: Void.self) { group in
            for lane in 0..<50 {
                group.addTask {
                    for number in 0..<200 {
                        guard let intent = try? AuditIntent.one(lane * 200 + number) else { continue }
                        _ = try? await store.intend(intent)
                        store.append(.refusal(20_000 + lane * 200 + number), at: noon)
                        store.append(intent.completed, at: noon)
                    }
                }
            }
        }
        #expect(store.flush(timeout: .seconds(30)))
        #expect(store.lost == 0)
        let reader = try AuditReader(path: self.path)
        #expect(try reader.fault() == nil)
        #expect(store.head?.sequence == 30_001)
        let rows = try departures(store)
        #expect(rows.count == 10_000)
        #expect(rows.allSatisfy { row in row[2].map { $0 > row[0] ?? .max } ?? false })
        #expect(try AuditStore(path: self.path).found.open == [])
    }
}
