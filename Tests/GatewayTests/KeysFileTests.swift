import Accounting
import Configuration
import Foundation
import Testing
import Vocabulary

@testable import Gateway

/// `keys.yaml` and the pepper beside it, written and read again.
@Suite struct KeysFileTests {
    static let now = WallTime(rfc3339: "2026-11-24T06:55:17.000Z")!

    static func file(in folder: TemporaryFolder) -> KeysFile {
        KeysFile(path: folder["keys.yaml"], pepperPath: folder["pepper"])
    }

    /// A key with every right, one in the middle of a rotation, one revoked, one that a certificate stands for.
    static func someKeys() throws -> (KeySet, Pepper, [KeyText]) {
        var generator = SeededGenerator(seed: 7)
        let pepper = try #require(Pepper([UInt8](repeating: 9, count: 32)))
        var keys = KeySet()
        let full = try keys.add(
            KeyDraft(
                name: "web: \"shop\" # 1", environment: "test", project: "web/shop", projects: [NamePattern("web-*")],
                features: [NamePattern("search"), NamePattern("*")],
                models: [NamePattern("llama*"), NamePattern("null")], principalHeader: "X-OpenWebUI-User-Id",
                notAfter: Self.now + .seconds(86_400)), pepper: pepper, at: Self.now, using: &generator)
        let first = try keys.add(KeyDraft(name: "turning"), pepper: pepper, at: Self.now, using: &generator)
        let second = try keys.rotate(
            first.id, overlap: .seconds(3600), pepper: pepper, at: Self.now + .seconds(60), using: &generator)
        let gone = try keys.add(KeyDraft(name: "gone"), pepper: pepper, at: Self.now, using: &generator)
        try keys.revoke(gone.id)
        _ = try keys.addWithoutSecret(
            KeyDraft(name: "batch", certificate: PeerName(.uri, "spiffe://intranet/batch")), at: Self.now,
            using: &generator)
        return (keys, pepper, [full, first, second, gone])
    }

    @Test func `keys that were written are the same when they are read`() throws {
        let folder = try TemporaryFolder()
        let (keys, _, _) = try Self.someKeys()
        try Self.file(in: folder).write(keys)
        #expect(try Self.file(in: folder).readIfPresent() == keys)
        try Self.file(in: folder).write(keys)
        #expect(try Self.file(in: folder).readIfPresent() == keys)
    }

    @Test func `the keys that were written open the door, as far as they may`() throws {
        let folder = try TemporaryFolder()
        let (keys, _, texts) = try Self.someKeys()
        try Self.file(in: folder).write(keys)
        try folder.write(String(repeating: "\u{9}", count: 32), to: "pepper")
        let ring = try Self.file(in: folder).keyRing()
        func name(_ text: KeyText, _ later: Duration) -> String {
            switch ring.authenticate(text.revealed.utf8, at: Self.now + later) {
            case .success(let key): key.name
            case .failure(let refusal): refusal.cause.rawValue
            }
        }
        #expect(texts.map { name($0, .seconds(120)) } == ["web: \"shop\" # 1", "turning", "turning", "revoked"])
        let batch = ring.authenticate([PeerName(.uri, "spiffe://intranet/batch")], at: Self.now)
        #expect(try batch?.get().name == "batch")
        #expect(texts.map { name($0, .seconds(90_000)) } == ["expired", "secret_expired", "turning", "revoked"])
    }

