import Vocabulary

/// Decides what may be sent where: the one maker of `CheckedAddresses` and `Grant`.
///
/// A gate is made from the configuration and never changes; a reload makes another one with another generation, and
/// what the old one judged is worth nothing to the new one.
public struct Gate: Sendable {
    /// A backend and what its zone comes down to. It never changes, and is a class since each grant looks it up: of all that
    /// holds for a backend outside, a copy would cost local requests too.
    final class Site: Sendable {
        let endpoint: Endpoint
        let tls: Bool
        let zone: ZoneName
        let rule: ZoneRule
        /// What it speaks.
        let api: ProviderAPI
        /// The key that is shown to it.
        let credential: ShownCredential?
        /// Set for a backend outside.
        let external: ExternalSite?
        /// What the policy demands of a backend outside; `nil` if it does not speak of it.
        let terms: ExternalTerms?

        init(_ site: BackendSite, rule: ZoneRule, terms: ExternalTerms? = nil) {
            self.endpoint = site.endpoint
            self.tls = site.tls
            self.zone = site.zone
            self.rule = rule
            self.api = site.api
            self.credential = site.shownCredential
            self.external = site.external
            self.terms = terms
        }

        /// Whether nothing may be sent there, whoever asks.
        var isClosed: Bool { self.external != nil && self.terms == nil }
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
    /// The policy whose terms the gate holds. A verdict of another policy is worth nothing here.
    let policy: Verdict.Source?
    /// Tells this gate from those before and after it.
    public let generation: UInt64

    init(
        sites: [BackendID: Site], ownListeners: [SocketAddress], kind: Kind, policy: Verdict.Source? = nil,
        generation: UInt64
    ) {
        self.sites = sites
        self.ownListeners = ownListeners.map {
            SocketAddress(AddressClass.unwrapped($0.address), port: $0.port)
        }
        self.kind = kind
        self.policy = policy
        self.generation = generation
    }

    /// The backends that this gate knows, by name.
    public var backends: [BackendID] { self.sites.keys.sorted() }

    /// How `backend` is reached; `nil` if this gate does not know it.
    public func endpoint(of backend: BackendID) -> Endpoint? { self.sites[backend]?.endpoint }

    /// What the configuration says of a backend outside; `nil` for any other.
    public func external(_ backend: BackendID) -> ExternalSite? { self.sites[backend]?.external }

    /// Whether nothing at all may be sent to `backend`, since it stands outside and the policy does not speak of it. Then
    /// its name is not even to be resolved (`residency.md` A6, L27).
    public func isClosed(_ backend: BackendID) -> Bool { self.sites[backend]?.isClosed ?? true }

    /// The site, if anything may be sent there.
    func openSite(_ backend: BackendID) throws(Refusal) -> Site {
        let site = try self.site(backend)
        if site.isClosed {
            throw Refusal(
                .noMatchingAllow,
                "backend `\(backend)` stands outside and the policy does not speak of it, so nothing is sent there")
        }
        return site
    }

    func site(_ backend: BackendID) throws(Refusal) -> Site {
        guard let site = self.sites[backend] else {
            throw Refusal(.grantInvalid, "backend `\(backend)` is not configured, or no longer")
        }
        return site
    }
}
