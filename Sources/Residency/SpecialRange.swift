/// One row of the table behind `AddressClass`: the special-purpose registries of IANA for IPv4 and IPv6, as far as
/// they are not plainly global, and the addresses that cloud hosts use on their own.
struct SpecialRange: Sendable {
    /// The addresses.
    let block: CIDR
    /// Their class.
    let kind: AddressClass
    /// What the registry or its document calls them, and where that is said.
    let name: String

    private init(_ block: String, _ kind: AddressClass, _ name: String) {
        self.block = CIDR(builtIn: block)
        self.kind = kind
        self.name = name
    }

    /// RFC 4291 section 2.5.5.2.
    static let mapped = CIDR(builtIn: "::ffff:0:0/96")

    /// All ranges, wider ones before those inside them.
    static let all: [SpecialRange] = Self.v4 + Self.v6 + Self.hosts

    private static let v4: [SpecialRange] = [
        .init("0.0.0.0/8", .unspecified, "this network, RFC 791 section 3.2"),
        .init("10.0.0.0/8", .private, "private use, RFC 1918"),
        .init("100.64.0.0/10", .carrierGradeNAT, "shared address space, RFC 6598"),
        .init("127.0.0.0/8", .loopback, "loopback, RFC 1122 section 3.2.1.3"),
        .init("169.254.0.0/16", .linkLocal, "link local, RFC 3927; metadata at 169.254.169.254"),
        .init("172.16.0.0/12", .private, "private use, RFC 1918"),
        .init("192.0.0.0/24", .reserved, "IETF protocol assignments, RFC 6890 section 2.1"),
        .init("192.0.2.0/24", .documentation, "TEST-NET-1, RFC 5737"),
        .init("192.88.99.0/24", .embeddedV4, "6to4 relay anycast, withdrawn, RFC 7526"),
        .init("192.168.0.0/16", .private, "private use, RFC 1918"),
        .init("198.18.0.0/15", .benchmark, "benchmarking, RFC 2544"),
        .init("198.51.100.0/24", .documentation, "TEST-NET-2, RFC 5737"),
        .init("203.0.113.0/24", .documentation, "TEST-NET-3, RFC 5737"),
        .init("224.0.0.0/4", .multicast, "multicast, RFC 5771"),
        .init("240.0.0.0/4", .reserved, "future use, RFC 1112 section 4"),
        .init("255.255.255.255/32", .broadcast, "limited broadcast, RFC 919"),
    ]

    private static let v6: [SpecialRange] = [
        .init("::/96", .embeddedV4, "IPv4-compatible, withdrawn, RFC 4291 section 2.5.5.1"),
        .init("::/128", .unspecified, "unspecified, RFC 4291 section 2.5.2"),
        .init("::1/128", .loopback, "loopback, RFC 4291 section 2.5.3"),
        .init("::ffff:0:0/96", .embeddedV4, "IPv4-mapped, RFC 4291 section 2.5.5.2"),
        .init("::ffff:0:0:0/96", .embeddedV4, "IPv4-translated, RFC 2765 section 2.1"),
        .init("64:ff9b::/96", .embeddedV4, "NAT64, RFC 6052 section 2.1"),
        .init("64:ff9b:1::/48", .embeddedV4, "local-use NAT64, RFC 8215"),
        .init("100::/64", .reserved, "discard only, RFC 6666"),
        .init("100:0:0:1::/64", .reserved, "dummy prefix, RFC 9780"),
        .init("2001::/23", .reserved, "IETF protocol assignments, RFC 2928"),
        .init("2001::/32", .embeddedV4, "Teredo, RFC 4380 section 2.6"),
        .init("2001:2::/48", .benchmark, "benchmarking, RFC 5180"),
        .init("2001:db8::/32", .documentation, "documentation, RFC 3849"),
        .init("2002::/16", .embeddedV4, "6to4, RFC 3056 section 2"),
        .init("3fff::/20", .documentation, "documentation, RFC 9637"),
        .init("5f00::/16", .reserved, "segment routing identifiers, RFC 9602"),
        .init("fc00::/7", .private, "unique local, RFC 4193"),
        .init("fe80::/10", .linkLocal, "link local, RFC 4291 section 2.5.6"),
        .init("fec0::/10", .reserved, "site local, withdrawn, RFC 3879"),
        .init("ff00::/8", .multicast, "multicast, RFC 4291 section 2.7"),
    ]

    /// Single addresses in otherwise ordinary space, from the manuals of the clouds that use them. A prompt sent
    /// there would reach the cloud's own control plane.
    private static let hosts: [SpecialRange] = [
        .init("100.100.100.200/32", .metadata, "Alibaba Cloud instance metadata"),
        .init("168.63.129.16/32", .metadata, "Azure host agent"),
        .init("fd00:ec2::254/128", .metadata, "Amazon EC2 instance metadata"),
        .init("fd00:ec2::23/128", .metadata, "Amazon EKS pod identity"),
        .init("fd20:ce::254/128", .metadata, "Google Compute Engine metadata"),
    ]
}
