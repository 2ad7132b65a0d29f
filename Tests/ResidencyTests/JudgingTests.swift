import Testing
import Vocabulary

@testable import Residency

@Suite struct JudgingTests {
    @Test func `a name whose addresses are all in the zone passes with all of them, in order`() throws {
        let gate = try sampleGate()
        let checked = try gate.judge(addresses("10.20.0.2", "fd12::5", "10.20.0.1"), of: "gpu1", at: now)
        #expect(checked.addresses.map(\.description) == ["10.20.0.2:11434", "[fd12::5]:11434", "10.20.0.1:11434"])
        #expect(checked.backend == "gpu1")
        #expect(checked.resolvedAt == now)
        #expect(checked.generation == 7)
        #expect(checked.hostHeader == "10.20.0.2:11434")
    }

    @Test func `repeated addresses count once, and a mapped one as what it maps`() throws {
        let checked = try sampleGate().judge(
            addresses("10.20.0.2", "::ffff:10.20.0.2", "10.20.0.2"), of: "gpu1", at: now)
        #expect(checked.addresses.map(\.description) == ["10.20.0.2:11434"])
    }

    /// `residency.md` A6, L04 and L08.
    @Test(arguments: [
        ["10.20.0.2", "8.8.8.8"], ["8.8.8.8", "10.20.0.2"], ["10.20.0.2", "127.0.0.1"],
        ["10.20.0.2", "::ffff:8.8.8.8"], ["10.20.0.2", "10.21.0.1"], ["fd12::1", "fe80::1"],
        ["10.20.0.2", "10.20.0.3", "169.254.169.254"],
    ])
    func `one forbidden address among good ones refuses them all`(texts: [String]) throws {
        let gate = try sampleGate()
        let found = try texts.map { try address($0) }
        #expect(reason { () throws(Refusal) in try gate.judge(found, of: "gpu1", at: now) } == .dnsMixedAnswer)
    }

    /// `residency.md` A6, L05 and L06: none of these is in the zone that a local name must be in.
    @Test(arguments: [
        "8.8.8.8", "10.21.0.1", "10.19.255.255", "192.168.0.1", "127.0.0.1", "0.0.0.0", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "203.0.113.1", "198.18.0.1", "::1", "::", "fe80::1", "fd00:ec2::254", "fd13::1",
        "2606:4700::1111", "2001:db8::1", "ff02::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::10.20.0.2",
        "64:ff9b::a14:2", "64:ff9b:1::a14:2", "2002:a14:2::1", "2001:0:a14:2::1", "::ffff:0:a14:2",
        "fd12::5efe:a14:2",
    ])
    func `an address outside the zone is refused, however it is wrapped`(text: String) throws {
        let gate = try sampleGate()
        let found = try addresses(text)
        #expect(reason { () throws(Refusal) in try gate.judge(found, of: "gpu1", at: now) } == .addressForbidden)
    }

