// Must not compile: only the gate makes a grant.
import Residency
import Vocabulary

func forge(_ request: OutboundRequest, _ destination: CheckedAddresses) -> Grant {
    Grant(request: request, destination: destination, purpose: .probe, expires: .zero + .seconds(3600), generation: 1)
}
