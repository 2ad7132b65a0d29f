import Vocabulary

/// Where backends may stand: a named list of networks inside the organisation.
///
/// The zone `loopback` is built in (127.0.0.0/8, ::1 and Unix sockets) and not configured. A zone may list public
/// space, since some intranets use it. The name `external` is kept for backends outside, whose networks stand in the
/// policy (`ExternalTerms`).
public struct Zone: Hashable, Sendable {
    /// The configured name.
    public let name: ZoneName
    /// The networks of the zone.
    public let networks: [CIDR]

    /// The zone `name` of `networks`. Whether they are fit for a zone is judged by `Gate.init` and `problem(with:)`.
    public init(name: ZoneName, networks: [CIDR]) {
        self.name = name
        self.networks = networks
    }

    /// Whole blocks of eight bits were the most that one organisation ever got.
    private static let shortestPublicPrefixV4 = 8
    /// A registry holds a /12; nobody's intranet is wider than a sixteenth of that.
    private static let shortestPublicPrefixV6 = 16

    /// Why `network` cannot be part of an intranet zone, or `nil` if it can.
    public static func problem(with network: CIDR) -> String? {
        let inside = SpecialRange.all.last { $0.block.contains(network) }
        if let inside {
            if inside.kind == .loopback {
                return "`\(network)` is loopback, give the backend the built-in zone `loopback` instead"
            }
            if !inside.kind.mayBeInIntranetZone {
                return "`\(network)` lies in `\(inside.block)` (\(inside.name)), where no backend can stand"
            }
            return nil
        }
        let shortest = network.network.isV4 ? Self.shortestPublicPrefixV4 : Self.shortestPublicPrefixV6
        if network.prefix < shortest {
            return "`\(network)` is wider than any organisation's own network, list the networks in use, "
                + "with a prefix of /\(shortest) or longer"
        }
        if !network.network.isV4, AddressClass(of: network.network) == .reserved {
            return "`\(network)` lies outside `\(AddressClass.globalV6)`, in space that IANA has not given out"
        }
        return nil
    }
}

extension ZoneName {
    /// This host: 127.0.0.0/8, ::1 and Unix sockets.
    public static let loopback: ZoneName = "loopback"
    /// The zone of backends outside the organisation: no list of networks, but what the policy says of each backend.
    public static let external: ZoneName = "external"
}

/// Which addresses one backend may have: what its zone comes down to.
enum ZoneRule: Hashable, Sendable {
    /// This host only.
    case loopback
    /// These networks only, and never loopback.
    case networks([CIDR])
    /// This host, private space and these networks: what `init` and `doctor` may look at.
    case inspection([CIDR])
    /// These networks outside, as the policy lists them for one backend.
    case external([CIDR])

    /// Whether an unwrapped address of this class may be dialled.
    func allows(_ address: IPAddress, _ kind: AddressClass) -> Bool {
        switch self {
        case .loopback:
            kind == .loopback
        case .networks(let networks):
            kind.mayBeInIntranetZone && networks.contains { $0.contains(address) }
        case .inspection(let networks):
            kind == .loopback || kind == .private
                || kind.mayBeInIntranetZone && networks.contains { $0.contains(address) }
        case .external(let prefixes):
            prefixes.contains { $0.contains(address) && Self.reaches(kind, through: $0) }
        }
    }

    /// Whether an address of this class outside may be reached through a prefix that holds it. The Internet may; this
    /// host and private space only if the prefix says nothing else, as for a gateway of the organisation that passes
    /// requests on: `0.0.0.0/0` does not mean them. Nothing else ever is.
    private static func reaches(_ kind: AddressClass, through prefix: CIDR) -> Bool {
        switch kind {
        case .globalUnicast: true
        case .loopback, .private: SpecialRange.all.last { $0.block.contains(prefix) }?.kind == kind
        case .unspecified, .carrierGradeNAT, .linkLocal, .metadata, .embeddedV4, .multicast, .broadcast, .benchmark,
            .documentation, .reserved:
            false
        }
    }

    /// A Unix socket never leaves the host, but a backend that claims to stand elsewhere is a mistake.
    var allowsUnixSockets: Bool {
        switch self {
        case .loopback, .inspection: true
        case .networks, .external: false
        }
    }
}