    @Test func `loopback is only for a backend in the zone loopback, and nothing else is for that`() throws {
        let gate = try sampleGate()
        for good in ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"] {
            let found = try addresses(good)
            #expect(reason { () throws(Refusal) in try gate.judge(found, of: "here", at: now) } == nil, "\(good)")
        }
        for bad in ["10.20.0.2", "0.0.0.0", "::", "::127.0.0.1", "64:ff9b::7f00:1", "128.0.0.1", "126.255.255.255"] {
            let found = try addresses(bad)
            #expect(
                reason { () throws(Refusal) in try gate.judge(found, of: "here", at: now) } == .addressForbidden,
                "\(bad)")
        }
    }

    @Test func `a zone may list public and carrier-grade space`() throws {
        let gate = try sampleGate()
        for good in ["8.8.8.8", "100.64.3.4"] {
            let found = try addresses(good)
            #expect(reason { () throws(Refusal) in try gate.judge(found, of: "public", at: now) } == nil, "\(good)")
        }
        for bad in ["8.8.9.8", "100.65.0.1", "10.20.0.1"] {
            let found = try addresses(bad)
            #expect(
                reason { () throws(Refusal) in try gate.judge(found, of: "public", at: now) } == .addressForbidden,
                "\(bad)")
        }
    }

    @Test func `a metadata address inside a listed network stays forbidden`() throws {
        let gate = try Gate(
            zones: [Zone(name: "wide", networks: [CIDR(parsing: "100.64.0.0/10"), CIDR(parsing: "fd00::/8")])],
            sites: [BackendSite(id: "a", endpoint: .tcp(host: "a", port: 1), zone: "wide")], generation: 1)
        for bad in ["100.100.100.200", "fd00:ec2::254"] {
            let found = try addresses(bad)
            #expect(reason { () throws(Refusal) in try gate.judge(found, of: "a", at: now) } == .addressForbidden)
        }
    }

    @Test func `no address and too many addresses are refused`() throws {
        let gate = try sampleGate()
        #expect(reason { () throws(Refusal) in try gate.judge([], of: "gpu1", at: now) } == .dnsNoAnswer)
        let full = try (1...Bounds.addressesPerName).map { try address("10.20.0.\($0)") }
        #expect(reason { () throws(Refusal) in try gate.judge(full, of: "gpu1", at: now) } == nil)
        let repeated = full + full
        #expect(reason { () throws(Refusal) in try gate.judge(repeated, of: "gpu1", at: now) } == nil)
        let tooMany = try full + addresses("10.20.1.1")
        #expect(reason { () throws(Refusal) in try gate.judge(tooMany, of: "gpu1", at: now) } == .addressForbidden)
    }

    @Test func `a backend that no longer is has no addresses`() throws {
        let gate = try sampleGate()
        let found = try addresses("10.20.0.1")
        #expect(reason { () throws(Refusal) in try gate.judge(found, of: "gone", at: now) } == .grantInvalid)
        #expect(reason { () throws(Refusal) in try gate.judgeWithoutResolving("gone", at: now) } == .grantInvalid)
    }

    @Test func `a backend configured by address has that address and no other`() throws {
        let gate = try sampleGate()
        let fixed = try #require(try gate.judgeWithoutResolving("fixed", at: now))
        #expect(fixed.addresses.map(\.description) == ["10.20.0.9:8000"])
        let other = try addresses("10.20.0.10")
        #expect(reason { () throws(Refusal) in try gate.judge(other, of: "fixed", at: now) } == .addressForbidden)
    }

    @Test func `a Unix socket needs no resolving and has no addresses`() throws {
        let gate = try sampleGate()
        let socket = try #require(try gate.judgeWithoutResolving("socket", at: now))
        #expect(socket.unixPath == "/run/ollama.sock")
        #expect(socket.addresses.isEmpty)
        #expect(socket.hostHeader == "localhost")
        let found = try addresses("127.0.0.1")
        #expect(reason { () throws(Refusal) in try gate.judge(found, of: "socket", at: now) } == .addressForbidden)
        #expect(try gate.judgeWithoutResolving("gpu1", at: now) == nil)
    }

    @Test func `our own listener is no backend, on its address or on a wildcard`() throws {
        let found = try addresses("127.0.0.1")
        let wrapped = try addresses("::ffff:127.0.0.1")
        for own in ["127.0.0.1|11434", "0.0.0.0|11434", "::|11434", "::ffff:127.0.0.1|11434"] {
            let gate = try sampleGate(ownListeners: [own])
            #expect(reason { () throws(Refusal) in try gate.judge(found, of: "here", at: now) } == .addressForbidden)
            #expect(reason { () throws(Refusal) in try gate.judge(wrapped, of: "here", at: now) } == .addressForbidden)
        }
        for other in ["127.0.0.1|11430", "127.0.0.2|11434", "10.20.0.1|11434", "0.0.0.0|11430"] {
            let gate = try sampleGate(ownListeners: [other])
            #expect(reason { () throws(Refusal) in try gate.judge(found, of: "here", at: now) } == nil, "\(other)")
        }
        let lan = try sampleGate(ownListeners: ["10.20.0.1|11434"])
        let inZone = try addresses("10.20.0.1")
        #expect(reason { () throws(Refusal) in try lan.judge(inZone, of: "gpu1", at: now) } == .addressForbidden)
    }

    @Test func `membership is asked of the address that is dialled, with its port`() throws {
        let checked = try sampleGate().judge(addresses("10.20.0.2"), of: "gpu1", at: now)
        #expect(checked.contains(SocketAddress(try address("10.20.0.2"), port: 11434)))
        #expect(checked.contains(SocketAddress(try address("::ffff:10.20.0.2"), port: 11434)))
        #expect(!checked.contains(SocketAddress(try address("10.20.0.2"), port: 11435)))
        #expect(!checked.contains(SocketAddress(try address("10.20.0.3"), port: 11434)))
    }

    @Test func `over TLS the host is the name, otherwise the address`() throws {
        let gate = try sampleGate()
        #expect(try gate.judge(addresses("10.20.0.4"), of: "secure", at: now).hostHeader == "gpu2.lab")
        #expect(try gate.judge(addresses("fd12::4"), of: "gpu1", at: now).hostHeader == "[fd12::4]:11434")
    }

    /// Every sixteenth of every /8: nothing passes but what the zone lists.
    @Test func `over the whole of IPv4 a gate passes its networks and nothing else`() throws {
        let gate = try sampleGate()
        for first in UInt8.min...UInt8.max {
            for second in stride(from: UInt8(4), to: 255, by: 16) {
                let candidate = IPAddress(octets: [first, second, 0, 1])
                let isPassed = { (backend: BackendID) in
                    reason { () throws(Refusal) in try gate.judge([candidate], of: backend, at: now) } == nil
                }
                #expect(isPassed("gpu1") == (first == 10 && second == 20), "\(candidate)")
                #expect(isPassed("here") == (first == 127), "\(candidate)")
            }
        }
    }

    @Test(
        arguments: [
            (
                "gpu1", ["8.8.8.8"],
                "`gpu1.lab:11434` of backend `gpu1` is refused: 8.8.8.8 is a public address outside the zone `lab` "
                    + "(10.20.0.0/16, fd12::/32)"
            ),
            (
                "gpu1", ["127.0.0.1"],
                "`gpu1.lab:11434` of backend `gpu1` is refused: 127.0.0.1 is a loopback address, which only a backend in "
                    + "the zone `loopback` may have"
            ),
            (
                "gpu1", ["10.20.0.1", "169.254.169.254"],
                "`gpu1.lab:11434` of backend `gpu1` has 2 addresses, 1 of them forbidden, so none is used: "
                    + "169.254.169.254 is a link-local address, which no backend may have"
            ),
            (
                "here", ["10.0.0.1"],
                "`localhost:11434` of backend `here` is refused: 10.0.0.1 is a private address, the zone `loopback` is "
                    + "this host alone"
            ),
            ("gpu1", [], "`gpu1.lab`, the host of backend `gpu1`, has no address"),
        ] as [(BackendID, [String], String)])
    func `a refusal says what was found and why it is not taken`(
        backend: BackendID, texts: [String], expected: String
    ) throws {
        let gate = try sampleGate()
        let found = try texts.map { try address($0) }
        #expect(message { () throws(Refusal) in try gate.judge(found, of: backend, at: now) } == expected)
    }
}
