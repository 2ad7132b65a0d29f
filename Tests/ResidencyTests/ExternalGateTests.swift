import Testing
import Vocabulary

@testable import Residency

@Suite struct ExternalGateTests {
    private static let host = Endpoint.tcp(host: "api.example.com", port: 443)

    private func problems(
        _ external: ExternalSite?, at endpoint: Endpoint = Self.host, tls: Bool = true, zone: ZoneName = .external,
        terms: ExternalTerms? = nil, ownListeners: [SocketAddress] = []
    ) throws -> [String] {
        let site = BackendSite(id: "cloud", endpoint: endpoint, tls: tls, zone: zone, external: external)
        do throws(GateProblems) {
            _ = try Gate(
                zones: [Zone(name: "dmz", networks: [CIDR(builtIn: "10.0.0.0/24")])], sites: [site],
                ownListeners: ownListeners, terms: terms.map { ["cloud": $0] } ?? [:], generation: 1)
            return []
        } catch {
            return error.problems.map(\.message)
        }
    }

    private static let plain = ExternalSite(jurisdiction: "EU")

    @Test func `a backend outside is accepted with and without the policy's terms`() throws {
        #expect(try self.problems(Self.plain) == [])
        #expect(try self.problems(Self.plain, terms: terms()) == [])
        #expect(try self.problems(Self.plain, at: .tcp(host: "8.8.8.8", port: 8443), terms: terms()) == [])
    }

    @Test func `zone and kind belong together`() throws {
        #expect(
            try self.problems(nil) == ["its zone is `external`, where no backend of kind `ollama` stands"])
        #expect(
            try self.problems(Self.plain, zone: "dmz")
                == ["a backend of kind `openai` stands outside, its zone is `external`, not `dmz`"])
        #expect(
            try self.problems(nil, zone: "dmz", terms: terms())
                == ["the policy speaks of it as a backend outside, but its zone is `dmz`"])
    }

    @Test func `a backend outside is reached over TLS and by no socket`() throws {
        #expect(
            try self.problems(Self.plain, tls: false)
                == ["a backend outside is reached over TLS only, expected `https://`"])
        #expect(
            try self.problems(Self.plain, at: .unix(path: "/run/x.sock"), tls: false)
                == ["a Unix socket is on this host, its zone is `loopback`, not `external`"])
    }

    @Test func `configuration and policy agree on the jurisdiction`() throws {
        #expect(
            try self.problems(Self.plain, terms: terms(jurisdiction: "US"))
                == ["its jurisdiction is `EU` here and `US` in the policy, and one of them is wrong"])
    }

    @Test(arguments: ["", "Ünion", "a\nb", String(repeating: "x", count: 65)])
    func `a jurisdiction has a name that can be recorded`(name: String) throws {
        #expect(
            try self.problems(ExternalSite(jurisdiction: name))
                == ["its jurisdiction has no name that can be recorded, expected 1 to 64 ASCII characters, as in `EU`"])
    }

    @Test(arguments: [
        "", "v1", "/", "/v1/", "//v1", "/v1//x", "/./v1", "/v1/..", "/v%31", "/v1?x", "/v1#x", "/v 1", "/v1\r\n",
        "/ü", "/v1\\x", "/" + String(repeating: "x", count: 256),
    ])
    func `a base path can be read in one way only`(path: String) throws {
        #expect(
            try self.problems(ExternalSite(jurisdiction: "EU", basePath: path))
                == [
                    "its base path is not plain, expected segments of letters, digits, `-`, `_`, `.` and `~`, as in "
                        + "`/v1` or `/api/v1`"
                ])
    }

    @Test func `an address that the policy does not list is found while the configuration is read`() throws {
        #expect(
            try self.problems(Self.plain, at: .tcp(host: "9.9.9.9", port: 443), terms: terms())
                == [
                    "`9.9.9.9:443` of backend `cloud` is refused: 9.9.9.9 is a public address outside the networks that "
                        + "the policy lists for it (8.8.0.0/16)"
                ])
        #expect(try self.problems(Self.plain, at: .tcp(host: "9.9.9.9", port: 443)) == [])
    }

    @Test(
        arguments: [
            ("10.0.0.5", 3128, "dmz", nil), ("127.0.0.1", 3128, ZoneName.loopback, nil),
            ("10.0.1.5", 3128, "dmz", "its proxy 10.0.1.5:3128 is a private address outside the zone `dmz`"),
            ("8.8.8.8", 3128, "dmz", "its proxy 8.8.8.8:3128 is a public address outside the zone `dmz`"),
            ("10.0.0.5", 3128, .loopback, "its proxy 10.0.0.5:3128 is a private address outside the zone `loopback`"),
            (
                "::ffff:10.0.0.5", 3128, "dmz",
                "its proxy [::ffff:a00:5]:3128 is an IPv6 address with an IPv4 address in it outside the zone `dmz`"
            ),
            (
                "8.8.8.8", 3128, .external,
                "its proxy 8.8.8.8:3128 is said to be in the zone `external`, which is not configured; the zones are "
                    + "`dmz`, `loopback`"
            ),
            ("10.0.0.5", 0, "dmz", "its proxy 10.0.0.5:0 has port 0, which is no port to connect to"),
            ("127.0.0.1", 11430, .loopback, "its proxy 127.0.0.1:11430 is this process itself"),
        ] as [(String, UInt16, ZoneName, String?)])
    func `a proxy stands in its zone and is not this process`(
        text: String, port: UInt16, zone: ZoneName, expected: String?
    ) throws {
        let proxy = ForwardProxy(address: SocketAddress(try address(text), port: port), zone: zone)
        let own = SocketAddress(try address("127.0.0.1"), port: 11430)
        #expect(
            try self.problems(ExternalSite(jurisdiction: "EU", proxy: proxy), ownListeners: [own])
                == (expected.map { [$0] } ?? []))
    }

    @Test func `with a proxy nothing but the proxy is dialled`() throws {
        let proxy = SocketAddress(try address("10.20.0.5"), port: 3128)
        let site = ExternalSite(jurisdiction: "EU", proxy: ForwardProxy(address: proxy, zone: "lab"))
        let far = SocketAddress(try address("8.8.8.8"), port: 443)
        let checked = try externalGate(site).judge(addresses("8.8.8.8"), of: "cloud", at: now)
        #expect(checked.proxy == proxy)
        #expect(checked.mayDial(proxy) && !checked.mayDial(far) && checked.contains(far) && !checked.contains(proxy))
        #expect(!checked.mayDial(SocketAddress(proxy.address, port: 443)))
        let without = try externalGate().judge(addresses("8.8.8.8"), of: "cloud", at: now)
        #expect(without.mayDial(far) && !without.mayDial(proxy))
    }
}
