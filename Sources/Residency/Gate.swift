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

    let sites: [BackendID: Site]
    /// Own listeners, unwrapped: a backend that is this process would answer itself forever.
    let ownListeners: [SocketAddress]
    /// True for a gate of `init` and `doctor`, whose only purpose is `Purpose.inspection`.
    let isInspection: Bool
    /// Tells this gate from those before and after it.
    public let generation: UInt64

    init(sites: [BackendID: Site], ownListeners: [SocketAddress], isInspection: Bool, generation: UInt64) {
        self.sites = sites
        self.ownListeners = ownListeners.map {
            SocketAddress(AddressClass.unwrapped($0.address), port: $0.port)
        }
        self.isInspection = isInspection
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
