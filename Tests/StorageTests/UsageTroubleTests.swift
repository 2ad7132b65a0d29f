import Accounting
import Foundation
import GRDB
import Testing
import Vocabulary

@testable import Storage

struct `Usage store in trouble` {
    private let folder: Folder

    init() throws { self.folder = try Folder() }

    @Test func `rows wait while another process holds the file, and more than the bound are dropped and counted`()
        throws
    {
        let store = try UsageStore(path: self.folder.file(), rowsMax: 100, patience: hasty)
        let holder = try Holder(self.folder.file())
        for number in 0..<60 { #expect(store.append(row(number))) }
        #expect(!store.flush(timeout: .milliseconds(100)))
        guard case .failing(let problem) = store.condition else {
            Issue.record("\(store.condition)")
            return
        }
        #expect(problem.code == .locked)
        #expect(problem.message == "cannot write to \(self.folder.file()): another process holds it")
        #expect(problem.cause == "SQLite 5: database is locked")
        for number in 60..<150 { #expect(store.append(row(number)) == (number < 100)) }
        #expect((store.queued, store.dropped, store.written) == (100, 50, 0))
        try holder.letGo()
        #expect(store.flush())
        #expect((store.queued, store.dropped, store.written) == (0, 50, 100))
        #expect(store.condition == .writing)
    }

    @Test func `a full disk is told, and its rows are written when there is space`() throws {
        let store = try UsageStore(path: self.folder.file(), rowsMax: 5000, patience: hasty)
        try store.database.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 10") }
        for number in 0..<3000 { store.append(row(number)) }
        #expect(!store.flush(timeout: .milliseconds(200)))
        guard case .failing(let problem) = store.condition else {
            Issue.record("\(store.condition)")
            return
        }
        #expect(problem.code == .full)
        #expect(problem.message == "cannot write to \(self.folder.file()): the disk is full; free some space")
        try store.database.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(store.flush())
        #expect(try store.everything().requests == 3000)
        #expect(store.dropped == 0)
    }

    @Test func `closing does not wait for ever: what cannot be written is dropped and counted`() throws {
        let store = try UsageStore(path: self.folder.file(), rowsMax: 100, patience: hasty)
        let holder = try Holder(self.folder.file())
        for number in 0..<10 { store.append(row(number)) }
        #expect(store.close())
        #expect((store.queued, store.dropped) == (0, 10))
        try holder.letGo()
    }

    @Test func `a table that has gone is told, not a crash`() throws {
        let store = try UsageStore(path: self.folder.file(), rowsMax: 100, patience: hasty)
        try store.database.inDatabase { try $0.execute(sql: "DROP TABLE usage") }
        store.append(row())
        #expect(!store.flush(timeout: .milliseconds(50)))
        guard case .failing(let problem) = store.condition else {
            Issue.record("\(store.condition)")
            return
        }
        #expect(problem.code == .failed)
        #expect(problem.cause == "SQLite 1: no such table: usage")
        #expect { try store.everything() } throws: { ($0 as? StorageProblem)?.code == .failed }
    }

    @Test func `what was committed survives the process being killed`() async throws {
        let path = self.folder.file()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try UsageStore(path: path)
            for number in 0..<777 { store.append(row(number)) }
            guard store.flush() else { exit(1) }
            for number in 0..<500 { store.append(row(1000 + number)) }
            kill(getpid(), SIGKILL)
        }
        let store = try UsageStore(path: path)
        #expect(try store.everything().requests >= 777)
        let verdict = try store.database.inDatabase { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        #expect(verdict == "ok")
    }
}

struct `Opening a usage file` {
    private let folder: Folder

    init() throws { self.folder = try Folder() }

    private func problem(_ path: String) -> StorageProblem? {
        do throws(StorageProblem) {
            _ = try UsageStore(path: path)
            return nil
        } catch {
            return error
        }
    }

    @Test func `makes it in the present form, and opening it again changes nothing`() throws {
        for _ in 0..<2 {
            let store = try UsageStore(path: self.folder.file())
            let (number, owner, mode, synchronous) = try store.database.inDatabase { db in
                (
                    try Int.fetchOne(db, sql: "PRAGMA user_version"),
                    try Int.fetchOne(db, sql: "PRAGMA application_id"),
                    try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous")
                )
            }
            #expect(
                (number, owner, mode, synchronous) == (UsageSchema.schema.number, UsageSchema.applicationID, "wal", 1))
            store.close()
        }
    }

    @Test func `brings the first form to the present one, with its rows`() throws {
        let store = try UsageStore(path: self.folder.file())
        store.append(row(1))
        store.flush()
        let before = try store.rows(after: 0)
        try store.database.inDatabase {
            try $0.execute(sql: "ALTER TABLE usage DROP COLUMN principal; PRAGMA user_version = 1")
        }
        store.close()
        let again = try UsageStore(path: self.folder.file())
        #expect(try again.rows(after: 0) == before && before != nil)
        var named = row(2)
        named.principal = "u-7"
        again.append(named)
        again.flush()
        let by = try again.summary(from: noon, to: noon + .seconds(1), by: [.principal])
        #expect(by.map { [$0.group[0] ?? "", "\($0.totals.requests)"] } == [["", "1"], ["u-7", "1"]])
        again.close()
    }

    @Test func `refuses a later form`() throws {
        let store = try UsageStore(path: self.folder.file())
        try store.database.inDatabase { try $0.execute(sql: "PRAGMA user_version = 99") }
        store.close()
        let problem = self.problem(self.folder.file())
        #expect(problem?.code == .newerSchema)
        #expect(
            problem?.description
                == "\(self.folder.file()) has schema 99, this version of Gatehouse knows 2; install the version that "
                + "wrote it, or move the file away and a new one will be made")
    }

    @Test func `refuses somebody else's database and leaves it as it was`() throws {
        let other = try DatabaseQueue(path: self.folder.file())
        try other.inDatabase { try $0.execute(sql: "CREATE TABLE mine (a)") }
        try other.close()
        let problem = self.problem(self.folder.file())
        #expect(problem?.code == .foreign)
        #expect(
            problem?.description
                == "\(self.folder.file()) is not a usage file of Gatehouse; move it away, or name another path")
        let tables = try DatabaseQueue(path: self.folder.file()).inDatabase {
            try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema")
        }
        #expect(tables == ["mine"])
    }

    @Test func `refuses what is no database`() throws {
        try Data(repeating: 0x41, count: 10_000).write(to: URL(fileURLWithPath: self.folder.file()))
        let problem = self.problem(self.folder.file())
        #expect(problem?.code == .foreign)
        #expect(
            problem?.message
                == "cannot open \(self.folder.file()): the file is not a database; move it away, or name another path")
    }

    @Test func `says what is missing when there is no folder`() {
        let path = self.folder.file("none/usage.sqlite")
        let problem = self.problem(path)
        #expect(problem?.code == .cannotOpen)
        #expect(
            problem?.message
                == "cannot open \(path): the folder must exist, and this user must be allowed to write there")
    }

    @Test func `a reader does not make a file`() {
        #expect { try UsageReader(path: self.folder.file()) } throws: {
            "\($0)" == "cannot open \(self.folder.file()): there is no such file"
        }
        #expect(!FileManager.default.fileExists(atPath: self.folder.file()))
    }
}
