// Must compile, so that its companions fail for the reason they name and for no other.
import Residency
import Vocabulary

func send(_ grant: consuming Grant) {
    _ = consume grant
}

func sendOnce(
    _ gate: Gate, _ request: OutboundRequest, _ destination: CheckedAddresses, _ verdict: Verdict,
    _ intent: consuming DurableIntent
) throws {
    let grant = try gate.grant(request, at: destination, verdict: verdict, intent: intent, now: .zero)
    send(grant)
}
