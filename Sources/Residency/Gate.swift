import Vocabulary

/// Decides what may be sent where: the one maker of `CheckedAddresses` and `Grant`.
///
/// A gate is made from the configuration and never changes; a reload makes another one with another generation, and
/// what the old one judged is worth nothing to the new one.
public struct Gate: Sendable {
    /// A backend and what its zone comes down to.
    struct Site: Sendable {
        let endpoint: Endpoint
        let tls: Bool
        let zone: ZoneName
        let rule: ZoneRule
    }

    /// What a gate is for: each grants its own purposes and no others.
    enum Kind: Sendable {
        /// The configured backends: requests and probes.
        case configured
        /// Servers that somebody named on a command line: inspections.
        case inspection
        /// This program's own admin socket: administration.
        case administration

        /// As a refusal names it.
        var phrase: String {
            switch self {
            case .configured: "requests and probes"
            case .inspection: "inspections"
            case .administration: "administration"
            }
        }
    }

    let sites: [BackendID: Site]
    /// Own listeners, unwrapped: a backend that is this process would answer itself forever.
    let ownListeners: [SocketAddress]
    /// What the gate is for.
    let kind: Kind
    /// Tells this gate from those before and after it.
    public let generation: UInt64

    init(sites: [BackendID: Site], ownListeners: [SocketAddress], kind: Kind, generation: UInt64) {
        self.sites = sites
        self.ownListeners = ownListeners.map {
            SocketAddress(AddressClass.unwrapped($0.address), port: $0.port)
        }
        self.kind = kind
        self.generation = generation
    }

    /// The backends that this gate knows, by name.
    public var backends: [BackendID] { self.sites.keys.sorted() }

    /// How `backend` is reached; `nil` if this gate does not know it.
    public func endpoint(of backend: BackendID) -> Endpoint? { self.sites[backend]?.endpoint }

    func site(_ backend: BackendID) throws(Refusal) -> Site {
        guard let site = self.sites[backend] else {
            throw Refusal(.grantInvalid, "backend `\(backend)` is not configured, or no longer")
        }
        return site
    }
}
