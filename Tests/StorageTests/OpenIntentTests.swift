import Foundation
import GRDB
import Residency
import Testing
import Vocabulary

@testable import Storage

struct `Intents that a process leaves behind` {
    private let folder: Folder
    private let path: String

    init() throws {
        self.folder = try Folder()
        self.path = self.folder.file("audit.sqlite")
    }

    @Test func `are found by the next one, and no more when they have an outcome`() async throws {
        let first = try AuditStore(path: self.path)
        first.append(.beginning, at: noon)
        for number in 0..<4 { _ = try await first.intend(.one(number, attempt: number + 1)) }
        first.append(try AuditIntent.one(1, attempt: 2).completed, at: noon)
        first.close()
        let second = try AuditStore(path: self.path)
        #expect(second.found.open.map(\.sequence) == [2, 4, 5])
        #expect(second.found.open.map(\.request) == [0, 2, 3].map { row($0).requestID })
        #expect(second.found.open.map(\.attempt) == [1, 3, 4])
        #expect(second.found.open.map(\.backend) == ["euai", "euai", "euai"])
        for intent in second.found.open { second.append(.outcome(intent.outcomeAfterCrash), at: noon) }
        second.close()
        #expect(try AuditStore(path: self.path).found.open == [])
        let last = try #require(try AuditReader(path: self.path).all().last)
        #expect(
            String(decoding: last.body, as: UTF8.self)
                == #"{"attempt":4,"backend":"euai","request_id":"\#(row(3).requestID)","result":"unknown_after_crash"}"#
        )
    }

    @Test func `are found after a kill, and a kill in the middle of that loses none`() async throws {
        let path = self.path
        for round in 0..<2 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String, round = round as Int] in
                let store = try AuditStore(path: path)
                if store.found.head == nil { store.append(.beginning, at: noon) }
                for number in 0..<20 { _ = try await store.intend(.one(100 * round + number)) }
                // The first of those of the round before get their outcome; it may or may not reach the disk.
                if let intent = store.found.open.first { store.append(.outcome(intent.outcomeAfterCrash), at: noon) }
                kill(getpid(), SIGKILL)
            }
        }
        let store = try AuditStore(path: path)
        #expect(store.found.fault == nil)
        #expect([39, 40].contains(store.found.open.count))
        #expect(Set(store.found.open.map(\.request)).count == store.found.open.count)
    }

    @Test func `what left since a moment is told with its rule`() async throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        for number in 0..<5 {
            _ = try await store.intend(.one(number, bytes: 100 + number), at: noon + .seconds(number))
        }
        store.append(try AuditIntent.one(4).completed, at: noon + .seconds(9))
        store.close()
        let again = try AuditStore(path: self.path)
        let found = try again.departures(since: noon + .seconds(2))
        #expect(
            found
                == (2..<5).map { DayLedger.Departure(rule: "overflow", bytes: 100 + $0, wall: noon + .seconds($0)) })
        #expect(try again.departures(since: noon + .seconds(5)) == [])
    }

    @Test func `a file of the form before takes intents too`() async throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        store.close()
        try tamper(self.path, "DROP TABLE departure; DROP INDEX audit_local; PRAGMA user_version = 1")
        #expect(try AuditReader(path: self.path).fault() == nil, "it is read as it is")
        let again = try AuditStore(path: self.path)
        #expect(again.found.open == [])
        let sequence = try await again.intend(.one())
        #expect(sequence == 2)
    }
}
