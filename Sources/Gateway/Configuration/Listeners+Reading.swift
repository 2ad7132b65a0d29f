import Configuration
import Residency
import Vocabulary

extension GatehouseConfiguration.Listeners {
    /// `listeners`: `data`, `operations` and `agent`, lists of addresses; `balancers`, a number; `origins`, pages that may
    /// call from a browser; `reuse_port`; `proxies`, who may speak for others, and whether by the `proxy_protocol`.
    init(reading section: inout Section) {
        var taken: Set<SocketAddress> = []
        let before = section.problemCount
        self.data = Self.addresses("data", Defaults.dataPort, &section, &taken)
        if self.data.isEmpty, section.problemCount == before {
            section.problem(
                with: "data", "found an empty list, expected at least one address to serve the model APIs on")
        }
        self.operations = Self.addresses("operations", Defaults.operationsPort, &section, &taken)
        if section.has("agent") {
            let agent = Self.addresses("agent", Defaults.agentPort, &section, &taken)
            if agent.contains(where: \.isSecure) {
                section.problem(with: "agent", "HAProxy asks the agent without TLS, write the address alone")
            }
            self.agent = agent.map(\.address)
        }
        self.balancers = section.int("balancers", default: 1, in: 1...64)
        self.sharesPorts = section.bool("reuse_port", default: false)
        self.origins = section.list("origins", default: []) { value in
            value.parsed("an origin as a browser sends it, as in `https://app.example.org`", Self.origin)
        }
        self.proxies = section.list("proxies", default: [], Self.network(ofProxies:))
        self.usesProxyProtocol = section.bool("proxy_protocol", default: false)
        if self.usesProxyProtocol, !section.has("proxies") {
            section.problem(
                with: "proxy_protocol", "nobody could connect: name the proxies that speak it in `listeners.proxies`")
        }
    }

    /// Some addresses, not all: whoever may speak for others can take any address.
    private static func network(ofProxies value: Value) -> CIDR? {
        let network = value.network()
        if network?.prefix == 0 {
            value.problem("this is every address, so that anybody could speak for anybody: name the proxies alone")
        }
        return network
    }

    /// Stands before an address where TLS is spoken.
    private static let secureScheme = "https://"

    private static func addresses(
        _ key: String, _ standard: UInt16, _ section: inout Section, _ taken: inout Set<SocketAddress>
    ) -> [GatehouseConfiguration.Listener] {
        let loopback = SocketAddress(IPAddress(octets: [127, 0, 0, 1]), port: standard)
        if !section.has(key), !taken.insert(loopback).inserted {
            section.problem("`\(loopback)` is what `\(key)` listens on unless it says otherwise, and is taken already")
        }
        let standard = GatehouseConfiguration.Listener(address: loopback)
        return section.list(key, default: [standard]) { value -> GatehouseConfiguration.Listener? in
            let (address, isSecure) = value.listenAddress(after: Self.secureScheme)
            switch address {
            case .tcp(let address):
                if address.port != 0, !taken.insert(address).inserted {
                    value.problem("`\(address)` is listened on already, each address can be used once")
                }
                return GatehouseConfiguration.Listener(address: address, isSecure: isSecure)
            case .unix:
                value.problem("a Unix socket is not served here, expected an address and a port")
                return nil
            case nil: return nil
            }
        }
    }

    /// Scheme, host and perhaps a port, in lower case, as the `Origin` header has it (RFC 6454 section 6.2).
    private static func origin(_ text: String) -> String? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isOrigin = parts.count == 3 && parts[1].isEmpty && ["http:", "https:"].contains(parts[0])
        return isOrigin && !parts[2].isEmpty && text == text.lowercased() ? text : nil
    }
}
