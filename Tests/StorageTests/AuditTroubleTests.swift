import Accounting
import Foundation
import GRDB
import Residency
import Testing
import Vocabulary

@testable import Storage

struct `Audit store in trouble` {
    private let folder: Folder
    private let path: String

    init() throws {
        self.folder = try Folder()
        self.path = self.folder.file("audit.sqlite")
    }

    @Test func `a full disk is told, its records wait, and those beyond the bound are lost and counted`() throws {
        let store = try AuditStore(path: self.path, recordsMax: 100, patience: hasty)
        store.append(.beginning, at: noon)
        #expect(store.flush())
        try store.database.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 4") }
        let taken = (0..<150).count { store.append(.refusal($0), at: noon) }
        #expect((100..<150).contains(taken), "the page that is there may take some")
        #expect(!store.flush(timeout: .milliseconds(100)))
        guard case .failing(let problem) = store.condition else {
            Issue.record("\(store.condition)")
            return
        }
        #expect(problem.code == .full)
        #expect(problem.message == "cannot write to \(self.path): the disk is full; free some space")
        #expect(store.lost == 150 - taken)
        try store.database.inDatabase { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(store.flush())
        #expect(store.condition == .writing)
        let reader = try AuditReader(path: self.path)
        #expect(try reader.all().count == 1 + taken)
        #expect(try reader.fault() == nil)
    }

    @Test func `closing does not wait for ever`() throws {
        let store = try AuditStore(path: self.path, recordsMax: 100, patience: hasty)
        let holder = try Holder(self.path)
        for number in 0..<10 { store.append(.refusal(number), at: noon) }
        #expect(store.close())
        #expect((store.queued, store.lost) == (0, 10))
        try holder.letGo()
    }

    @Test(arguments: [
        ("UPDATE audit SET body = '{}'", "audit records are never changed"),
        ("DELETE FROM audit", "audit records are never deleted"),
        ("INSERT INTO audit VALUES (7, 0, 'stop', '', '', '', '')", "audit records follow each other without gaps"),
        ("REPLACE INTO audit VALUES (1, 0, 'stop', '', '', '', '')", "audit records follow each other without gaps"),
    ])
    func `mistakes are refused by the file itself`(sql: String, sentence: String) throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        store.close()
        let database = try DatabaseQueue(path: self.path)
        #expect {
            try database.inDatabase { try $0.execute(sql: sql) }
        } throws: {
            ($0 as? DatabaseError)?.message == sentence
        }
    }

    @Test(arguments: [
        ("UPDATE audit SET body = '{}' WHERE seq = 4", 4, AuditFault.Code.body),
        ("UPDATE audit SET time = time + 1 WHERE seq = 4", 4, .hash),
        ("UPDATE audit SET kind = 'stop' WHERE seq = 4", 4, .hash),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 4", 4, .hash),
        ("UPDATE audit SET hash = x'00' WHERE seq = 4", 4, .malformed),
        ("UPDATE audit SET body = 7 WHERE seq = 4", 4, .malformed),
        ("DELETE FROM audit WHERE seq = 4", 4, .gap),
        ("UPDATE audit SET seq = 99 WHERE seq = 4", 4, .gap),
    ])
    func `an edited row is named, by the verifier and at the next start`(
        sql: String, sequence: Int, code: AuditFault.Code
    ) throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        for number in 0..<9 { store.append(.refusal(number), at: noon) }
        store.close()
        try tamper(self.path, sql)
        let fault = try AuditReader(path: self.path).fault()
        #expect((fault?.sequence, fault?.code) == (Int64(sequence), code))
        let again = try AuditStore(path: self.path)
        #expect((again.found.fault?.sequence, again.found.fault?.code) == (Int64(sequence), code))
        #expect(again.append(.stop, at: noon))
        #expect(again.flush(), "the chain goes on, with what is wrong in it")
    }

    @Test func `a row that was cut off is found with a checkpoint`() throws {
        let store = try AuditStore(path: self.path)
        store.append(.beginning, at: noon)
        for number in 0..<9 { store.append(.refusal(number), at: noon) }
        store.close()
        let kept = try #require(store.head).checkpoint
        try tamper(self.path, "DELETE FROM audit WHERE seq > 7")
        let reader = try AuditReader(path: self.path)
        #expect(try reader.fault() == nil)
        #expect(try reader.fault([kept])?.code == .cutOff)
    }

    @Test func `a later form and somebody else's file are refused`() throws {
        let store = try AuditStore(path: self.path)
        try store.database.inDatabase { try $0.execute(sql: "PRAGMA user_version = 99") }
        store.close()
        func sentence(_ open: () throws -> Void) -> String {
            do {
                try open()
                return ""
            } catch { return "\(error)" }
        }
        let newer =
            "\(self.path) has schema 99, this version of Gatehouse knows 2; install the version that wrote it, or move "
            + "the file away and a new one will be made"
        #expect(sentence { _ = try AuditStore(path: self.path) } == newer)
        #expect(sentence { _ = try AuditReader(path: self.path) } == newer)
        try UsageStore(path: self.folder.file()).close()
        #expect(
            sentence { _ = try AuditReader(path: self.folder.file()) }
                == "\(self.folder.file()) is not an audit file of Gatehouse; move it away, or name another path")
        let none = self.folder.file("none.sqlite")
        #expect(sentence { _ = try AuditReader(path: none) } == "cannot open \(none): there is no such file")
    }
}

