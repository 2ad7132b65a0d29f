import Accounting
import Testing
import Vocabulary

struct `Key set` {
    private var generator = SeededGenerator(seed: 5)

    private func cause(_ set: KeySet, _ text: KeyText, at now: WallTime) -> KeyRefusal.Cause? {
        switch KeyRing(set.keys, pepper: pepper).authenticate(text.revealed.utf8, at: now) {
        case .success: nil
        case .failure(let refusal): refusal.cause
        }
    }

    @Test mutating func `a key that was added is taken`() throws {
        var set = KeySet()
        let draft = KeyDraft(name: "invoices", project: "billing", models: ["llama*"], notAfter: noon + .seconds(60))
        let text = try set.add(draft, pepper: pepper, at: noon, using: &self.generator)
        let key = try #require(set.key(text.id))
        #expect((key.name, key.project, key.environment) == ("invoices", "billing", "live"))
        #expect(self.cause(set, text, at: noon) == nil)
        #expect(self.cause(set, text, at: noon + .seconds(60)) == .expired)
    }

    @Test mutating func `a name is free again once its key is revoked`() throws {
        var set = KeySet()
        let first = try set.add(KeyDraft(name: "a"), pepper: pepper, at: noon, using: &self.generator)
        #expect(throws: KeySetProblem.nameTaken("a", by: first.id)) {
            try set.add(KeyDraft(name: "a"), pepper: pepper, at: noon, using: &self.generator)
        }
        try set.revoke(first.id)
        let second = try set.add(KeyDraft(name: "a"), pepper: pepper, at: noon, using: &self.generator)
        #expect(self.cause(set, first, at: noon) == .revoked)
        #expect(self.cause(set, second, at: noon) == nil)
        #expect(throws: KeySetProblem.revoked(first.id)) { try set.revoke(first.id) }
    }

    @Test mutating func `a key is found by its id or name, one that lives before one that was revoked`() throws {
        var set = KeySet()
        let first = try set.add(KeyDraft(name: "a"), pepper: pepper, at: noon, using: &self.generator)
        #expect(set.key(named: "a")?.id == first.id)
        try set.revoke(first.id)
        #expect(set.key(named: "a")?.id == first.id, "there is no other")
        let second = try set.add(KeyDraft(name: "a"), pepper: pepper, at: noon, using: &self.generator)
        #expect(set.key(named: "a")?.id == second.id)
        #expect(set.key(named: first.id.rawValue)?.id == first.id)
        #expect(set.key(named: "b") == nil)
        #expect(set.key(first.id)?.fault(at: noon) == .revoked)
        #expect(set.key(second.id)?.fault(at: noon) == nil)
    }

    @Test mutating func `a rotation leaves the old secret for the overlap`() throws {
        var set = KeySet()
        let old = try set.add(KeyDraft(name: "a"), pepper: pepper, at: noon, using: &self.generator)
        let hour = Duration.seconds(3600)
        let new = try set.rotate(old.id, overlap: hour, pepper: pepper, at: noon, using: &self.generator)
        #expect(new.id == old.id)
        #expect(self.cause(set, old, at: noon + .seconds(3599)) == nil)
        #expect(self.cause(set, old, at: noon + hour) == .secretExpired)
        #expect(self.cause(set, new, at: noon + hour) == nil)
        #expect(throws: KeySetProblem.twoSecretsLive(old.id, until: noon + hour)) {
            try set.rotate(old.id, overlap: hour, pepper: pepper, at: noon, using: &self.generator)
        }
        let third = try set.rotate(old.id, overlap: .zero, pepper: pepper, at: noon, using: &self.generator)
        #expect(self.cause(set, old, at: noon) == .secretWrong)
        #expect(self.cause(set, new, at: noon) == .secretWrong)
        #expect(self.cause(set, third, at: noon) == nil)
    }

    @Test mutating func `a rotation after the overlap forgets the secret that has ended`() throws {
        var set = KeySet()
        let old = try set.add(KeyDraft(name: "a"), pepper: pepper, at: noon, using: &self.generator)
        let minute = Duration.seconds(60)
        _ = try set.rotate(old.id, overlap: minute, pepper: pepper, at: noon, using: &self.generator)
        _ = try set.rotate(old.id, overlap: minute, pepper: pepper, at: noon + minute, using: &self.generator)
        #expect(set.key(old.id)?.secrets.count == 2)
    }

    @Test mutating func `what has ended is not rotated`() throws {
        var set = KeySet()
        let text = try set.add(
            KeyDraft(name: "a", notAfter: noon), pepper: pepper, at: noon, using: &self.generator)
        #expect(throws: KeySetProblem.expired(text.id, at: noon)) {
            try set.rotate(text.id, overlap: .zero, pepper: pepper, at: noon, using: &self.generator)
        }
        try set.revoke(text.id)
        #expect(throws: KeySetProblem.revoked(text.id)) {
            try set.rotate(text.id, overlap: .zero, pepper: pepper, at: noon, using: &self.generator)
        }
        #expect(throws: KeySetProblem.unknownKey("nobody22", known: [text.id])) {
            try set.rotate("nobody22", overlap: .zero, pepper: pepper, at: noon, using: &self.generator)
        }
    }

    @Test mutating func `records read back as the same keys`() throws {
        var set = KeySet()
        let draft = KeyDraft(
            name: "a", environment: "test", project: "p", projects: ["q*"], features: ["f"], models: ["m", "n*"],
            notAfter: noon + .seconds(9))
        let text = try set.add(draft, pepper: pepper, at: noon, using: &self.generator)
        _ = try set.rotate(text.id, overlap: .seconds(5), pepper: pepper, at: noon, using: &self.generator)
        _ = try set.add(KeyDraft(name: "b"), pepper: pepper, at: noon, using: &self.generator)
        try set.revoke(text.id)
        #expect(try KeySet(set.records) == set)
    }

    @Test mutating func `a draft with mistakes is refused and changes nothing`() {
        var set = KeySet()
        #expect(throws: KeySetProblem.environment("Live!")) {
            try set.add(
                KeyDraft(name: "a", environment: "Live!"), pepper: pepper, at: noon, using: &self.generator)
        }
        #expect(throws: KeySetProblem.self) {
            try set.add(KeyDraft(name: "", project: "a b"), pepper: pepper, at: noon, using: &self.generator)
        }
        #expect(set == KeySet())
    }

    @Test func `every mistake in the records is found at once`() {
        let good = KeyRecord.Secret(hash: String(repeating: "0", count: 64), created: "2026-11-24")
        let bad = KeyRecord(
            id: "ABC", name: "", environment: "Live", project: "a b", projects: [""], created: "yesterday",
            expires: "2026-02-30", secrets: [KeyRecord.Secret(hash: "zz", created: "x", expires: "y"), good, good])
        let fine = KeyRecord(
            id: "abcd2345", name: "n", environment: "live", project: "p", created: "2026-11-24T06:55:17Z",
            secrets: [good])
        do throws(KeySetProblem) {
            _ = try KeySet([bad, fine, fine])
            Issue.record("the records were taken")
        } catch {
            #expect(
                error.message == """
                    key 1: id: 'ABC' is not 8 lower-case letters and digits
                    key 1: name: expected 1 to 64 bytes, found 0
                    key 1: environment: 'Live' is not 1 to 16 lower-case letters and digits
                    key 1: project: 'a b' is not 1 to 64 letters, digits, '-', '_', '.' or '/'
                    key 1: projects[0]: expected 1 to 256 bytes, found 0
                    key 1: created: 'yesterday' is not a time such as 2026-11-24T06:55:17Z, nor a date
                    key 1: expires: '2026-02-30' is not a time such as 2026-11-24T06:55:17Z, nor a date
                    key 1: secrets: expected 1 or 2, found 3
                    key 1: secrets[0].hash: expected 64 hexadecimal digits in lower case
                    key 1: secrets[0].created: 'x' is not a time such as 2026-11-24T06:55:17Z, nor a date
                    key 1: secrets[0].expires: 'y' is not a time such as 2026-11-24T06:55:17Z, nor a date
                    key 3: id: 'abcd2345' is also the id of key 2 in this file
                    """)
        }
    }

    @Test func `problems are worded with a way out`() {
        #expect(
            KeySetProblem.nameTaken("a", by: "abcd2345").message
                == "a key named 'a' exists (abcd2345); choose another name, or revoke that one first")
        #expect(KeySetProblem.unknownKey("x", known: []).message == "no key x: there are no keys")
        #expect(
            KeySetProblem.unknownKey("x", known: ["abcd2345"]).message
                == "no key x; 'gatehouse keys list' shows the 1 there are")
        #expect(
            KeySetProblem.twoSecretsLive("abcd2345", until: noon).message
                == "key abcd2345 has two live secrets until 2026-11-24T12:00:00.000Z; rotate it then, or without an "
                + "overlap, which ends both now")
    }
}

