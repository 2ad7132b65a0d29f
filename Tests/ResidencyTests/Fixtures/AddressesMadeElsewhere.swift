// Must not compile: only the gate makes checked addresses.
import Residency
import Vocabulary

func forge(_ address: SocketAddress) -> CheckedAddresses {
    CheckedAddresses(
        backend: "a", destination: .tcp(host: "a", addresses: [address]), tls: false, resolvedAt: .zero, generation: 1,
        isFixed: true)
}
