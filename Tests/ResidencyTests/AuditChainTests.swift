import Foundation
import Testing
import Vocabulary

@testable import Residency

/// The chain that `Fixtures/audit-chain.jsonl` tells: made by another program, in another language, by the manual alone.
enum AuditVectors {
    static let noon = WallTime(microseconds: 1_795_521_600_000_000)

    /// The records of the file, as `gatehouse audit export` writes them.
    static func records() throws -> [AuditRecord] {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/audit-chain.jsonl")
        return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").map { line in
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            func hash(_ name: String) throws -> AuditHash { try #require(AuditHash(object[name] as? String ?? "")) }
            return AuditRecord(
                sequence: try #require(object["seq"] as? Int64),
                time: WallTime(microseconds: try #require(object["time_us"] as? Int64)),
                kind: try #require(object["kind"] as? String), body: Array((object["body"] as? String ?? "").utf8),
                bodyHash: try hash("body_sha256"), previous: try hash("previous"), hash: try hash("hash"))
        }
    }

    /// The events that the file tells, without `clock`, which the chain puts in by itself.
    static func events() throws -> [(AuditEvent, Int64)] {
        let files = ["gatehouse": AuditHash(of: Array("a".utf8)), "manifest": AuditHash(of: Array("b".utf8))]
        let start = AuditStart(
            node: "gw-ü-1", version: "0.1.0", configuration: AuditConfiguration(generation: 1, files: files))
        let request = try #require(RequestID("01a20cab-81c6-7b3f-8d96-c84d9c6ada50"))
        return try [
            (.genesis(start, previousFile: nil), 0),
            (
                .decision(
                    AuditDecision(
                        request: request, endpoint: "/api/chat", key: "abcd2345", project: "a \"b\" \\ \t\u{1}",
                        verdict: .deny, reason: .remoteModel, outcome: .remoteModel, status: 403)), 1
            ),
            (
                .local(
                    AuditedRows(
                        first: 1, last: 3, requests: 3, servedLocally: 2, digest: AuditHash(of: Array("rows".utf8)))),
                60_000_000
            ),
            (.backend(.init(backend: "gpu1", change: .quarantined, reason: .backendQuarantined)), 60_000_000),
            (.backend(.init(backend: "gpu1", change: .released, reason: .backendQuarantined)), 61_000_000),
            (.configuration(AuditConfiguration(generation: 2, files: files)), 30_000_000),
            (
                .decision(
                    AuditDecision(
                        request: request, endpoint: "/v1/chat/completions", feature: "search", model: "llama3.2:3b",
                        verdict: .local, reason: .grantInvalid,
                        candidates: [.init(backend: "gpu1", model: "llama3.2:3b", reason: .grantInvalid)],
                        outcome: .allowLocal, status: 200)), 30_000_001
            ),
            (.lost(records: 7), 30_000_002),
            (.stop, 30_000_003),
            (.start(start, fault: AuditFault(.body, at: 4)), 30_000_004),
        ] + self.departures(request)
    }

    /// What `body_hmac` of the file commits to, under the key of the bytes 0 to 31.
    static let body = Array(#"{"model":"m-large","messages":[]}"#.utf8)

    /// A refusal by the policy, an intent of which little is known and that nobody waited for, and a whole one.
    private static func departures(_ request: RequestID) throws -> [(AuditEvent, Int64)] {
        let source = Verdict.Source(hash: AuditHash(of: Array("policy".utf8)), revision: "2026-11-24.1")
        var judgement = AuditJudgement(
            of: Verdict(
                request: request, backend: "euai", model: "m-large", trigger: .localSaturated,
                sensitivity: .confidential, isAllowed: false, reason: .sensitivityTooHigh, rule: "overflow",
                weighed: [
                    .init(rule: "night", isAllowance: false, unmet: .time),
                    .init(rule: "overflow", isAllowance: true, unmet: .sensitivity),
                ], source: source, madeAt: .zero), sensitivitySources: ["project", "caller"])
        judgement.shadow = .init(isAllowed: true, reason: .allowRule, rule: "wider")
        let refusal = AuditDecision(
            request: request, endpoint: "/v1/chat/completions", key: "abcd2345", project: "marketing",
            model: "llama3.2:3b", verdict: .deny, reason: .sensitivityTooHigh,
            candidates: [.init(backend: "euai", model: "m-large", reason: .sensitivityTooHigh)],
            judgement: judgement, outcome: .sensitivityTooHigh, status: 403)
        let commitment = try #require(CommitmentKey(Array(0..<32))).commitment(of: self.body)
        let first = AuditIntent(
            verdict: Verdict(
                request: request, backend: "euai", model: "m-large", trigger: .callerRequested, sensitivity: .public,
                isAllowed: true, reason: .allowRule, rule: nil, source: nil, madeAt: .zero),
            attempt: 1, endpoint: "/api/chat", key: nil, project: nil, feature: nil, sensitivitySources: [],
            jurisdiction: "EU", addresses: [SocketAddress(try address("203.0.113.7"), port: 443)], candidates: [],
            bytes: self.body.count, bodyHash: AuditHash(of: self.body), commitment: commitment)
        let second = AuditIntent(
            verdict: Verdict(
                request: request, backend: "euai", model: "m-large", trigger: .localDown, sensitivity: .internal,
                isAllowed: true, reason: .allowRule, rule: "overflow",
                weighed: [.init(rule: "overflow", isAllowance: true, unmet: nil)], source: source, madeAt: .zero),
            attempt: 2, endpoint: "/v1/chat/completions", key: "abcd2345", project: "marketing", feature: "search",
            sensitivitySources: ["default"], jurisdiction: "EU",
            addresses: [
                SocketAddress(try address("203.0.113.7"), port: 443),
                SocketAddress(try address("2001:db8::7"), port: 443),
            ], candidates: [.init(backend: "gpu1", model: "llama3.2:3b", reason: .addressForbidden)],
            bytes: self.body.count, bodyHash: AuditHash(of: self.body), commitment: commitment)
        return [
            (.decision(refusal), 30_000_005), (.intent(first), 30_000_006),
            (.outcome(AuditOutcome(notSent: first, reason: .auditUnavailable)), 30_000_007),
            (.intent(second), 30_000_008),
            (
                .outcome(
                    AuditOutcome(
                        request: request, attempt: 2, backend: "euai", result: .completed, status: 200,
                        bytesOut: self.body.count, bytesIn: 4711, promptTokens: Tokens(200), outputTokens: Tokens(30),
                        total: .milliseconds(812))), 30_000_009
            ),
        ]
    }
}

@Suite struct AuditChainTests {
    @Test func `a person is named only where the key may name one`() throws {
        let request = try #require(RequestID("0190e3a0-0000-7000-8000-00000000000a"))
        var decision = AuditDecision(
            request: request, endpoint: "/api/chat", verdict: .deny, reason: .remoteModel, outcome: .remoteModel,
            status: 403)
        func told(_ body: CanonicalJSON) -> String { String(decoding: body.bytes, as: UTF8.self) }
        #expect(!told(decision.body).contains("principal"))
        decision.principal = "u-7"
        #expect(told(decision.body).contains(#""principal":"u-7""#))
        for case (.intent(var intent), _) in try AuditVectors.events() {
            #expect(!told(intent.body).contains("principal"))
            intent.principal = "u-7"
            #expect(told(intent.body).contains(#""principal":"u-7""#))
        }
    }

    @Test func `the records of events are those that another program made`() throws {
        var chain = AuditChain()
        var made: [AuditRecord] = []
        for (event, offset) in try AuditVectors.events() {
            made += chain.append(event, at: WallTime(microseconds: AuditVectors.noon.microseconds + offset))
        }
        let told = try AuditVectors.records()
        #expect(made.count == told.count)
        for (one, other) in zip(made, told) {
            #expect(one == other, "\(String(decoding: one.body, as: UTF8.self))")
        }
        #expect(chain.head?.sequence == 16)
        #expect(chain.head?.hash == told.last?.hash)
    }

    @Test func `every kind of record is in the vectors`() throws {
        #expect(Set(try AuditVectors.records().map(\.kind)) == Set(AuditKind.allCases.map(\.rawValue)))
    }

    @Test func `the hash of a body, by which a short prompt could be guessed, is in no record`() throws {
        let hash = "\(AuditHash(of: AuditVectors.body))"
        for record in try AuditVectors.records() {
            #expect(!String(decoding: record.body, as: UTF8.self).contains(hash), "record \(record.sequence)")
        }
    }

    @Test func `a key for commitments has 32 bytes, and is not printed`() throws {
        for size in [0, 31, 33] { #expect(CommitmentKey(Array(repeating: 7, count: size)) == nil) }
        let key = try #require(CommitmentKey(Array(repeating: 7, count: 32)))
        #expect("\(key)" == "commitment key [redacted]")
        #expect(String(reflecting: key) == "\(key)")
        let other = try #require(CommitmentKey(Array(repeating: 8, count: 32)))
        #expect(key.commitment(of: AuditVectors.body) != other.commitment(of: AuditVectors.body))
    }

    @Test func `a chain goes on behind its head`() throws {
        let told = try AuditVectors.records()
        let last = told[14]
        var chain = AuditChain(after: .init(sequence: 15, time: last.time, hash: last.hash))
        let (event, offset) = try #require(try AuditVectors.events().last)
        #expect(
            chain.append(event, at: WallTime(microseconds: AuditVectors.noon.microseconds + offset)) == [told[15]])
    }

    @Test func `a clock that goes back is told, one that stands still is not`() {
        var chain = AuditChain()
        let noon = AuditVectors.noon
        #expect(chain.append(.stop, at: noon).map(\.kind) == ["stop"])
        #expect(chain.append(.stop, at: noon).map(\.kind) == ["stop"])
        let back = chain.append(.stop, at: noon + .microseconds(-1))
        #expect(back.map(\.kind) == ["clock", "stop"])
        #expect(String(decoding: back[0].body, as: UTF8.self) == #"{"from_us":1795521600000000}"#)
        #expect(back.map(\.time) == [noon + .microseconds(-1), noon + .microseconds(-1)])
    }

    @Test func `hashes are read from their text, and from nothing else`() throws {
        let hash = AuditHash(of: [])
        #expect("\(hash)" == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(AuditHash("\(hash)") == hash)
        #expect(AuditHash("\(hash)".uppercased()) == hash)
        for text in ["", "e3", "\(hash)0", "+3" + "\(hash)".dropFirst(2), "zz" + "\(hash)".dropFirst(2)] {
            #expect(AuditHash(text) == nil, "\(text)")
        }
        var digest = AuditDigest()
        digest.add([1, 2])
        digest.add([])
        digest.add([3])
        #expect(digest.hash == AuditHash(of: [1, 2, 3]))
    }

    @Test func `checkpoints are a number, a colon and a hash`() throws {
        let text = "17:\(AuditHash.zero)"
        #expect(AuditCheckpoint(text).map { "\($0)" } == text)
        for text in [
            "", "17", "0:\(AuditHash.zero)", "-1:\(AuditHash.zero)", "x:\(AuditHash.zero)", "17:00", text + ":",
        ] {
            #expect(AuditCheckpoint(text) == nil, "\(text)")
        }
    }
}

@Suite struct CanonicalJSONTests {
    private func text(_ value: CanonicalJSON) -> String { String(decoding: value.bytes, as: UTF8.self) }

    @Test func `values have one spelling`() {
        #expect(
            self.text(.array([.null, .bool(true), .bool(false), .integer(-7), .string("x")]))
                == #"[null,true,false,-7,"x"]"#)
        #expect(self.text(.object([:])) == "{}")
        #expect(self.text(.object(["b": .integer(1), "a": .array([]), "B": .null])) == #"{"B":null,"a":[],"b":1}"#)
    }

    /// The example of RFC 8785 section 3.2.3; a sort by scalar values would put the emoji last.
    @Test func `names are ordered by their UTF-16 code units`() {
        let names = ["\u{20ac}", "\r", "\u{fb33}", "1", "\u{1F600}", "\u{80}", "\u{f6}"]
        let object = CanonicalJSON.object(Dictionary(uniqueKeysWithValues: names.map { ($0, .null) }))
        let expected = ["\\r", "1", "\u{80}", "\u{f6}", "\u{20ac}", "\u{1F600}", "\u{fb33}"]
        #expect(self.text(object) == "{" + expected.map { "\"\($0)\":null" }.joined(separator: ",") + "}")
    }

    @Test func `texts are escaped no more than they must be`() {
        let text = "\u{20ac}$\u{0F}\u{1F}\nA'\u{42}\"\\\"/\u{7F}\u{8}\t\u{C}\r"
        #expect(self.text(.string(text)) == #""€$\u000f\u001f\nA'B\"\\\"/"# + "\u{7F}" + #"\b\t\f\r""#)
    }

    @Test func `numbers that some readers would round are told as text`() {
        #expect(self.text(.integer(9_007_199_254_740_991)) == "9007199254740991")
        #expect(self.text(.integer(-9_007_199_254_740_991)) == "-9007199254740991")
        #expect(self.text(.integer(9_007_199_254_740_992)) == #""9007199254740992""#)
        #expect(self.text(.integer(.min)) == #""-9223372036854775808""#)
    }
}