struct `Times in files` {
    @Test(arguments: [
        ("2026-11-24T06:55:17Z", "2026-11-24T06:55:17.000Z"), ("2026-11-24", "2026-11-24T00:00:00.000Z"),
        ("2026-11-24t06:55:17.042z", "2026-11-24T06:55:17.042Z"), ("2024-02-29", "2024-02-29T00:00:00.000Z"),
        ("2026-11-24T06:55:17+08:00", "2026-11-23T22:55:17.000Z"),
        ("2026-11-24T06:55:17.5-03:30", "2026-11-24T10:25:17.500Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999Z"),
    ])
    func `are read`(text: String, rfc3339: String) {
        #expect(WallTime(rfc3339: text)?.rfc3339 == rfc3339)
    }

    @Test(arguments: [
        "", "2026", "2026-11", "2026-11-24T", "2026-11-24T06:55", "2026-11-24T06:55:17", "2026-11-24 06:55:17Z",
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-04-31", "1969-12-31", "2026-11-24T24:00:00Z",
        "2026-11-24T06:55:60Z", "2026-11-24T06:55:17.Z", "2026-11-24T06:55:17.1234567Z", "2026-11-24T06:55:17+8:00",
        "2026-11-24T06:55:17ZZ", "٢٠٢٦-11-24", "+026-11-24",
    ])
    func `other text is not`(text: String) {
        #expect(WallTime(rfc3339: text) == nil)
    }