struct `Rows that the audit counts` {
    private let folder: Folder
    private let store: UsageStore

    init() throws {
        self.folder = try Folder()
        self.store = try UsageStore(path: self.folder.file())
    }

    @Test func `have the digest of their lines, in order`() throws {
        var odd = row(2)
        (odd.key, odd.model, odd.queued) = (nil, "a\"b\\c\nü:latest", nil)
        odd.route = "none"
        store.append(row(1))
        store.append(odd)
        #expect(store.flush())
        let id = row(1).requestID.description.replacing("-", with: "")
        let other = odd.requestID.description.replacing("-", with: "")
        let end = #""/v1/chat/completions",100,20,"#
        let lines =
            #"[1,1795521600000000,"\#(id)","abcd2345","billing",null,"llama3.2:latest","general","gpu1","local","#
            + end + "5000,null,300000,2000000,200,\"allow_local\",1,1]\n"
            + #"[2,1795521600000000,"\#(other)",null,"billing",null,"a\"b\\c\nü:latest","general","gpu1","none","#
            + end + "null,null,300000,2000000,200,\"allow_local\",1,1]\n"
        let expected = AuditedRows(
            first: 1, last: 2, requests: 2, servedLocally: 1, digest: AuditHash(of: Array(lines.utf8)))
        #expect(try self.store.rows(after: 0) == expected)
        #expect(try UsageReader(path: self.folder.file()).rows(from: 1, through: 2) == expected)
    }

    @Test func `keep the digest of before a column came, and count it where it has a value`() throws {
        store.append(row(1))
        var named = row(2)
        named.principal = "u-7"
        store.append(named)
        #expect(store.flush())
        func line(_ row: UsageRow, _ id: Int, _ end: String) -> String {
            let request = row.requestID.description.replacing("-", with: "")
            return
                #"[\#(id),1795521600000000,"\#(request)","abcd2345","billing",null,"llama3.2:latest","general","gpu1","#
                + #""local","/v1/chat/completions",100,20,5000,null,300000,2000000,200,"allow_local",1,1\#(end)]"#
                + "\n"
        }
        let lines = line(row(1), 1, "") + line(named, 2, #","u-7""#)
        #expect(try self.store.rows(after: 0)?.digest == AuditHash(of: Array(lines.utf8)))
    }

    @Test func `begin behind those that were counted, or at the first of a new file`() throws {
        #expect(try self.store.rows(after: 0) == nil)
        for number in 0..<10 { self.store.append(row(number)) }
        self.store.flush()
        #expect(try self.store.rows(after: 10) == nil)
        let rows = try #require(try self.store.rows(after: 4))
        #expect((rows.first, rows.last, rows.requests) == (5, 10, 6))
        #expect(try self.store.rows(after: 5000)?.first == 1)
        #expect(try UsageReader(path: self.folder.file()).rows(from: 11, through: 20) == nil)
    }

    @Test func `change their digest with any value`() throws {
        for number in 0..<3 { self.store.append(row(number)) }
        self.store.flush()
        let before = try #require(try self.store.rows(after: 0))
        for change in ["output_tokens = 21", "key = NULL", "reason = 'remote_model'", "total = 0.5", "time = time + 1"]
        {
            try self.store.database.inDatabase { try $0.execute(sql: "UPDATE usage SET \(change) WHERE id = 2") }
            let after = try self.store.rows(after: 0)
            #expect(after != nil && after?.digest != before.digest, "\(change)")
        }
    }
}
