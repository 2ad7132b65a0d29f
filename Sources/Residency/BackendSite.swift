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
    /// What it speaks: which of its paths are open.
    public let api: ProviderAPI
    /// The key that a backend inside asks for; `nil` if it asks for none. One outside has its own in `external`.
    public let credential: BackendCredential?
    /// What is said of a backend outside; `nil` for one in an intranet zone.
    public let external: ExternalSite?

    /// The backend `id` at `endpoint`, which speaks `api` and is said to stand in `zone`.
    public init(
        id: BackendID, endpoint: Endpoint, tls: Bool = false, zone: ZoneName, api: ProviderAPI = .ollama,
        credential: BackendCredential? = nil
    ) {
        self.id = id
        self.endpoint = endpoint
        self.tls = tls
        self.zone = zone
        self.api = api
        self.credential = credential
        self.external = nil
    }

    /// The backend `id` at `endpoint`, outside as `external` says; `nil` says that it is an Ollama server inside.
    public init(id: BackendID, endpoint: Endpoint, tls: Bool = false, zone: ZoneName, external: ExternalSite?) {
        self.id = id
        self.endpoint = endpoint
        self.tls = tls
        self.zone = zone
        self.api = external?.api ?? .ollama
        self.credential = nil
        self.external = external
    }

    /// The same with its key, which is read from a file of its own.
    public func with(_ credential: BackendCredential) -> BackendSite {
        if let external {
            return BackendSite(
                id: self.id, endpoint: self.endpoint, tls: self.tls, zone: self.zone,
                external: external.with(credential))
        }
        return BackendSite(
            id: self.id, endpoint: self.endpoint, tls: self.tls, zone: self.zone, api: self.api,
            credential: credential)
    }

    /// Its key as it is shown to it.
    var shownCredential: ShownCredential? {
        self.external?.shownCredential
            ?? self.credential.map { ShownCredential($0, in: CredentialHeader(of: self.api)) }
    }
}