    @Test func `every day of four centuries reads back`() {
        for day in 0..<146_097 as Range<Int64> {
            let time = WallTime(microseconds: day * 86_400_000_000)
            if WallTime(rfc3339: time.utc.day) != time { Issue.record("\(time.utc.day)") }
        }
    }
}

struct `Usage` {
    @Test func `totals are sums, and averages are made of them`() throws {
        var generator = SeededGenerator(seed: 1)
        let id = RequestID(at: noon, using: &generator)
        var totals = UsageTotals()
        #expect(totals.firstTokenAverage == nil)
        #expect(totals.totalAverage == nil)
        totals.add(
            UsageRow(
                time: noon, requestID: id, route: "local", endpoint: "/api/chat", promptTokens: Tokens(10),
                outputTokens: Tokens(5), queued: .seconds(1), firstToken: .seconds(2), total: .seconds(4), status: 200,
                reason: .allowLocal, attempts: 1, isStreamed: true))
        totals.add(
            UsageRow(
                time: noon, requestID: id, route: "none", endpoint: "/api/chat", total: .seconds(2), status: 429,
                reason: .queueFull, attempts: 0, isStreamed: false))
        #expect((totals.requests, totals.errors, totals.promptTokens, totals.outputTokens) == (2, 1, 10, 5))
        #expect(totals.firstTokenAverage == .seconds(2))
        #expect(totals.totalAverage == .seconds(3))
        let twice = totals + totals
        #expect((twice.requests, twice.firstTokens, twice.queued) == (4, 2, .seconds(2)))
    }
}
