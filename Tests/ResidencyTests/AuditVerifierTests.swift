import Testing
import Vocabulary

@testable import Residency

@Suite struct AuditVerifierTests {
    private let records: [AuditRecord]

    init() throws { self.records = try AuditVectors.records() }

    private func fault(
        _ records: [AuditRecord], checkpoints: [AuditCheckpoint] = [], startsAnywhere: Bool = false
    ) -> AuditFault? {
        var verifier = AuditVerifier(checkpoints: checkpoints, startsAnywhere: startsAnywhere)
        for record in records {
            if let fault = verifier.check(record) { return fault }
        }
        return verifier.finish()
    }

    /// `record` with another value somewhere, its hash as it was.
    private func changed(
        _ record: AuditRecord, sequence: Int64? = nil, time: WallTime? = nil, kind: String? = nil, body: [UInt8]? = nil,
        bodyHash: AuditHash? = nil, previous: AuditHash? = nil, hash: AuditHash? = nil
    ) -> AuditRecord {
        AuditRecord(
            sequence: sequence ?? record.sequence, time: time ?? record.time, kind: kind ?? record.kind,
            body: body ?? record.body, bodyHash: bodyHash ?? record.bodyHash, previous: previous ?? record.previous,
            hash: hash ?? record.hash)
    }

    @Test func `the vectors hold`() throws {
        #expect(self.fault(self.records) == nil)
        var verifier = AuditVerifier()
        for record in self.records { #expect(verifier.check(record) == nil) }
        #expect(verifier.count == 16)
        #expect(verifier.head?.checkpoint.description == "16:\(try #require(self.records.last).hash)")
    }

    @Test func `every changed byte of every record is found, at that record`() {
        var tried = 0
        for (place, record) in self.records.enumerated() {
            func expectFound(_ other: AuditRecord, _ what: String) {
                var records = self.records
                records[place] = other
                let found = self.fault(records)
                #expect(found?.sequence == record.sequence, "\(what) of record \(record.sequence)")
                tried += 1
            }
            func flipped(_ bytes: [UInt8]) -> [[UInt8]] {
                bytes.indices.map { index in
                    var other = bytes
                    other[index] ^= 1
                    return other
                }
            }
            for body in flipped(record.body) { expectFound(self.changed(record, body: body), "the body") }
            for hash in flipped(record.bodyHash.bytes).compactMap({ AuditHash($0) }) {
                expectFound(self.changed(record, bodyHash: hash), "the body's hash")
            }
            for hash in flipped(record.previous.bytes).compactMap({ AuditHash($0) }) {
                expectFound(self.changed(record, previous: hash), "the predecessor's hash")
            }
            for hash in flipped(record.hash.bytes).compactMap({ AuditHash($0) }) {
                expectFound(self.changed(record, hash: hash), "the hash")
            }
            for kind in flipped(Array(record.kind.utf8)) {
                expectFound(self.changed(record, kind: String(decoding: kind, as: UTF8.self)), "the kind")
            }
            for bit in 0..<63 {
                let time = WallTime(microseconds: record.time.microseconds ^ 1 << Int64(bit))
                expectFound(self.changed(record, time: time), "the time")
            }
        }
        #expect(tried > 3000)
    }

    @Test func `a body that was changed with its hash, and a record made wholly anew, are found`() {
        let record = self.records[4]
        let body = Array(#"{"backend":"gpu1","change":"allowed","reason":"addr_class"}"#.utf8)
        var records = self.records
        records[4] = self.changed(record, body: body, bodyHash: AuditHash(of: body))
        #expect(self.fault(records)?.code == .hash)
        #expect(self.fault(records)?.sequence == 5)
        records[4] = AuditRecord(
            sequence: 5, time: record.time, kind: .backend, body: body, after: record.previous)
        let fault = self.fault(records)
        #expect((fault?.code, fault?.sequence) == (.previous, 6))
    }

    @Test func `a record that is missing, doubled or moved is found where it stood`() {
        for place in 0..<(self.records.count - 1) {
            var without = self.records
            without.remove(at: place)
            #expect(self.fault(without)?.code == .gap)
            #expect(self.fault(without)?.sequence == Int64(place + 1))
            var doubled = self.records
            doubled.insert(self.records[place], at: place)
            #expect(self.fault(doubled)?.sequence == Int64(place + 2))
            var moved = self.records
            moved.swapAt(place, place + 1)
            #expect(self.fault(moved)?.sequence == Int64(place + 1))
            // Numbered as if nothing had happened.
            moved[place] = self.changed(moved[place], sequence: Int64(place + 1))
            moved[place + 1] = self.changed(moved[place + 1], sequence: Int64(place + 2))
            #expect(self.fault(moved)?.sequence == Int64(place + 1))
        }
    }

    @Test func `an end that was cut off shows by a checkpoint only`() throws {
        let cut = Array(self.records.prefix(8))
        #expect(self.fault(cut) == nil)
        let last = try #require(self.records.last)
        let checkpoint = AuditCheckpoint(sequence: last.sequence, hash: last.hash)
        #expect(self.fault(self.records, checkpoints: [checkpoint]) == nil)
        let fault = self.fault(cut, checkpoints: [checkpoint])
        #expect((fault?.code, fault?.sequence) == (.cutOff, 9))
        #expect(
            fault?.description == "record 9: the chain was cut off before it (expected the checkpoint's record 16)")
    }

    @Test func `a chain that was made wholly anew shows by a checkpoint only`() throws {
        var forged = [
            AuditRecord(
                sequence: 1, time: self.records[0].time, kind: .genesis, body: Array("{}".utf8), after: .zero)
        ]
        for number in 2...16 {
            let last = try #require(forged.last)
            forged.append(
                AuditRecord(sequence: Int64(number), time: last.time, kind: .stop, body: [], after: last.hash))
        }
        #expect(self.fault(forged) == nil)
        let kept = AuditCheckpoint(sequence: 5, hash: self.records[4].hash)
        let fault = self.fault(forged, checkpoints: [kept])
        #expect((fault?.code, fault?.sequence) == (.checkpoint, 5))
    }

    @Test func `a file has one beginning, at its beginning`() throws {
        #expect(self.fault([])?.code == .empty)
        let stop = AuditRecord(sequence: 1, time: AuditVectors.noon, kind: .stop, body: [], after: .zero)
        #expect(self.fault([stop])?.code == .genesis)
        let again = AuditRecord(
            sequence: 2, time: AuditVectors.noon, kind: .genesis, body: [], after: self.records[0].hash)
        let fault = self.fault([self.records[0], again])
        #expect((fault?.code, fault?.sequence) == (.genesis, 2))
        #expect(fault?.description == "record 2: a file begins in the middle")
    }

    @Test func `time falls only where the clock was set back`() {
        let early = AuditRecord(
            sequence: 2, time: AuditVectors.noon + .microseconds(-1), kind: .stop, body: [],
            after: self.records[0].hash)
        #expect(self.fault([self.records[0], early])?.code == .time)
        #expect(self.fault([self.records[0], early])?.description.contains("the clock was not set back") == true)
    }

    @Test func `the end of a chain can be verified alone`() {
        for start in self.records.indices {
            #expect(self.fault(Array(self.records[start...]), startsAnywhere: true) == nil)
        }
        var broken = Array(self.records[6...])
        broken[2] = self.changed(broken[2], body: [])
        #expect(self.fault(broken, startsAnywhere: true)?.sequence == 9)
    }
}
