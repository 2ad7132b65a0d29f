import Vocabulary

/// Addresses of one backend that a gate has judged: all of them stand where the backend may. Only a gate makes it.
public struct CheckedAddresses: Hashable, Sendable {
    /// Where to connect.
    public enum Destination: Hashable, Sendable {
        /// The host as configured, and every address of it that may be dialled, mapped ones unwrapped. Never empty.
        case tcp(host: String, addresses: [SocketAddress])
        /// A Unix socket.
        case unix(path: String)
    }

    /// Whose addresses they are.
    public let backend: BackendID
    /// The addresses or the socket.
    public let destination: Destination
    /// Whether the backend is reached over TLS.
    public let tls: Bool
    /// Whether the backend stands outside.
    public let isExternal: Bool
    /// The `Host` to send. Ollama on loopback checks it, and takes any loopback or private address (`ollama.md` 8);
    /// over TLS the certificate is for the name, and so is whatever answers there.
    public let hostHeader: String
    /// When the name was resolved.
    public let resolvedAt: Instant
    /// Of the gate that judged them; another gate refuses them.
    public let generation: UInt64
    /// Who must vouch for the server's certificate, over TLS.
    public let trust: Trust
    /// Where every connection goes instead, to be passed on to one of the addresses; `nil` for none.
    public let proxy: SocketAddress?
    /// True if the configuration itself names the address or socket: such a judgement does not age.
    let isFixed: Bool

    init(
        backend: BackendID, destination: Destination, tls: Bool, isExternal: Bool = false, trust: Trust = .system,
        proxy: SocketAddress? = nil, resolvedAt: Instant, generation: UInt64, isFixed: Bool
    ) {
        self.backend = backend
        self.destination = destination
        self.tls = tls
        self.isExternal = isExternal
        self.hostHeader = Self.hostHeader(destination, tls: tls)
        self.resolvedAt = resolvedAt
        self.generation = generation
        self.trust = trust
        self.proxy = proxy
        self.isFixed = isFixed
    }

    /// After this time a resolved name must be resolved anew, though `Bounds.resolveEvery` is the rule: a resolver
    /// that fails for a moment must not stop a healthy backend (`residency.md` A2, ceiling).
    public static let ageMax = Duration.seconds(300)

    /// The addresses to pin; empty for a Unix socket.
    public var addresses: [SocketAddress] {
        switch self.destination {
        case .tcp(_, let addresses): addresses
        case .unix: []
        }
    }

    /// The path of the Unix socket, if it is one.
    public var unixPath: String? {
        switch self.destination {
        case .tcp: nil
        case .unix(let path): path
        }
    }

    /// True if `peer` is one of the judged addresses.
    public func contains(_ peer: SocketAddress) -> Bool {
        let dialled = SocketAddress(AddressClass.unwrapped(peer.address), port: peer.port)
        return self.addresses.contains(dialled)
    }

    /// True if a connection may be made with `peer`: a judged address, or where there is a proxy, the proxy alone. What
    /// is asked before a socket is opened and again before a request is written to it.
    public func mayDial(_ peer: SocketAddress) -> Bool {
        guard let proxy else { return self.contains(peer) }
        return SocketAddress(AddressClass.unwrapped(peer.address), port: peer.port) == proxy
    }

    private static func hostHeader(_ destination: Destination, tls: Bool) -> String {
        switch destination {
        case .unix:
            "localhost"
        case .tcp(let host, let addresses):
            tls ? Self.authority(host, port: addresses[0].port) : addresses[0].description
        }
    }

    /// RFC 9110 section 7.2: the scheme's own port is left out. Servers that sign or look up the name expect it so.
    private static func authority(_ host: String, port: UInt16) -> String {
        let whole = Endpoint.tcp(host: host, port: port).description
        return port == 443 ? String(whole.dropLast(":443".utf8.count)) : whole
    }
}
