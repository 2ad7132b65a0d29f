import Dispatch
import Foundation
import GRDB
import Residency
import Testing
import Vocabulary

@testable import Storage

struct `Audit store` {
    private let folder: Folder
    private let path: String

    init() throws {
        self.folder = try Folder()
        self.path = self.folder.file("audit.sqlite")
    }

    @Test func `events become a chain that holds, and its end is known`() throws {
        let store = try AuditStore(path: self.path)
        #expect(store.found.head == nil)
        #expect(store.append(.beginning, at: noon))
        for number in 0..<1200 { store.append(.refusal(number), at: noon + .seconds(number)) }
        #expect(store.flush())
        #expect((store.written, store.queued, store.lost) == (1201, 0, 0))
        #expect(store.condition == .writing)
        let reader = try AuditReader(path: self.path)
        let records = try reader.all()
        #expect(records.map(\.sequence) == Array(1...1201))
        #expect(records.first?.kind == "genesis")
        #expect(try reader.fault() == nil)
        #expect(store.head?.sequence == 1201)
        #expect(store.head?.hash == records.last?.hash)
    }

    @Test func `a chain goes on in the next process, and over a clock that was set back`() throws {
        let first = try AuditStore(path: self.path)
        first.append(.beginning, at: noon)
        first.append(.local(AuditedRows(first: 1, last: 41, requests: 41, servedLocally: 40, digest: .zero)), at: noon)
        #expect(first.close())
        #expect(first.close())
        #expect(!first.append(.stop, at: noon), "a closed store takes nothing")
        let second = try AuditStore(path: self.path)
        #expect(second.found.head == first.head)
        #expect(second.found.fault == nil)
        #expect(second.found.lastRow == 41)
        second.append(.stop, at: noon + .seconds(-5))
        second.close()
        let reader = try AuditReader(path: self.path)
        #expect(try reader.all().map(\.kind) == ["genesis", "local", "clock", "stop"])
        #expect(try reader.fault() == nil)
    }

    @Test func `many threads make one chain`() throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for number in 0..<500 { store.append(.refusal(thread * 500 + number), at: noon) }
        }
        #expect(store.flush(timeout: .seconds(30)))
        let reader = try AuditReader(path: self.path)
        #expect(try reader.all().count == 2001)
        #expect(try reader.fault() == nil)
    }

    @Test func `another process that writes meanwhile forks nothing`() throws {
        let one = try AuditStore(path: self.path)
        one.append(.beginning, at: noon)
        #expect(one.flush())
        let other = try AuditStore(path: self.path)
        for number in 0..<50 {
            #expect((number % 2 == 0 ? one : other).append(.refusal(number), at: noon))
            if number % 5 == 0 { #expect(one.flush() && other.flush()) }
        }
        #expect(one.flush() && other.flush())
        let reader = try AuditReader(path: self.path)
        #expect(try reader.all().count == 51)
        #expect(try reader.fault() == nil)
    }

    @Test func `records are found by time, kind and request`() throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        for number in 0..<10 { store.append(.refusal(number), at: noon + .seconds(number)) }
        store.append(.stop, at: noon + .seconds(10))
        store.flush()
        let reader = try AuditReader(path: self.path)
        var filter = AuditReader.Filter()
        filter.kind = .decision
        #expect(try reader.all(filter).count == 10)
        filter.from = noon + .seconds(3)
        filter.to = noon + .seconds(5)
        #expect(try reader.all(filter).map(\.sequence) == [5, 6])
        filter = .init()
        filter.request = row(7).requestID
        #expect(try reader.all(filter).map(\.sequence) == [9])
        filter.kind = .stop
        #expect(try reader.all(filter) == [])
    }

    @Test func `what was committed survives the process being killed, and a copy taken at any moment holds`()
        async throws
    {
        let path = self.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try AuditStore(path: path)
            store.append(.beginning, at: noon)
            for number in 0..<777 { store.append(.refusal(number), at: noon) }
            guard store.flush() else { exit(1) }
            for number in 0..<500 { store.append(.refusal(1000 + number), at: noon) }
            kill(getpid(), SIGKILL)
        }
        let copy = self.folder.file("copy.sqlite")
        for end in ["", "-wal"] { try FileManager.default.copyItem(atPath: path + end, toPath: copy + end) }
        for file in [path, copy] {
            let store = try AuditStore(path: file)
            #expect(store.found.fault == nil)
            #expect(try #require(store.found.head).sequence >= 778)
            store.append(.stop, at: noon)
            #expect(store.flush())
            #expect(try AuditReader(path: file).fault() == nil)
        }
    }

    @Test func `the file is its owner's alone, and every commit outlives a power cut`() throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        store.flush()
        for name in ["audit.sqlite", "audit.sqlite-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: self.folder.file(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
        let (mode, synchronous) = try store.database.inDatabase { db in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous")
            )
        }
        #expect((mode, synchronous) == ("wal", 2))
    }
}
