import Testing
import Vocabulary

@testable import Residency

@Suite struct ExternalJudgingTests {
    private func reasonFor(_ texts: [String], prefixes: [String]) throws -> Reason? {
        let gate = try externalGate(terms: terms(prefixes))
        let found = try texts.map { try address($0) }
        return reason { () throws(Refusal) in try gate.judge(found, of: "cloud", at: now) }
    }

    /// Every special range at its edges and just outside them, under a prefix that holds everything, under the range
    /// itself, and under another prefix (`residency.md` A2).
    @Test func `every class of address is judged as the table says`() throws {
        for range in SpecialRange.all {
            let edges = [range.block.network, last(of: range.block)]
            let around = [neighbour(of: edges[0], by: -1), neighbour(of: edges[1], by: 1)]
            for address in edges + around where !SpecialRange.mapped.contains(address) {
                let kind = AddressClass(of: address)
                let everything = address.isV4 ? "0.0.0.0/0" : "::/0"
                #expect(
                    try self.reasonFor(["\(address)"], prefixes: [everything])
                        == (kind == .globalUnicast ? nil : .addressForbidden), "\(address) is \(kind)")
                let isReachable = kind == .globalUnicast || kind == .loopback || kind == .private
                #expect(
                    try self.reasonFor(["\(address)"], prefixes: ["\(CIDR(address, prefix: address.isV4 ? 32 : 128))"])
                        == (isReachable ? nil : .addressForbidden), "\(address) is \(kind)")
                #expect(
                    try self.reasonFor(["\(address)"], prefixes: [address.isV4 ? "9.9.9.9/32" : "2620:fe::9/128"])
                        == .addressForbidden, "\(address) is \(kind)")
            }
        }
    }

    @Test(arguments: [
        ("10.1.2.3", "10.0.0.0/8", true), ("10.1.2.3", "10.1.2.3/32", true), ("10.1.2.3", "8.0.0.0/5", false),
        ("127.0.0.1", "127.0.0.0/8", true), ("127.0.0.2", "127.0.0.2/32", true), ("127.0.0.1", "126.0.0.0/7", false),
        ("::1", "::1/128", true), ("::1", "::/0", false), ("fd12::1", "fd12::/16", true), ("fd12::1", "::/0", false),
        ("fd00:ec2::254", "fd00::/16", false), ("fd00:ec2::254", "fd00:ec2::254/128", false),
        ("169.254.169.254", "169.254.169.254/32", false), ("100.64.0.1", "100.64.0.0/10", false),
        ("100.100.100.200", "100.100.100.200/32", false), ("168.63.129.16", "168.63.0.0/16", false),
        ("::ffff:8.8.8.8", "8.8.8.0/24", true), ("::ffff:8.8.8.8", "::ffff:0:0/96", false),
        ("64:ff9b::808:808", "64:ff9b::/96", false), ("2002:808:808::1", "2002::/16", false),
        ("2606:4700::5efe:808:808", "2606:4700::/32", false), ("2606:4700::1", "2606:4700::/32", true),
        ("8.8.8.8", "8.8.8.0/24", true), ("8.8.9.1", "8.8.8.0/24", false), ("0.0.0.0", "0.0.0.0/8", false),
        ("::", "::/128", false),
    ])
    func `this host and private space are outside only where a prefix means just them`(
        text: String, prefix: String, isAllowed: Bool
    ) throws {
        #expect(try self.reasonFor([text], prefixes: [prefix]) == (isAllowed ? nil : .addressForbidden))
    }

    /// `residency.md` A6, L04.
    @Test(arguments: [["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["8.8.8.8", "9.9.9.9"], ["8.8.8.8", "::1"]])
    func `one address that is not allowed refuses them all`(texts: [String]) throws {
        #expect(try self.reasonFor(texts, prefixes: ["8.8.8.0/24"]) == .dnsMixedAnswer)
    }

    @Test func `a refusal says what was found and what the policy lists`() throws {
        let gate = try externalGate(terms: terms(["8.8.8.0/24", "2606:4700::/32"]))
        for (text, expected) in [
            (
                "9.9.9.9",
                "9.9.9.9 is a public address outside the networks that the policy lists for it "
                    + "(8.8.8.0/24, 2606:4700::/32)"
            ),
            (
                "10.0.0.1",
                "10.0.0.1 is a private address, which a backend outside has only if the policy lists a network "
                    + "of that kind for it"
            ),
            ("169.254.169.254", "169.254.169.254 is a link-local address, which no backend may have"),
        ] {
            let found = try addresses(text)
            #expect(
                message { () throws(Refusal) in try gate.judge(found, of: "cloud", at: now) }
                    == "`api.example.com:443` of backend `cloud` is refused: \(expected)")
        }
    }

    @Test func `this process is never outside`() throws {
        let own = SocketAddress(try address("8.8.8.8"), port: 443)
        let gate = try externalGate(ownListeners: [own])
        let found = try addresses("8.8.8.8")
        #expect(
            message { () throws(Refusal) in try gate.judge(found, of: "cloud", at: now) }
                == "`api.example.com:443` of backend `cloud` is refused: 8.8.8.8:443 is this process itself")
    }

    @Test func `a backend of which the policy does not speak is known and closed`() throws {
        let gate = try externalGate()
        #expect(gate.backends == ["cloud", "gpu1", "unspoken"])
        #expect(gate.isClosed("unspoken"))
        #expect(gate.isClosed("gone"))
        #expect(!gate.isClosed("cloud"))
        #expect(!gate.isClosed("gpu1"))
        #expect(gate.external("unspoken")?.jurisdiction == "EU")
        #expect(gate.external("gpu1") == nil)
        let expected = Refusal(
            .noMatchingAllow,
            "backend `unspoken` stands outside and the policy does not speak of it, so nothing is sent there")
        #expect(throws: expected) { try gate.judge(addresses("8.8.8.8"), of: "unspoken", at: now) }
        #expect(throws: expected) { try gate.judgeWithoutResolving("unspoken", at: now) }
    }
}