    @Test func `the file says no secret and is written for a person to read`() throws {
        let folder = try TemporaryFolder()
        var generator = SeededGenerator(seed: 1)
        let pepper = try #require(Pepper([UInt8](repeating: 9, count: 32)))
        var keys = KeySet()
        let text = try keys.add(
            KeyDraft(name: "app", models: [NamePattern("llama*")]), pepper: pepper, at: Self.now, using: &generator)
        try Self.file(in: folder).write(keys)
        let written = try folder.text(of: "keys.yaml")
        #expect(
            written == """
                # The keys of applications: hashes only. Change them with `gatehouse keys`.
                schema: 1
                keys:
                  - id: kszffswj
                    name: app
                    environment: live
                    project: default
                    models:
                      - llama*
                    created: "2026-11-24T06:55:17.000Z"
                    secrets:
                      - hash: "038cd650c377ce04597a30f3d1385e40cddec0c2c9481f85ee823a23c57d1e28"
                        created: "2026-11-24T06:55:17.000Z"

                """)
        #expect(!written.contains(text.revealed.split(separator: "_")[3]))
    }

    @Test func `both files are their owner's alone`() throws {
        let folder = try TemporaryFolder()
        let file = Self.file(in: folder)
        let text = try file.begin()
        #expect(try folder.mode(of: "keys.yaml") == 0o600)
        #expect(try folder.mode(of: "pepper") == 0o400)
        // A file with wider rights is replaced, not written into.
        #expect(chmod(folder["keys.yaml"], 0o644) == 0)
        try file.write(try #require(try file.readIfPresent()))
        #expect(try folder.mode(of: "keys.yaml") == 0o600)
        #expect(!FileManager.default.fileExists(atPath: folder["keys.yaml.new"]))
        guard case .success(let key) = try file.keyRing().authenticate(text.utf8, at: wallClock()) else {
            throw Unexpected("the first key does not open the door")
        }
        #expect(key.name == "first")
    }

    @Test func `a pepper that is there is kept, for the keys of other nodes hang on it`() throws {
        let folder = try TemporaryFolder()
        let pepper = String(repeating: "p", count: 40)
        try folder.write(pepper, to: "pepper")
        _ = try Self.file(in: folder).begin()
        #expect(try folder.text(of: "pepper") == pepper)
    }

    @Test func `without the pepper of the keys that are there nothing is changed`() throws {
        let folder = try TemporaryFolder()
        let file = Self.file(in: folder)
        let (keys, _, texts) = try Self.someKeys()
        try file.write(keys)
        let written = try folder.text(of: "keys.yaml")
        let add = KeyChange.add(
            name: "another", project: nil, models: [], principalHeader: nil, certificate: nil, days: nil)
        for change in [add, .rotate(id: texts[0].id.rawValue, overlapDays: 7)] {
            #expect {
                try file.change(change, at: Self.now)
            } throws: { error in
                (error as? Problems)?.description
                    == "\(folder["pepper"]): the pepper is missing, without which no key can be checked; "
                    + "copy the file that belongs to \(folder["keys.yaml"])"
            }
        }
        #expect(try folder.text(of: "keys.yaml") == written)
        #expect(!FileManager.default.fileExists(atPath: folder["pepper"]))
        // Of no keys nothing can be lost.
        try file.write(KeySet())
        try file.change(add, at: Self.now)
        #expect(try file.keyRing().count == 1)
    }

    @Test(arguments: [
        (0, "the first one works no more"), (1, "the first one works for one day more"),
        (7, "the first one works for 7 days more"),
    ])
    func `how long an old secret works is told in words`(days: Int, words: String) {
        #expect(KeysFile.overlapInWords(days) == words)
    }

    @Test func `a new pepper has 64 hexadecimal digits and is another one each time`() throws {
        let texts = try (0..<3).map { _ in
            let folder = try TemporaryFolder()
            _ = try Self.file(in: folder).begin()
            return try folder.text(of: "pepper")
        }
        #expect(Set(texts).count == 3)
        #expect(texts.allSatisfy { $0.utf8.count == 64 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test func `no file means no keys, and no pepper is asked for`() throws {
        let folder = try TemporaryFolder()
        let file = Self.file(in: folder)
        #expect(try file.keyRing().isEmpty)
        #expect(try file.readIfPresent() == nil)
        try folder.write("schema: 1\nkeys: []\n", to: "keys.yaml")
        #expect(try file.keyRing().isEmpty)
        #expect(try file.readIfPresent() == KeySet())
        try folder.write("schema: 1\n", to: "keys.yaml")
        #expect(try file.keyRing().isEmpty)
    }

    @Test func `a revoked key alone still closes the door to callers without a key`() throws {
        let folder = try TemporaryFolder()
        let (_, pepper, _) = try Self.someKeys()
        var generator = SeededGenerator(seed: 3)
        var keys = KeySet()
        let text = try keys.add(KeyDraft(name: "a"), pepper: pepper, at: Self.now, using: &generator)
        try keys.revoke(text.id)
        try Self.file(in: folder).write(keys)
        try folder.write(String(repeating: "\u{9}", count: 32), to: "pepper")
        #expect(try !Self.file(in: folder).keyRing().isEmpty)
    }
}
