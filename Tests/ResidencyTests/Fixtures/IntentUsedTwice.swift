// Must not compile: one record on the disk stands for one send.
import Residency
import Vocabulary

func grantTwice(
    _ gate: Gate, _ request: OutboundRequest, _ destination: CheckedAddresses, _ verdict: Verdict,
    _ intent: consuming DurableIntent
) throws {
    _ = try gate.grant(request, at: destination, verdict: verdict, intent: intent, now: .zero)
    _ = try gate.grant(request, at: destination, verdict: verdict, intent: intent, now: .zero)
}
