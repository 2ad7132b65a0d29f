import Accounting
import Testing
import Vocabulary

let pepper = Pepper([UInt8](repeating: 3, count: 32))!
let noon = WallTime(rfc3339: "2026-11-24T12:00:00Z")!

func key(
    _ texts: [KeyText], notAfter: WallTime? = nil, secretsEnd: [WallTime?] = [nil, nil], isRevoked: Bool = false,
    models: [NamePattern] = [], projects: [NamePattern] = [], features: [NamePattern] = []
) -> Key {
    Key(
        id: texts[0].id, name: "invoices", environment: texts[0].environment, project: "billing", projects: projects,
        features: features, models: models, createdAt: noon, notAfter: notAfter,
        secrets: zip(texts, secretsEnd).map {
            KeySecret(hash: SecretHash($0, pepper: pepper), createdAt: noon, notAfter: $1)
        }, isRevoked: isRevoked)
}

struct `Key ring` {
    private let text = keyText()

    private func cause(_ ring: KeyRing, _ text: KeyText, at now: WallTime = noon) -> KeyRefusal.Cause? {
        switch ring.authenticate(text.revealed.utf8, at: now) {
        case .success: return nil
        case .failure(let refusal):
            #expect(refusal.reason == .keyInvalid, "the client must not learn the cause")
            return refusal.cause
        }
    }

    @Test func `finds the key of a right secret`() throws {
        let ring = KeyRing([key([self.text]), key([keyText(id: "other234")])], pepper: pepper)
        #expect(try ring.authenticate(self.text.revealed.utf8, at: noon).get().name == "invoices")
        #expect(ring.count == 2)
        #expect(!ring.isEmpty)
    }

    @Test func `counts the keys that end soon, and not those that have ended or get on with another secret`() {
        let soon = noon + .seconds(60)
        let texts = ["soon2345", "secret23", "ended234", "rotated2", "later234", "never234"].map { keyText(id: $0) }
        let ring = KeyRing(
            [
                key([texts[0]], notAfter: soon), key([texts[1]], secretsEnd: [soon]), key([texts[2]], notAfter: noon),
                key([texts[3], keyText(id: "rotated2", seed: 8)], secretsEnd: [soon, nil]),
                key([texts[4]], notAfter: noon + .seconds(90)), key([texts[5]]),
                key([keyText(id: "revoked2")], notAfter: soon, isRevoked: true),
            ], pepper: pepper)
        #expect(ring.count(endingWithin: .seconds(60), from: noon) == 2)
        #expect(ring.count(endingWithin: .seconds(59), from: noon) == 0)
        #expect(ring.count(endingWithin: .seconds(90), from: noon) == 3)
    }

    @Test func `without keys takes none`() {
        #expect(KeyRing().isEmpty)
        #expect(self.cause(KeyRing(), self.text) == .unknownID)
    }

    @Test func `tells the log why a key was refused`() {
        let ring = KeyRing([key([self.text])], pepper: pepper)
        #expect(self.cause(ring, keyText(id: "nobody22")) == .unknownID)
        #expect(self.cause(ring, keyText(seed: 8)) == .secretWrong)
        #expect(self.cause(KeyRing([key([self.text], isRevoked: true)], pepper: pepper), self.text) == .revoked)
        #expect(self.cause(KeyRing([key([self.text], notAfter: noon)], pepper: pepper), self.text) == .expired)
        let otherPepper = Pepper([UInt8](repeating: 4, count: 32))!
        #expect(self.cause(KeyRing([key([self.text])], pepper: otherPepper), self.text) == .secretWrong)
        #expect(self.cause(ring, keyText(environment: "test")) == .environmentWrong)
        for (bytes, cause) in [("", .malformed), ("Bearer x", .malformed)] as [(String, KeyRefusal.Cause)] {
            guard case .failure(let refusal) = ring.authenticate(bytes.utf8, at: noon) else {
                Issue.record("'\(bytes)' was taken")
                continue
            }
            #expect(refusal.cause == cause)
            #expect(refusal.keyID == nil)
        }
    }

    @Test func `who does not know the secret does not learn that the key was revoked`() {
        let ring = KeyRing([key([self.text], notAfter: noon, isRevoked: true)], pepper: pepper)
        #expect(self.cause(ring, keyText(seed: 8)) == .secretWrong)
    }

    @Test func `an expiry counts from its very moment`() {
        let ring = KeyRing([key([self.text], notAfter: noon + .seconds(1))], pepper: pepper)
        #expect(self.cause(ring, self.text, at: noon + .milliseconds(999)) == nil)
        #expect(self.cause(ring, self.text, at: noon + .seconds(1)) == .expired)
    }

    @Test func `two secrets live side by side, each to its own end`() {
        let newer = keyText(seed: 9)
        let ring = KeyRing([key([self.text, newer], secretsEnd: [noon + .seconds(60), nil])], pepper: pepper)
        #expect(self.cause(ring, self.text) == nil)
        #expect(self.cause(ring, newer) == nil)
        #expect(self.cause(ring, self.text, at: noon + .seconds(60)) == .secretExpired)
        #expect(self.cause(ring, newer, at: noon + .seconds(60)) == nil)
    }
}

