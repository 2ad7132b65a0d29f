import Testing
import Vocabulary

@testable import Residency

/// The address that `text` spells.
func address(_ text: String) throws -> IPAddress {
    try #require(IPAddress(text), "\(text) is no address")
}

/// The addresses that `texts` spell.
func addresses(_ texts: String...) throws -> [IPAddress] {
    try texts.map { try address($0) }
}

/// The address one before or one after, going round at the ends.
func neighbour(of address: IPAddress, by step: Int) -> IPAddress {
    var octets = address.octets
    for index in octets.indices.reversed() {
        octets[index] = step > 0 ? octets[index] &+ 1 : octets[index] &- 1
        if octets[index] != (step > 0 ? 0x00 : 0xFF) { break }
    }
    return IPAddress(octets: octets)
}

/// The last address of `block`.
func last(of block: CIDR) -> IPAddress {
    var octets = block.network.octets
    for bit in block.prefix..<(octets.count * 8) { octets[bit / 8] |= 0x80 >> UInt8(bit % 8) }
    return IPAddress(octets: octets)
}

let now = Instant(nanoseconds: 1_000_000_000_000)

/// A gate with one backend of each kind.
func sampleGate(generation: UInt64 = 7, ownListeners: [String] = []) throws -> Gate {
    try Gate(
        zones: [
            Zone(name: "lab", networks: [CIDR(parsing: "10.20.0.0/16"), CIDR(parsing: "fd12::/32")]),
            Zone(name: "campus", networks: [CIDR(parsing: "8.8.8.0/24"), CIDR(parsing: "100.64.0.0/16")]),
        ],
        sites: [
            BackendSite(id: "here", endpoint: .tcp(host: "localhost", port: 11434), zone: .loopback),
            BackendSite(id: "socket", endpoint: .unix(path: "/run/ollama.sock"), zone: .loopback),
            BackendSite(id: "gpu1", endpoint: .tcp(host: "gpu1.lab", port: 11434), zone: "lab"),
            BackendSite(id: "fixed", endpoint: .tcp(host: "10.20.0.9", port: 8000), zone: "lab"),
            BackendSite(id: "secure", endpoint: .tcp(host: "gpu2.lab", port: 443), tls: true, zone: "lab"),
            BackendSite(id: "public", endpoint: .tcp(host: "gpu.campus", port: 11434), zone: "campus"),
        ],
        ownListeners: ownListeners.map { text in
            let parts = text.split(separator: "|")
            return SocketAddress(try address(String(parts[0])), port: try #require(UInt16(parts[1])))
        },
        generation: generation)
}

/// The reason with which `body` is refused; `nil` if it is not.
func reason<T>(_ body: () throws(Refusal) -> T) -> Reason? {
    do throws(Refusal) {
        _ = try body()
        return nil
    } catch {
        return error.reason
    }
}

/// The sentence with which `body` is refused; `nil` if it is not.
func message<T>(_ body: () throws(Refusal) -> T) -> String? {
    do throws(Refusal) {
        _ = try body()
        return nil
    } catch {
        return error.message
    }
}
