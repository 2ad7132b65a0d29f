import Vocabulary

/// How a backend is reached.
public enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address in its usual form, and a port.
    case tcp(host: String, port: UInt16)
    /// The path of a Unix socket.
    case unix(path: String)

    /// The address, if the host is one: it needs no resolving.
    public var literalAddress: IPAddress? {
        switch self {
        case .tcp(let host, _): IPAddress(host)
        case .unix: nil
        }
    }

    /// The name that must be resolved before the backend can be reached; `nil` for an address or a socket.
    public var nameToResolve: String? {
        switch self {
        case .tcp(let host, _): IPAddress(host) == nil ? host : nil
        case .unix: nil
        }
    }

    /// `gpu1:11434`, `[::1]:11434`, `unix:/run/ollama.sock`.
    public var description: String {
        switch self {
        case .tcp(let host, let port): host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

/// Where one backend stands: what the gate must know of it.
public struct BackendSite: Hashable, Sendable {
    /// The configured name.
    public let id: BackendID
    /// How it is reached.
    public let endpoint: Endpoint
    /// Whether it is reached over TLS.
    public let tls: Bool
    /// The zone that every one of its addresses must be in; `external` for a backend outside, and for no other.
    public let zone: ZoneName
    /// What is said of a backend outside; `nil` for one in an intranet zone.
    public let external: ExternalSite?

    /// The backend `id` at `endpoint`, said to stand in `zone`.
    public init(id: BackendID, endpoint: Endpoint, tls: Bool = false, zone: ZoneName, external: ExternalSite? = nil) {
        self.id = id
        self.endpoint = endpoint
        self.tls = tls
        self.zone = zone
        self.external = external
    }
}
