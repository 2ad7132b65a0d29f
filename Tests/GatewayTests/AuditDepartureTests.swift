import Dialects
import EventLoop
import Foundation
import Logging
import Residency
import Storage
import Testing
import Vocabulary

@testable import Gateway

extension OnTheWire {
    /// What leaves, as the auditor keeps it.
    @Suite struct AuditDepartureTests {
        private static let start = AuditStart(
            node: "n", version: "1", configuration: AuditConfiguration(generation: 1, files: [:]))
        private static let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

        @LoopActor private static func auditor(
            in folder: TemporaryFolder, timers: SettableTimers = SettableTimers()
        ) throws -> Auditor {
            let auditor = try Auditor(folder: folder.path, usage: nil, timers: timers, log: Self.log)
            auditor.begin(Self.start, folder: folder.path)
            return auditor
        }

        /// Why `intent` may not leave; `nil` if it may.
        @LoopActor private static func refusal(_ auditor: Auditor, _ intent: AuditIntent) async -> Refusal? {
            do throws(Refusal) {
                _ = try await auditor.intend(intent)
                return nil
            } catch {
                return error
            }
        }

        /// The client may leave before the task that writes the intent has begun.
        @Test func `a departure that is given up while its intent is written has its outcome behind it`() async throws {
            let folder = try TemporaryFolder()
            try await onLoop {
                let auditor = try Self.auditor(in: folder)
                let prepared = Node.Prepared(
                    outgoing: Outgoing([], .openAIChat), plan: RewritePlan(outside: "m-large"))
                let departure = Departure(try .one(), prepared, auditor: auditor, timers: SettableTimers())
                departure.settleUnsent(.clientLeft)
                try await departure.record()
                departure.settleUnsent(.cancelled)
                auditor.close()
            }
            let found = try records(in: folder.path)
            #expect(found.map(\.kind) == ["genesis", "intent", "outcome", "stop"])
            #expect(String(decoding: found[2].body, as: UTF8.self).contains(#""reason":"client_left""#))
        }

