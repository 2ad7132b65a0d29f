// Must compile, so that the others fail for the reason they name and for no other.
import Residency
import Vocabulary

func send(_ grant: consuming Grant) {
    _ = consume grant
}

func sendOnce(_ gate: Gate, _ request: OutboundRequest, _ destination: CheckedAddresses) throws {
    let grant = try gate.grant(request, to: "a", at: destination, purpose: .probe, now: .zero)
    send(grant)
}
