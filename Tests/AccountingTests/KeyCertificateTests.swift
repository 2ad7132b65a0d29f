import Accounting
import Testing
import Vocabulary

struct `A key that a certificate stands for` {
    private static let batch = PeerName(.uri, "spiffe://intranet/batch")
    private var generator = SeededGenerator(seed: 5)

    private mutating func set(_ drafts: KeyDraft...) throws -> KeySet {
        var set = KeySet()
        for draft in drafts { _ = try set.addWithoutSecret(draft, at: noon, using: &self.generator) }
        return set
    }

    private func outcome(_ set: KeySet, _ names: [PeerName], at now: WallTime = noon) -> String? {
        switch KeyRing(set.keys, pepper: pepper).authenticate(names, at: now) {
        case .success(let key): key.name
        case .failure(let refusal): refusal.cause.rawValue
        case nil: nil
        }
    }

    @Test mutating func `is found by exactly its name`() throws {
        let other = KeyDraft(name: "other", certificate: PeerName(.dns, "other"))
        let set = try self.set(KeyDraft(name: "batch", certificate: Self.batch), other)
        #expect(self.outcome(set, [PeerName(.dns, "gpu7"), Self.batch]) == "batch")
        #expect(self.outcome(set, []) == nil)
        for stranger in [
            PeerName(.dns, Self.batch.text), PeerName(.uri, "spiffe://intranet/batch/"),
            PeerName(.uri, "spiffe://intranet/Batch"), PeerName(.uri, "spiffe://intranet/batc"),
        ] {
            #expect(self.outcome(set, [stranger]) == nil, "\(stranger)")
        }
    }

    @Test mutating func `is refused if the certificate has names of several keys`() throws {
        let dns = PeerName(.dns, "web")
        let set = try self.set(
            KeyDraft(name: "batch", certificate: Self.batch), KeyDraft(name: "web", certificate: dns))
        #expect(self.outcome(set, [Self.batch, dns]) == "certificate_ambiguous")
        #expect(self.outcome(set, [Self.batch, Self.batch]) == "batch")
    }

    @Test mutating func `ends as others do, and is free for another then`() throws {
        var set = try self.set(KeyDraft(name: "batch", certificate: Self.batch, notAfter: noon + .seconds(60)))
        #expect(self.outcome(set, [Self.batch], at: noon + .seconds(60)) == "expired")
        #expect(set.keys[0].fault(at: noon) == nil)
        #expect(throws: KeySetProblem.certificateTaken(Self.batch, by: set.keys[0].id)) {
            try set.addWithoutSecret(
                KeyDraft(name: "again", certificate: Self.batch), at: noon, using: &self.generator)
        }
        try set.revoke(set.keys[0].id)
        #expect(self.outcome(set, [Self.batch]) == "revoked")
        _ = try set.addWithoutSecret(
            KeyDraft(name: "again", certificate: Self.batch), at: noon, using: &self.generator)
        #expect(self.outcome(set, [Self.batch]) == "again")
        #expect(try KeySet(set.records) == set)
    }

    @Test mutating func `may have a secret beside it, and has one refused that is not its own`() throws {
        var set = try self.set(KeyDraft(name: "batch", certificate: Self.batch))
        let id = set.keys[0].id
        let text = try set.rotate(id, overlap: .zero, pepper: pepper, at: noon, using: &self.generator)
        let ring = KeyRing(set.keys, pepper: pepper)
        #expect(try ring.authenticate(text.revealed.utf8, at: noon).get().id == id)
        #expect(self.outcome(set, [Self.batch]) == "batch")
    }

    @Test mutating func `needs no secret, where others do`() throws {
        var records = try self.set(KeyDraft(name: "batch", certificate: Self.batch)).records
        #expect(try KeySet(records).keys[0].secrets.isEmpty)
        records[0].certificate = nil
        #expect(throws: KeySetProblem.self) { try KeySet(records) }
    }

    @Test func `a name is a kind, a colon and visible ASCII`() {
        for text in ["uri:spiffe://intranet/batch", "dns:web", "email:a@b.example"] {
            #expect(PeerName(parsing: text)?.description == text)
        }
        for text in ["", "web", "dns:", "ip:10.0.0.1", "DNS:web", "dns:a b", "dns:\u{fc}", "dns:a\0", ":web"] {
            #expect(PeerName(parsing: text) == nil, "\(text)")
        }
        #expect(PeerName(parsing: "dns:" + String(repeating: "x", count: PeerName.textMax + 1)) == nil)
    }
}
