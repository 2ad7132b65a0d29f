import Residency
import Vocabulary

/// How one backend is dialled: what libcurl is told instead of a name, so that it never resolves one.
struct Dial {
    /// One address of the backend.
    struct Target {
        /// Scheme and authority: the numeric address, or over TLS the configured name, which the certificate is for.
        let origin: String
        /// Over TLS: sends every connection to the numeric address (CURLOPT_CONNECT_TO).
        let connectTo: StringList?
        /// As libcurl names the peer: the address, or the proxy that leads to it.
        let peer: String
        /// The peer's port; `nil` for a Unix socket.
        let port: Int?
        /// Whether the gate has judged the address. Always, or the door is out of order.
        let isGranted: Bool
    }

    /// In the order in which they are tried; never empty.
    let targets: [Target]
    /// The options that every handle for this backend gets.
    let profile: Profile

    /// `addresses` are those of `destination`, but for the tests that show what happens if they are not.
    init(to destination: CheckedAddresses, addresses: [SocketAddress]? = nil) {
        self.profile = Profile(
            trust: destination.tls ? destination.trust : nil, unixPath: destination.unixPath, proxy: destination.proxy)
        switch destination.destination {
        case .unix(let path):
            let origin = destination.tls ? "https://localhost" : "http://localhost"
            self.targets = [Target(origin: origin, connectTo: nil, peer: path, port: nil, isGranted: true)]
        case .tcp(let host, let checked):
            let addresses = addresses ?? checked
            self.targets = addresses.map { address in
                let isGranted = destination.contains(address)
                return destination.tls
                    ? Self.secure(host, address, by: destination.proxy, isGranted) : Self.plain(address, isGranted)
            }
        }
        precondition(!self.targets.isEmpty, "checked addresses are never empty")
    }

    private static func plain(_ address: SocketAddress, _ isGranted: Bool) -> Target {
        Target(
            origin: "http://\(address)", connectTo: nil, peer: address.address.description, port: Int(address.port),
            isGranted: isGranted)
    }

    /// With a proxy the connection is one to the proxy, which is asked for the numeric address (`CONNECT`).
    private static func secure(
        _ host: String, _ address: SocketAddress, by proxy: SocketAddress?, _ isGranted: Bool
    ) -> Target {
        let name = Endpoint.tcp(host: host, port: address.port).description
        let dialled = proxy ?? address
        return Target(
            origin: "https://\(name)", connectTo: StringList(["::\(address)"]), peer: dialled.address.description,
            port: Int(dialled.port), isGranted: isGranted)
    }
}
