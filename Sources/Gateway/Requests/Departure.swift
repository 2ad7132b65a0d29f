import EventLoop
import Outbound
import Residency
import Routing
import Vocabulary

/// One send to a backend outside, from the moment its intent is written to its outcome.
///
/// Whatever becomes of it, the intent gets exactly one outcome: that is this object's whole concern.
@LoopActor
final class Departure {
    let intent: AuditIntent
    /// What is sent.
    let prepared: Node.Prepared
    private let auditor: Auditor
    private let timers: any Timers
    private var proof: DurableIntent?
    private var recordedAt: Instant?
    /// Why nothing is to be sent, found out while the intent was still being written: its outcome comes behind it.
    private var givenUpFor: Reason?
    private var isSettled = false

    init(_ intent: AuditIntent, _ prepared: Node.Prepared, auditor: Auditor, timers: any Timers) {
        self.intent = intent
        self.prepared = prepared
        self.auditor = auditor
        self.timers = timers
    }

    /// Waits until the intent is durable.
    func record() async throws(Refusal) {
        let proof: DurableIntent
        do throws(Refusal) {
            proof = try await self.auditor.intend(self.intent)
        } catch {
            self.isSettled = true  // Whoever failed to write it has seen to its outcome.
            throw error
        }
        self.recordedAt = self.timers.now
        self.proof = consume proof
        if let givenUpFor { self.settleUnsent(givenUpFor) }
    }

    /// The permission for the send; takes the proof, which is good for one.
    func grant(_ request: OutboundRequest, at addresses: CheckedAddresses, by gate: Gate) throws(Refusal) -> Grant {
        guard let proof = self.proof.take() else {
            throw Refusal(.grantInvalid, "the intent was used already, or is not durable")
        }
        return try gate.grant(
            request, at: addresses, verdict: self.intent.verdict, intent: proof, now: self.timers.now)
    }

    /// Nothing was sent, since `reason`.
    func settleUnsent(_ reason: Reason) {
        if self.recordedAt == nil {
            self.givenUpFor = reason
            return
        }
        self.settle { AuditOutcome(notSent: self.intent, reason: reason) }
    }

    /// The send is over.
    func settle(
        _ result: AuditOutcome.Result, reason: Reason?, status: Int?, bytesOut: Int, record: RequestRecord
    ) {
        self.settle {
            AuditOutcome(
                request: self.intent.verdict.request, attempt: self.intent.attempt,
                backend: self.intent.verdict.backend, result: result, reason: reason, status: status,
                bytesOut: bytesOut, bytesIn: record.bytesIn, promptTokens: record.usage.promptTokens.map { Tokens($0) },
                outputTokens: record.usage.outputTokens.map { Tokens($0) },
                total: self.recordedAt.map { self.timers.now - $0 })
        }
    }

    private func settle(_ outcome: () -> AuditOutcome) {
        if self.isSettled { return }
        self.isSettled = true
        self.auditor.outcome(outcome())
    }
}
