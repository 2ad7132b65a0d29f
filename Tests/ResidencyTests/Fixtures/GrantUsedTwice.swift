// Must not compile: a grant is used up by the first send.
import Residency
import Vocabulary

func send(_ grant: consuming Grant) {
    _ = consume grant
}

func sendTwice(_ gate: Gate, _ request: OutboundRequest, _ destination: CheckedAddresses) throws {
    let grant = try gate.grant(request, to: "a", at: destination, purpose: .probe, now: .zero)
    send(grant)
    send(grant)
}
