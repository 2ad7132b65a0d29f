import Testing
import Vocabulary

@testable import Residency

/// The ranges stand here once more, written from the registries and not from the table under test.
@Suite struct AddressClassTests {
    static let v4: [(String, AddressClass)] = [
        ("0.0.0.0/8", .unspecified), ("10.0.0.0/8", .private), ("100.64.0.0/10", .carrierGradeNAT),
        ("127.0.0.0/8", .loopback), ("169.254.0.0/16", .linkLocal), ("172.16.0.0/12", .private),
        ("192.0.0.0/24", .reserved), ("192.0.2.0/24", .documentation), ("192.88.99.0/24", .embeddedV4),
        ("192.168.0.0/16", .private), ("198.18.0.0/15", .benchmark), ("198.51.100.0/24", .documentation),
        ("203.0.113.0/24", .documentation), ("224.0.0.0/4", .multicast),
    ]

    static let v6: [(String, AddressClass)] = [
        ("64:ff9b::/96", .embeddedV4), ("64:ff9b:1::/48", .embeddedV4), ("::ffff:0:0/96", .embeddedV4),
        ("::ffff:0:0:0/96", .embeddedV4), ("2001::/32", .embeddedV4), ("2001:2::/48", .benchmark),
        ("2001:db8::/32", .documentation), ("2002::/16", .embeddedV4), ("3fff::/20", .documentation),
        ("fc00::/7", .private), ("fe80::/10", .linkLocal), ("fec0::/10", .reserved), ("ff00::/8", .multicast),
        ("100::/64", .reserved), ("100:0:0:1::/64", .reserved), ("5f00::/16", .reserved),
    ]

    @Test(arguments: Self.v4 + Self.v6)
    func `a range has its class at both of its ends`(block: String, kind: AddressClass) throws {
        let block = try CIDR(parsing: block)
        #expect(AddressClass(of: block.network) == kind)
        #expect(AddressClass(of: last(of: block)) == kind)
    }

    @Test(arguments: Self.v4.map(\.0))
    func `the addresses beside an IPv4 range are public, or of the range that begins there`(block: String) throws {
        let block = try CIDR(parsing: block)
        for beside in [neighbour(of: block.network, by: -1), neighbour(of: last(of: block), by: 1)] {
            let known = try Self.v4.first { try CIDR(parsing: $0.0).contains(beside) }?.1
            let atTheEnds: AddressClass? =
                beside.description == "255.255.255.255"
                ? .broadcast
                : beside.description == "240.0.0.0" ? .reserved : nil
            #expect(AddressClass(of: beside) == known ?? atTheEnds ?? .globalUnicast, "\(beside)")
        }
    }

    @Test(arguments: [
        ("240.0.0.0", AddressClass.reserved), ("255.255.255.254", .reserved), ("255.255.255.255", .broadcast),
        ("169.254.169.254", .linkLocal), ("100.100.100.200", .metadata), ("100.100.100.199", .carrierGradeNAT),
        ("100.100.100.201", .carrierGradeNAT), ("168.63.129.16", .metadata), ("168.63.129.17", .globalUnicast),
        ("8.8.8.8", .globalUnicast), ("1.0.0.0", .globalUnicast), ("223.255.255.255", .globalUnicast),
        ("192.0.1.0", .globalUnicast),
        ("::", .unspecified), ("::1", .loopback), ("::2", .embeddedV4), ("::7f00:1", .embeddedV4),
        ("::1:0:0", .reserved), ("fd00:ec2::254", .metadata), ("fd00:ec2::253", .private),
        ("fd00:ec2::23", .metadata), ("fd20:ce::254", .metadata),
        ("2001:1::1", .reserved), ("2001:1ff:ffff::", .reserved), ("2001:200::", .globalUnicast),
        ("2000::", .globalUnicast), ("3ffe:ffff::1", .globalUnicast), ("3fff:1000::", .globalUnicast),
        ("4000::", .reserved), ("1fff:ffff::", .reserved), ("fbff:ffff::", .reserved), ("fe00::", .reserved),
        ("2606:4700::1111", .globalUnicast),
        // ISATAP (RFC 5214): the tunnel's IPv4 address stands behind 0:5efe, under any prefix.
        ("fd12::5efe:808:808", .embeddedV4), ("2600::200:5efe:808:808", .embeddedV4), ("fd12::5eff:808:808", .private),
    ])
    func `a single address has its class`(text: String, kind: AddressClass) throws {
        #expect(AddressClass(of: try address(text)) == kind)
    }

    @Test func `a mapped address is judged as the IPv4 address that the kernel dials`() throws {
        #expect(AddressClass.unwrapped(try address("::ffff:8.8.8.8")) == (try address("8.8.8.8")))
        #expect(AddressClass.unwrapped(try address("::ffff:7f00:1")) == (try address("127.0.0.1")))
        for other in try addresses("::8.8.8.8", "64:ff9b::808:808", "2002:808:808::", "8.8.8.8", "::1") {
            #expect(AddressClass.unwrapped(other) == other)
        }
    }

    @Test func `every range of the table is told where it comes from, and none is listed twice`() {
        #expect(Set(SpecialRange.all.map(\.block)).count == SpecialRange.all.count)
        for range in SpecialRange.all { #expect(!range.name.isEmpty) }
        // The last match wins, so a wider range must not follow a narrower one.
        for (index, range) in SpecialRange.all.enumerated() {
            for later in SpecialRange.all[(index + 1)...] {
                #expect(!later.block.contains(range.block), "\(later.block) hides \(range.block)")
            }
        }
    }

    @Test func `only private, carrier-grade and public addresses can be in an intranet zone`() {
        let allowed = AddressClass.allCases.filter(\.mayBeInIntranetZone)
        #expect(allowed == [.private, .carrierGradeNAT, .globalUnicast])
    }
}
