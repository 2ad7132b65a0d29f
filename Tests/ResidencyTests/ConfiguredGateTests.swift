import Testing
import Vocabulary

@testable import Residency

@Suite struct ConfiguredGateTests {
    private func problems(zones: [Zone] = [], sites: [BackendSite] = []) -> [String] {
        do throws(GateProblems) {
            _ = try Gate(zones: zones, sites: sites, generation: 1)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    private func site(_ endpoint: Endpoint, zone: ZoneName, tls: Bool = false) -> BackendSite {
        BackendSite(id: "a", endpoint: endpoint, tls: tls, zone: zone)
    }

    @Test(arguments: [
        "10.0.0.0/8", "10.20.30.40/32", "192.168.0.0/16", "172.16.0.0/12", "fc00::/7", "fd12:3456::/32",
        "100.64.0.0/10", "8.0.0.0/8", "11.22.0.0/16", "2606:4700::/32", "2a00::/16",
    ])
    func `private, carrier-grade and public networks make a zone`(text: String) throws {
        #expect(Zone.problem(with: try CIDR(parsing: text)) == nil)
    }

    @Test(arguments: [
        ("127.0.0.0/8", "`127.0.0.0/8` is loopback, give the backend the built-in zone `loopback` instead"),
        ("::1/128", "`::1/128` is loopback, give the backend the built-in zone `loopback` instead"),
        (
            "169.254.0.0/16",
            "`169.254.0.0/16` lies in `169.254.0.0/16` (link local, RFC 3927; metadata at 169.254.169.254), "
                + "where no backend can stand"
        ),
        (
            "100.100.100.200/32",
            "`100.100.100.200/32` lies in `100.100.100.200/32` (Alibaba Cloud instance metadata), "
                + "where no backend can stand"
        ),
        (
            "2002:a14::/32",
            "`2002:a14::/32` lies in `2002::/16` (6to4, RFC 3056 section 2), where no backend can stand"
        ),
        (
            "0.0.0.0/0",
            "`0.0.0.0/0` is wider than any organisation's own network, list the networks in use, with a prefix of /8 "
                + "or longer"
        ),
        (
            "8.0.0.0/7",
            "`8.0.0.0/7` is wider than any organisation's own network, list the networks in use, with a prefix of /8 "
                + "or longer"
        ),
        (
            "2000::/3",
            "`2000::/3` is wider than any organisation's own network, list the networks in use, with a prefix of /16 "
                + "or longer"
        ),
        ("4000::/16", "`4000::/16` lies outside `2000::/3`, in space that IANA has not given out"),
    ])
    func `a network that no backend can stand in makes no zone`(text: String, expected: String) throws {
        #expect(Zone.problem(with: try CIDR(parsing: text)) == expected)
    }

    @Test func `the names of zones that have a meaning of their own are not configured`() throws {
        let network = try CIDR(parsing: "10.0.0.0/8")
        let found = self.problems(zones: [
            Zone(name: .loopback, networks: [network]), Zone(name: .external, networks: [network]),
            Zone(name: "lab", networks: []), Zone(name: "lab", networks: [network]),
        ])
        #expect(
            found == [
                "zone `loopback`: this zone is built in, leave it out of the configuration",
                "zone `external`: this name is kept for backends outside, whose networks are listed in the policy",
                "zone `lab`: no network is listed, expected at least one, as in `10.20.0.0/16`",
                "zone `lab`: this zone is named twice",
            ])
    }

    @Test(
        arguments: [
            (
                Endpoint.tcp(host: "gpu1", port: 11434), ZoneName.external,
                "its zone is `external`, where no backend of kind `ollama` stands"
            ),
            (
                .tcp(host: "gpu1", port: 11434), "attic",
                "its zone `attic` is not configured, the zones are `lab`, `loopback`"
            ),
            (.tcp(host: "gpu1", port: 0), "lab", "port 0 is no port to connect to"),
            (
                .tcp(host: "127.1", port: 1), .loopback,
                "host `127.1` is an unusual spelling of an address, write `127.0.0.1`"
            ),
            (
                .tcp(host: "10.21.0.1", port: 1), "lab",
                "`10.21.0.1:1` of backend `a` is refused: 10.21.0.1 is a private address outside the zone `lab` (10.20.0.0/16)"
            ),
            (
                .tcp(host: "127.0.0.1", port: 1), "lab",
                "`127.0.0.1:1` of backend `a` is refused: 127.0.0.1 is a loopback address, which only a backend in the zone "
                    + "`loopback` may have"
            ),
            (
                .tcp(host: "8.8.8.8", port: 1), .loopback,
                "`8.8.8.8:1` of backend `a` is refused: 8.8.8.8 is a public address, the zone `loopback` is this host alone"
            ),
            (.unix(path: "/run/o.sock"), "lab", "a Unix socket is on this host, its zone is `loopback`, not `lab`"),
            (
                .unix(path: "run/o.sock"), .loopback,
                "the Unix socket `run/o.sock` has a relative path, expected one that begins with `/`"
            ),
        ] as [(Endpoint, ZoneName, String)])
    func `a backend outside its zone is found while the configuration is read`(
        endpoint: Endpoint, zone: ZoneName, expected: String
    ) throws {
        let lab = Zone(name: "lab", networks: [try CIDR(parsing: "10.20.0.0/16")])
        #expect(self.problems(zones: [lab], sites: [self.site(endpoint, zone: zone)]) == ["backend `a`: \(expected)"])
    }

    @Test func `all mistakes are told at once`() throws {
        let found = self.problems(
            zones: [Zone(name: "lab", networks: [try CIDR(parsing: "0.0.0.0/0")])],
            sites: [
                self.site(.tcp(host: "x", port: 0), zone: "nowhere"),
                self.site(.unix(path: "/s"), zone: .loopback, tls: true),
            ])
        #expect(found.count == 4)
    }

    @Test func `a backend named twice is one mistake`() {
        let one = self.site(.tcp(host: "x", port: 1), zone: .loopback)
        #expect(self.problems(sites: [one, one]) == ["backend `a`: this backend is named twice"])
    }

    @Test func `a gate knows its backends and how each is reached`() throws {
        let gate = try sampleGate()
        #expect(gate.backends == ["fixed", "gpu1", "here", "public", "secure", "socket"])
        #expect(gate.endpoint(of: "fixed") == .tcp(host: "10.20.0.9", port: 8000))
        #expect(gate.endpoint(of: "gone") == nil)
        #expect(Endpoint.tcp(host: "gpu1", port: 1).nameToResolve == "gpu1")
        #expect(Endpoint.tcp(host: "fd12::1", port: 1).nameToResolve == nil)
        #expect(Endpoint.unix(path: "/s").nameToResolve == nil)
    }

    @Test func `an inspection of a network that is nobody's is refused`() throws {
        do throws(GateProblems) {
            _ = try Gate.inspection(of: [], networks: [CIDR(builtIn: "0.0.0.0/0")])
            Issue.record("made")
        } catch {
            #expect(error.problems.count == 1)
        }
    }
}
