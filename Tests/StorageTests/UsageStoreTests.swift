import Accounting
import Foundation
import GRDB
import Synchronization
import Testing
import Vocabulary

@testable import Storage

struct `Usage store` {
    private let folder: Folder

    init() throws { self.folder = try Folder() }

    @Test func `a row that was appended can be read after a flush`() throws {
        let store = try UsageStore(path: self.folder.file())
        #expect(store.append(row()))
        #expect(store.flush())
        #expect((store.written, store.queued, store.dropped) == (1, 0, 0))
        #expect(store.condition == .writing)
        let totals = try store.everything()
        var expected = UsageTotals()
        expected.add(row())
        #expect(totals == expected)
    }

    @Test func `every column comes back as it went in, told or not`() throws {
        let store = try UsageStore(path: self.folder.file())
        var bare = row(2)
        (bare.key, bare.project, bare.model, bare.modelAsked, bare.backend) = (nil, nil, nil, nil, nil)
        (bare.promptTokens, bare.outputTokens, bare.queued, bare.firstToken) = (nil, nil, nil, nil)
        bare.isStreamed = false
        bare.route = "name with ' and ü"
        var full = row(1)
        (full.feature, full.principal, full.loading) = ("search", "u-7", .microseconds(7))
        store.append(full)
        store.append(bare)
        store.flush()
        try store.database.inDatabase { db in
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM usage ORDER BY id")
            #expect(rows[0]["request"] as Data == Data(full.requestID.columnBytes))
            #expect(
                rows[0].description
                    == "[id:1 time:1795521600000000 request:Data(16 bytes) key:\"abcd2345\" project:\"billing\" "
                    + "feature:\"search\" model:\"llama3.2:latest\" model_asked:\"general\" backend:\"gpu1\" "
                    + "route:\"local\" endpoint:\"/v1/chat/completions\" prompt_tokens:100 output_tokens:20 "
                    + "queued:5000 loading:7 first_token:300000 total:2000000 status:200 reason:\"allow_local\" "
                    + "attempts:1 streamed:1 principal:\"u-7\"]")
            #expect(rows[1]["route"] as String == bare.route)
            let absent = [
                "key", "project", "feature", "model", "model_asked", "backend", "prompt_tokens", "output_tokens",
                "queued", "loading", "first_token", "principal",
            ]
            for column in absent { #expect(rows[1][column] as DatabaseValue == .null) }
            #expect(rows[1]["streamed"] as Int == 0)
        }
    }

    @Test func `request ids stand in files as sixteen bytes in the order of time`() throws {
        let id = try #require(RequestID("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"))
        #expect(
            id.columnBytes == [
                1, 0x90, 0xA1, 0xB2, 0xC3, 0xD4, 0x7E, 0x5F, 0x8A, 0x9B, 0xC, 0x1D, 0x2E, 0x3F, 0x4A, 0x5B,
            ])
    }

    @Test func `rows survive closing and opening, closing twice is as good as once`() throws {
        let store = try UsageStore(path: self.folder.file())
        for number in 0..<1234 { store.append(row(number)) }
        #expect(store.close())
        #expect(store.close())
        #expect(store.condition == .closed)
        #expect(!store.append(row()), "a closed store takes nothing")
        #expect(store.dropped == 1)
        #expect(store.flush(), "there is nothing left to wait for")
        #expect(try UsageStore(path: self.folder.file()).everything().requests == 1234)
    }

    @Test func `a store that is let go writes what it had`() throws {
        var store: UsageStore? = try UsageStore(path: self.folder.file())
        let queue = try #require(store?.queue)
        for number in 0..<700 { store?.append(row(number)) }
        store = nil
        #expect(queue.waitUntilClosed(timeout: .seconds(10)))
        #expect(queue.counts.written == 700)
    }

    @Test func `many threads lose nothing that was not counted`() throws {
        let store = try UsageStore(path: self.folder.file())
        let counts = LockedCounts()
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for number in 0..<5000 where store.append(row(thread * 5000 + number)) { counts.add() }
        }
        let taken = counts.value
        #expect(store.flush(timeout: .seconds(30)))
        #expect(taken + store.dropped == 20_000)
        #expect(store.written == taken)
        #expect(try store.everything().requests == taken)
    }

    @Test func `the file is its owner's alone`() throws {
        let store = try UsageStore(path: self.folder.file())
        store.append(row())
        store.flush()
        for name in ["usage.sqlite", "usage.sqlite-wal"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: self.folder.file(name))
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func `old rows are deleted in batches, and new ones stay`() throws {
        let store = try UsageStore(path: self.folder.file())
        for number in 0..<3500 { store.append(row(number, at: noon + .seconds(-number))) }
        store.flush()
        store.purge(before: noon + .seconds(-99))
        store.append(row(9999))
        #expect(store.close(timeout: .seconds(20)))
        #expect(store.condition == .closed)
        let left = try UsageStore(path: self.folder.file())
        left.purge(before: noon + .seconds(-99))
        while left.queue.hasChores { left.flush() }
        #expect(try left.everything().requests == 101)
    }
}

private final class LockedCounts: Sendable {
    private let count = Mutex(0)
    func add() { self.count.withLock { $0 += 1 } }
    var value: Int { self.count.withLock(\.self) }
}