        @Test func `an intent is in the file when its proof is there, its outcome follows, and stop comes last`()
            async throws
        {
            let folder = try TemporaryFolder()
            try await onLoop {
                let auditor = try Self.auditor(in: folder)
                let intent = try AuditIntent.one()
                let proof = try await auditor.intend(intent)
                #expect(proof.sequence == 2)
                #expect(try records(in: folder.path).map(\.kind) == ["genesis", "intent"])
                auditor.outcome(intent.completed)
                let other = try AuditIntent.one(1)
                #expect(await Self.refusal(auditor, other) == nil)
                auditor.outcome(AuditOutcome(notSent: other, reason: .tlsIdentity))
                #expect(
                    auditor.departures
                        == DepartureCounts(intents: 2, refused: 0, outcomes: [.completed: 1, .notSent: 1]))
                auditor.close()
                auditor.outcome(intent.completed)
                let refusal = await Self.refusal(auditor, try .one(2))
                #expect(refusal?.reason == .auditUnavailable)
                #expect(refusal?.message.contains("this node is being stopped") == true)
            }
            #expect(
                try records(in: folder.path).map(\.kind) == [
                    "genesis", "intent", "outcome", "intent", "outcome", "stop",
                ])
            let intent = try records(in: folder.path)[1].members
            #expect(intent["decision"] as? String == "external")
            #expect(intent["rule_id"] as? String == "overflow")
        }

        @Test func `an intent that the disk does not take in time is refused, and its outcome lies behind it`()
            async throws
        {
            let folder = try TemporaryFolder()
            try await onLoop {
                let timers = SettableTimers()
                let auditor = try Self.auditor(in: folder, timers: timers)
                #expect(await Self.refusal(auditor, try .one(9)) == nil)
                auditor.outcome(try AuditIntent.one(9).completed)
                while auditor.queued > 0 { await LoopTimers().sleep(for: .milliseconds(1)) }
                let held = try HeldFile(folder["audit.sqlite"])
                let waiting = timers.count
                let told = Waiter<Refusal?>()
                _ = startTask {
                    if let intent = try? AuditIntent.one() { told.resume(await Self.refusal(auditor, intent)) }
                }
                while timers.count == waiting { await LoopTimers().sleep(for: .milliseconds(1)) }
                timers.advance(by: Bounds.auditWait)
                let refusal = try #require(await told.wait())
                #expect(refusal.reason == .auditUnavailable)
                #expect(
                    refusal.message
                        == "nothing leaves without a record in the audit chain, and the disk did not take the record "
                        + "within 1 s; try again later, or use a local model")
                try held.letGo()
                #expect(auditor.departures.refused == 1)
                auditor.close()
            }
            let chain = try records(in: folder.path)
            #expect(chain.map(\.kind) == ["genesis", "intent", "outcome", "intent", "outcome", "stop"])
            #expect(chain[4].members["result"] as? String == "not_sent")
            #expect(chain[4].members["reason"] as? String == "audit_unavailable")
            #expect(chain[4].members["request_id"] as? String == chain[3].members["request_id"] as? String)
        }

        @Test func `without a file nothing leaves, and what limits count is nothing`() async throws {
            let folder = try TemporaryFolder()
            try FileManager.default.createDirectory(
                atPath: folder["audit.sqlite"], withIntermediateDirectories: false)
            try await onLoop {
                let auditor = try Self.auditor(in: folder)
                let refusal = await Self.refusal(auditor, try .one())
                #expect(refusal?.reason == .auditUnavailable)
                #expect(refusal?.message.contains("it cannot be written (cannot_open)") == true)
                #expect(refusal?.message.contains(folder.path) == false, "a caller reads it")
                #expect(auditor.departures == DepartureCounts(refused: 1))
                #expect(try auditor.departures(since: WallTime(microseconds: 0)) == [])
            }
        }

        @Test func `what a process leaves open has its outcome before the next start, and counts for the day`()
            async throws
        {
            let folder = try TemporaryFolder()
            let timers = try await onLoop {
                let timers = SettableTimers()
                let auditor = try Self.auditor(in: folder, timers: timers)
                for number in 0..<3 {
                    #expect(await Self.refusal(auditor, try .one(number, bytes: 10 + number)) == nil)
                    timers.advance(by: .seconds(1))
                }
                auditor.outcome(try AuditIntent.one(1).completed)
                return timers  // As if it was killed: nobody closes it.
            }
            try await onLoop {
                let next = try Self.auditor(in: folder, timers: timers)
                #expect(next.departures == DepartureCounts(outcomes: [.unknownAfterCrash: 2]))
                let found = try next.departures(since: timers.wallNow + .seconds(-2))
                #expect(found.map(\.bytes) == [11, 12])
                #expect(found.map(\.rule) == ["overflow", "overflow"])
                next.close()
            }
            let chain = try records(in: folder.path)
            #expect(
                chain.map(\.kind) == [
                    "genesis", "intent", "intent", "intent", "outcome", "outcome", "outcome", "start", "stop",
                ])
            #expect(
                chain[5...6].map { $0.members["result"] as? String } == ["unknown_after_crash", "unknown_after_crash"])
            #expect(
                chain[5...6].map { $0.members["request_id"] as? String }
                    == chain[1...3].filter { $0.sequence != 3 }.map { $0.members["request_id"] as? String })
            let examination = try AuditExamination(
                AuditReader(path: folder["audit.sqlite"]), usage: nil, checkpoints: [])
            #expect(examination.isWhole)
            #expect(examination.departures.open == 0)
        }

        @Test func `metrics count intents and outcomes`() async throws {
            try await DaemonPlay.run { play in
                let auditor = play.node.auditor
                #expect(await Self.refusal(auditor, try .one()) == nil)
                auditor.outcome(try AuditIntent.one().completed)
                let metrics = String(decoding: MetricsReport(play.node).text, as: UTF8.self)
                #expect(metrics.contains("\ngatehouse_audit_intents_total 1\n"))
                #expect(metrics.contains("\ngatehouse_audit_wait_seconds_count 1\n"))
                #expect(metrics.contains("\ngatehouse_audit_intents_refused_total 0\n"))
                #expect(metrics.contains("\ngatehouse_audit_outcomes_total{result=\"completed\"} 1\n"))
                #expect(metrics.contains("\ngatehouse_audit_outcomes_total{result=\"not_sent\"} 0\n"))
            }
        }

        // MARK: The key for commitments

        @Test func `the key is made once, is its owner's alone, and commits to a body`() throws {
            let folder = try TemporaryFolder()
            let body = Array("words".utf8)
            let first = try CommitmentKey(keptIn: folder.path).commitment(of: body)
            let path = folder["commitment.key"]
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o400)
            #expect(attributes[.size] as? Int == 32)
            #expect(try CommitmentKey(keptIn: folder.path).commitment(of: body) == first)
            let other = try TemporaryFolder()
            #expect(try CommitmentKey(keptIn: other.path).commitment(of: body) != first)
        }

        @Test(arguments: [0, 31, 33]) func `a file of another size is no key, and keeps the node from starting`(
            size: Int
        ) async throws {
            let folder = try TemporaryFolder()
            try folder.write(String(repeating: "k", count: size), to: "commitment.key")
            await #expect {
                _ = try await onLoop { try Self.auditor(in: folder) }
            } throws: { error in
                "\(error)".contains("commitment.key: the key for commitments has \(size) bytes, expected 32")
            }
        }
    }
}