struct `Rights of a key` {
    @Test func `models are all unless some are named, with and without the tag latest`() {
        #expect(key([keyText()]).mayUse(model: "anything"))
        let some = key([keyText()], models: ["llama3.2", "qwen*", "tier-a:latest", "*:8b"])
        for name in ["llama3.2", "llama3.2:latest", "qwen3:32b", "tier-a", "tier-a:latest", "x:8b"] {
            #expect(some.mayUse(model: name), "\(name)")
        }
        for name in ["llama3.2:1b", "Llama3.2", "aqwen", "tier-a:x", "", "x:8bb"] {
            #expect(!some.mayUse(model: name), "\(name)")
        }
    }

    @Test func `the project is the key's own unless another is allowed`() throws {
        let plain = key([keyText()])
        #expect(try plain.project(asked: nil) == "billing")
        #expect(try plain.project(asked: "billing") == "billing")
        #expect(throws: RightsRefusal(what: .project)) { try plain.project(asked: "hr") }
        let wide = key([keyText()], projects: ["hr", "team-*"])
        #expect(try wide.project(asked: "hr") == "hr")
        #expect(try wide.project(asked: "team-7") == "team-7")
        #expect(try wide.project(asked: nil) == "billing")
        #expect(throws: RightsRefusal(what: .project)) { try wide.project(asked: "team- 7") }
    }

    @Test func `a feature is free text only where a pattern says so`() throws {
        let plain = key([keyText()])
        #expect(try plain.feature(asked: nil) == nil)
        #expect(throws: RightsRefusal(what: .feature)) { try plain.feature(asked: "search") }
        let wide = key([keyText()], features: ["*"])
        #expect(try wide.feature(asked: "search/v2") == "search/v2")
        for bad in ["", "a b", "ü", "a\n", String(repeating: "x", count: 65)] {
            #expect(throws: RightsRefusal(what: .feature)) { try wide.feature(asked: bad) }
        }
    }

    @Test func `a refusal is worded for the caller`() {
        #expect(
            RightsRefusal(what: .model).message
                == "this key may not use the model that the request names; ask for a key that may, or leave it out")
        #expect(RightsRefusal(what: .model).reason.status == 403)
    }

    @Test func `patterns agree with a slow and obvious matcher`() {
        func slow(_ pattern: ArraySlice<Character>, _ name: ArraySlice<Character>) -> Bool {
            guard let first = pattern.first else { return name.isEmpty }
            if first == "*" {
                return (name.startIndex...name.endIndex).contains { slow(pattern.dropFirst(), name[$0...]) }
            }
            return name.first == first && slow(pattern.dropFirst(), name.dropFirst())
        }
        func words(_ letters: String, upTo length: Int) -> [String] {
            (0..<length).reduce([""]) { all, _ in
                Array(Set(all + all.flatMap { word in letters.map { word + "\($0)" } }))
            }
        }
        let names = words("ab", upTo: 5)
        for pattern in words("ab*", upTo: 5) {
            for name in names {
                let expected = slow(Array(pattern)[...], Array(name)[...])
                if NamePattern(pattern).matches(name) != expected { Issue.record("\(pattern) and \(name)") }
            }
        }
    }
}

struct `Failure limiter` {
    private let start = Instant.zero + .seconds(1000)
    private let source = IPAddress("10.0.0.1")

    @Test func `the eleventh wrong key in a minute is told to wait, the first in the next is not`() {
        var limiter = FailureLimiter()
        for second in 0..<10 {
            #expect(limiter.failed(from: self.source, at: self.start + .seconds(second)) == .refuse)
        }
        #expect(
            limiter.failed(from: self.source, at: self.start + .seconds(20))
                == .throttle(retryAfter: .seconds(40), isFirst: true))
        #expect(
            limiter.failed(from: self.source, at: self.start + .seconds(59))
                == .throttle(retryAfter: .seconds(1), isFirst: false))
        #expect(limiter.failed(from: self.source, at: self.start + .seconds(60)) == .refuse)
    }

    @Test func `sources do not share their count, addresses of one IPv6 host do`() {
        var limiter = FailureLimiter()
        for host in 1...20 { #expect(limiter.failed(from: IPAddress("10.0.0.\(host)"), at: self.start) == .refuse) }
        var throttled = 0
        for host in 1...20 {
            if limiter.failed(from: IPAddress("fd00::\(host)"), at: self.start) != .refuse { throttled += 1 }
        }
        #expect(throttled == 10)
        #expect(limiter.failed(from: IPAddress("fd00:0:0:1::1"), at: self.start) == .refuse)
    }

    @Test func `local callers are never throttled`() {
        var limiter = FailureLimiter()
        for _ in 0..<100 { #expect(limiter.failed(from: nil, at: self.start) == .refuse) }
        #expect(limiter.count == 0)
    }

    @Test func `a flood of sources stays within its bound and forgets the oldest`() {
        var limiter = FailureLimiter()
        func address(_ number: Int) -> IPAddress {
            IPAddress(octets: [10, UInt8(number >> 16 & 0xFF), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)])
        }
        for _ in 0..<11 { _ = limiter.failed(from: address(0), at: self.start) }
        for number in 1..<20_000 {
            _ = limiter.failed(from: address(number), at: self.start + .milliseconds(number))
            #expect(limiter.count <= FailureLimiter.sourcesMax)
        }
        #expect(limiter.failed(from: address(0), at: self.start + .seconds(20)) == .refuse, "forgotten for the newer")
        _ = limiter.failed(from: address(1), at: self.start + .seconds(200))
        #expect(limiter.count == 1, "what has ended is forgotten")
    }
}
