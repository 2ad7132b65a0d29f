import Testing
import Vocabulary

@testable import Gateway

/// Who may speak to the data plane at all, before any key is looked at.
@Suite struct CallerRulesTests {
    static let open = CallerRules(origins: ["https://chat.example.org"], servesLoopbackOnly: true)
    static let keyed = CallerRules(origins: ["https://chat.example.org"], servesLoopbackOnly: false)

    static func reason(
        _ rules: CallerRules = open, from address: String? = "127.0.0.1", host: String? = "localhost:11430",
        origin: String? = nil, isForwarded: Bool = false
    ) -> Reason? {
        rules.refusal(
            of: CallerRules.Caller(
                address: address.map { IPAddress(text: $0) }, host: host.map { Array($0.utf8)[...] },
                origin: origin.map { Array($0.utf8)[...] }, isForwarded: isForwarded))?.reason
    }

    // MARK: Addresses

    @Test(arguments: ["127.0.0.1", "127.0.0.2", "127.255.255.255", "::1", "::ffff:127.0.0.1", "::ffff:127.9.9.9"])
    func `without keys a caller of this machine is served`(address: String) {
        #expect(Self.reason(from: address) == nil)
    }

    @Test(arguments: [
        "10.0.0.5", "192.168.1.2", "128.0.0.1", "126.255.255.255", "0.0.0.0", "8.8.8.8", "::", "::2", "fd00::1",
        "fe80::1", "2001:db8::1", "::ffff:10.0.0.5", "::ffff:128.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "100::1",
    ])
    func `without keys a caller from elsewhere is refused, however near`(address: String) {
        #expect(Self.reason(from: address) == .loopbackOnly)
    }

    @Test func `without keys a caller without an address is refused`() {
        #expect(Self.reason(from: nil) == .loopbackOnly)
    }

    @Test func `without keys a caller behind a proxy of this machine is refused`() {
        #expect(Self.reason(isForwarded: true) == .loopbackOnly)
    }

    @Test func `every header by which a proxy shows itself is known`() {
        #expect(
            CallerRules.forwardingHeaders.map(\.description) == [
                "x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host", "x-forwarded-proto",
            ])
    }

    @Test(arguments: ["10.0.0.5", "::ffff:10.0.0.5", "fd00::1", "127.0.0.1"])
    func `with keys anybody may present one, proxies too`(address: String) {
        #expect(Self.reason(Self.keyed, from: address, host: "gatehouse.lan", isForwarded: true) == nil)
    }

    // MARK: Hosts

    @Test(arguments: [
        "localhost", "localhost:11430", "LOCALHOST", "LocalHost:80", "127.0.0.1", "127.0.0.1:11430", "127.0.0.2:1",
        "127.255.255.254", "[::1]", "[::1]:11430", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]:11430", "localhost:",
    ])
    func `a host that means this machine is served, in every spelling`(host: String) {
        #expect(Self.reason(host: host) == nil)
    }

    @Test(arguments: [
        // What a name server of the attacker's makes of a page's own name.
        "rebind.example.org", "rebind.example.org:11430", "localhost.example.org", "127.0.0.1.example.org:11430",
        "127.0.0.1.nip.io", "localhost.", "localhost.localdomain", "notlocalhost", "localhosts", "xlocalhost:80",
        // Addresses that are not this machine, or not always.
        "0.0.0.0", "0.0.0.0:11430", "10.0.0.5", "[::]", "[fd00::1]:11430", "[::ffff:10.0.0.5]", "128.0.0.1",
        // Spellings that some resolvers take for 127.0.0.1.
        "127.1", "127.1:11430", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.01", "%6cocalhost", "",
        "::1", "[::1", "[localhost", "127.0.0.1@evil.example.org",
    ])
    func `any other host is refused, since a web page may have brought it`(host: String) {
        #expect(Self.reason(host: host) == .hostForbidden)
    }

    @Test func `HTTP 1.0 needs no host`() {
        #expect(Self.reason(host: nil) == nil)
    }

    @Test func `a foreign address is told before a foreign host`() {
        #expect(Self.reason(from: "10.0.0.5", host: "gatehouse.lan") == .loopbackOnly)
    }

    @Test func `with keys every host is served`() {
        #expect(Self.reason(Self.keyed, host: "gatehouse.example.org") == nil)
    }

    // MARK: Origins

    @Test(arguments: [open, keyed])
    func `a page of a listed origin may call`(rules: CallerRules) {
        #expect(Self.reason(rules, origin: "https://chat.example.org") == nil)
    }

    @Test(arguments: [open, keyed])
    func `a page that this node itself serves may call`(rules: CallerRules) {
        #expect(Self.reason(rules, host: "localhost:11430", origin: "http://localhost:11430") == nil)
    }

    @Test(arguments: [
        "https://evil.example.org", "http://chat.example.org", "https://chat.example.org:8443",
        "https://chat.example.org.evil.org", "https://chat.example.or", "https://Chat.example.org", "null", "",
        "file://", "http://localhost", "http://localhost:11431", "https://localhost:11430",
    ])
    func `a page of any other origin may not, with keys or without`(origin: String) {
        #expect(Self.reason(Self.open, origin: origin) == .originForbidden)
        #expect(Self.reason(Self.keyed, origin: origin) == .originForbidden)
    }

    @Test func `a rebound page is not saved by being of its own origin`() {
        let host = "rebind.example.org:11430"
        #expect(Self.reason(host: host, origin: "http://\(host)") == .hostForbidden)
    }

    @Test func `without a host no origin is the node's own`() {
        #expect(Self.reason(host: nil, origin: "http://localhost:11430") == .originForbidden)
        #expect(Self.reason(host: nil, origin: "https://chat.example.org") == nil)
    }

    // MARK: Words

    @Test func `each refusal says what would help`() {
        func message(_ address: String, _ host: String, _ origin: String?) -> String? {
            Self.open.refusal(
                of: CallerRules.Caller(
                    address: IPAddress(text: address), host: Array(host.utf8)[...],
                    origin: origin.map { Array($0.utf8)[...] }, isForwarded: false))?.message
        }
        #expect(
            message("127.0.0.1", "localhost", "https://a.org")
                == "pages of this origin may not call here; name it in `listeners.origins` of gatehouse.yaml if they may"
        )
        #expect(
            message("10.0.0.5", "localhost", nil)
                == "no keys are configured, so only programs on this machine are served; "
                + "make keys with `gatehouse keys add`")
        #expect(
            message("127.0.0.1", "a.org", nil)
                == "no keys are configured, so only `localhost`, `127.0.0.1` and `[::1]` are served as `Host`")
    }
}
