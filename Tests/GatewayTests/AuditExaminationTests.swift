import Foundation
import Residency
import Storage
import Testing
import Vocabulary

@testable import Gateway

/// What `gatehouse audit` reads in a file that is there.
@Suite struct AuditExaminationTests {
    private let folder: TemporaryFolder
    private let start = AuditStart(
        node: "n", version: "1", configuration: AuditConfiguration(generation: 1, files: [:]))
    private let noon = WallTime(microseconds: 1_795_521_600_000_000)

    init() throws { self.folder = try TemporaryFolder() }

    /// A file of these events, a second apart.
    private func reader(_ events: [AuditEvent]) throws -> AuditReader {
        let path = self.folder["audit.sqlite"]
        let store = try AuditStore(path: path)
        for (place, event) in ([.genesis(self.start, previousFile: nil)] + events).enumerated() {
            #expect(store.append(event, at: self.noon + .seconds(place)))
        }
        #expect(store.close())
        return try AuditReader(path: path)
    }

    private func examine(_ reader: AuditReader, from: String? = nil, to: String? = nil) throws -> AuditVerifyReport {
        let range = try AuditPart(from: from, to: to).range(in: reader)
        return AuditVerifyReport(reader.path, try AuditExamination(reader, range, usage: nil, checkpoints: []))
    }

    @Test func `intents and outcomes that belong together are whole, and those of the last process may be open`()
        throws
    {
        let reader = try self.reader([
            .intent(.one()), .outcome(AuditIntent.one().completed), .start(self.start, fault: nil), .intent(.one(1)),
        ])
        let report = try self.examine(reader)
        #expect(report.whole)
        #expect((report.departures.intents, report.departures.outcomes, report.departures.open) == (2, 1, 1))
        #expect(
            report.text.contains(
                "\n2 intents to send something outside, 1 outcomes, 1 intents are open: the last process had not told"))
    }

    @Test func `forged and missing outcomes are found where they stand, in a chain whose records hold`() throws {
        let stranger = try AuditIntent.one(7).completed
        let reader = try self.reader([
            .intent(.one()), .outcome(AuditIntent.one().completed), .outcome(AuditIntent.one().completed),
            .outcome(stranger), .intent(.one(1)), .start(self.start, fault: nil), .intent(.one(1)),
        ])
        let report = try self.examine(reader)
        #expect(!report.whole)
        #expect(report.fault == nil)
        #expect(
            report.departures.faults.map { "\($0.seq) \($0.code)" } == [
                "4 outcome_twice", "5 outcome_without_intent", "6 outcome_missing", "8 intent_twice",
            ])
        #expect(
            report.text.contains(
                "\nBROKEN at record 6: its intent has no outcome, and the node was started again since"))
    }

    @Test func `many faults are counted, and ten are printed`() throws {
        let reader = try self.reader(try (0..<150).map { .outcome(try AuditIntent.one($0).completed) })
        let report = try self.examine(reader)
        #expect((report.departures.faultCount, report.departures.faults.count) == (150, 100))
        #expect(report.text.hasSuffix("\nBROKEN: 140 more of these"))
        #expect(report.text.split(separator: "\n").count == 14)
    }

    @Test func `a part is named by numbers or by times`() throws {
        let reader = try self.reader(
            try (0..<9).flatMap { number -> [AuditEvent] in
                [.intent(try .one(number)), .outcome(try AuditIntent.one(number).completed)]
            })
        func range(_ from: String?, _ to: String?) throws -> [Int64] {
            let range = try AuditPart(from: from, to: to).range(in: reader)
            return [range.first, range.last]
        }
        #expect(try range(nil, nil) == [1, .max])
        #expect(try range("5", "8") == [5, 8])
        #expect(try range("2026-11-24T12:00:05Z", "2026-11-24T12:00:08Z") == [6, 8])
        #expect(try range("2026-11-24T12:00:04.5Z", nil) == [6, .max])
        let part = try self.examine(reader, from: "3", to: "2026-11-24T12:00:08Z")
        #expect((part.whole, part.records, part.checkpoint?.prefix(2)) == (true, 6, "8:"))
        for (from, to) in [("8", "5"), ("20", nil), (nil, "2026-11-24"), ("2026-11-25", nil)] as [(String?, String?)] {
            #expect {
                _ = try range(from, to)
            } throws: {
                ($0 as? AdminFailure)?.message
                    == "no record lies between --from and --to; the last one is record 19"
            }
        }
        for text in ["", "0", "-1", "x", "2026-13-01"] {
            #expect(throws: AuditOptionFault.self) { _ = try AuditPart(from: text, to: nil) }
        }
    }

    @Test func `a person reads one line for each, or all members of one request's`() throws {
        let reader = try self.reader([.intent(.one()), .outcome(AuditIntent.one().completed)])
        var all: [AuditRecord] = []
        try reader.records { found in
            if case .success(let record) = found { all.append(record) }
            return true
        }
        let id = "\(try AuditIntent.one().verdict.request)"
        let lines = AuditPages.list(all).split(separator: "\n")
        #expect(
            lines[2]
                == """
                2    2026-11-24T12:00:01.000Z  intent   to euai, m-large, rule overflow, public, local_down, 100 bytes, \
                request \(id), attempt 1
                """)
        #expect(
            lines[3]
                == """
                3    2026-11-24T12:00:02.000Z  outcome  completed at euai, status 200, 4711 bytes back, 812 ms, \
                request \(id), attempt 1
                """)
        #expect(
            AuditPages.details(Array(all[2...])) == """
                record 3  2026-11-24T12:00:02.000Z  outcome
                  attempt     1
                  backend     euai
                  bytes_in    4711
                  bytes_out   100
                  ms          812
                  request_id  \(id)
                  result      completed
                  status      200
                """)
        #expect(AuditPages.details(Array(all[1...1])).contains("\n  sensitivity_sources  default\n"))
    }
}
