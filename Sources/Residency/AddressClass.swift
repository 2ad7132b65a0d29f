import Vocabulary

/// What kind of address a binary address is, whatever name or spelling led to it.
public enum AddressClass: String, Hashable, Sendable, CaseIterable {
    /// This host (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3).
    case loopback
    /// "This network": a connection to 0.0.0.0 reaches loopback, so it is never a way to name a backend.
    case unspecified
    /// Private use (RFC 1918) and unique local (RFC 4193).
    case `private`
    /// Shared address space between a carrier and its customers (RFC 6598).
    case carrierGradeNAT = "carrier_grade_nat"
    /// One link (RFC 3927, RFC 4291 section 2.5.6); cloud hosts serve credentials there.
    case linkLocal = "link_local"
    /// Addresses outside the link-local blocks where cloud hosts serve credentials or control.
    case metadata
    /// An IPv6 address that carries an IPv4 address: its traffic may come out anywhere.
    case embeddedV4 = "embedded_v4"
    /// Groups (RFC 5771, RFC 4291 section 2.7).
    case multicast
    /// Everybody on the link (RFC 919).
    case broadcast
    /// Benchmarking of network devices (RFC 2544, RFC 5180).
    case benchmark
    /// Examples in documents (RFC 5737, RFC 3849, RFC 9637).
    case documentation
    /// Kept back by IANA, or given to a protocol that is no backend.
    case reserved
    /// All the rest of IPv4, and of 2000::/3: the Internet, or an intranet that uses public space.
    case globalUnicast = "global_unicast"

    /// The class of `address` as it stands. A mapped address is `embeddedV4`: see `unwrapped`.
    public init(of address: IPAddress) {
        // A later range of the table is more specific than an earlier one that holds it.
        let range = SpecialRange.all.last { $0.block.contains(address) }
        let kind = range?.kind ?? (address.isV4 || Self.globalV6.contains(address) ? .globalUnicast : .reserved)
        self = kind.mayBeInIntranetZone && Self.isISATAP(address) ? .embeddedV4 : kind
    }

    /// RFC 4291 section 2.4: all that IANA gives out as global unicast.
    static let globalV6 = CIDR(builtIn: "2000::/3")

    /// RFC 5214 section 6.1: under any prefix, an interface id `[02]00:5efe` is followed by the IPv4 address of a tunnel.
    private static func isISATAP(_ address: IPAddress) -> Bool {
        if address.isV4 { return false }
        let id = address.octets[8..<12]
        return id.elementsEqual([0x00, 0x00, 0x5E, 0xFE]) || id.elementsEqual([0x02, 0x00, 0x5E, 0xFE])
    }

    /// An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) as the IPv4 address that the kernel would dial, any
    /// other address as it is. Judgements and comparisons are made on this form.
    public static func unwrapped(_ address: IPAddress) -> IPAddress {
        guard SpecialRange.mapped.contains(address) else { return address }
        return IPAddress(octets: Array(address.octets[12..<16]))
    }

    /// As a sentence names it: "a loopback address".
    var phrase: String {
        switch self {
        case .loopback: "a loopback address"
        case .unspecified: "an unspecified address"
        case .private: "a private address"
        case .carrierGradeNAT: "a carrier-grade NAT address"
        case .linkLocal: "a link-local address"
        case .metadata: "a cloud host's metadata address"
        case .embeddedV4: "an IPv6 address with an IPv4 address in it"
        case .multicast: "a multicast address"
        case .broadcast: "the broadcast address"
        case .benchmark: "a benchmarking address"
        case .documentation: "a documentation address"
        case .reserved: "a reserved address"
        case .globalUnicast: "a public address"
        }
    }

    /// True for the classes that a configured zone may list. Loopback is not among them: it has a zone of its own.
    public var mayBeInIntranetZone: Bool {
        switch self {
        case .private, .carrierGradeNAT, .globalUnicast: true
        case .loopback, .unspecified, .linkLocal, .metadata, .embeddedV4, .multicast, .broadcast, .benchmark,
            .documentation, .reserved:
            false
        }
    }
}
