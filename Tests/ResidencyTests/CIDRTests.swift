import Testing
import Vocabulary

@testable import Residency

@Suite struct CIDRTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.0.0.0", "10.255.255.255"),
        ("172.16.0.0/12", "172.16.0.0", "172.31.255.255"),
        ("100.64.0.0/10", "100.64.0.0", "100.127.255.255"),
        ("192.168.7.128/25", "192.168.7.128", "192.168.7.255"),
        ("192.168.7.9/32", "192.168.7.9", "192.168.7.9"),
        ("192.168.7.9", "192.168.7.9", "192.168.7.9"),
        ("fc00::/7", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ("2001:db8::/33", "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"),
        ("fd12::5", "fd12::5", "fd12::5"),
    ])
    func `a block holds its first and its last address and neither neighbour`(
        text: String, first: String, last: String
    ) throws {
        let block = try CIDR(parsing: text)
        let first = try address(first)
        let last = try address(last)
        #expect(block.contains(first))
        #expect(block.contains(last))
        #expect(!block.contains(neighbour(of: first, by: -1)))
        #expect(!block.contains(neighbour(of: last, by: 1)))
    }

    @Test func `a block of no bits holds all addresses of its family and none of the other`() throws {
        let block = try CIDR(parsing: "0.0.0.0/0")
        #expect(block.contains(try address("255.255.255.255")))
        #expect(!block.contains(try address("::1")))
    }

    @Test func `a block holds itself and what is inside it, not what it is inside of`() throws {
        let wide = try CIDR(parsing: "10.0.0.0/8")
        let narrow = try CIDR(parsing: "10.20.0.0/16")
        #expect(wide.contains(wide))
        #expect(wide.contains(narrow))
        #expect(!narrow.contains(wide))
        #expect(!narrow.contains(try CIDR(parsing: "10.21.0.0/24")))
    }

    @Test(arguments: [
        ("10.1.2.3/8", "`10.1.2.3/8` has bits set after its prefix, the network is `10.0.0.0/8`"),
        ("10.0.0.0/33", "`10.0.0.0/33` has no valid prefix, expected a number from 0 to 32 after the `/`"),
        ("fd00::/129", "`fd00::/129` has no valid prefix, expected a number from 0 to 128 after the `/`"),
        ("10.0.0.0/", "`10.0.0.0/` has no valid prefix, expected a number from 0 to 32 after the `/`"),
        ("10.0.0.0/+8", "`10.0.0.0/+8` has no valid prefix, expected a number from 0 to 32 after the `/`"),
        (
            "10.0.0/8",
            "`10.0.0/8` is not a network, expected an address in its usual form and a prefix, as in `10.20.0.0/16`"
        ),
        (
            "lab",
            "`lab` is not a network, expected an address in its usual form and a prefix, as in `10.20.0.0/16`"
        ),
        ("", "`` is not a network, expected an address in its usual form and a prefix, as in `10.20.0.0/16`"),
    ])
    func `a text that is no network says what is wrong`(text: String, message: String) {
        #expect(throws: Refusal(.addressForbidden, message)) { try CIDR(parsing: text) }
    }
}
