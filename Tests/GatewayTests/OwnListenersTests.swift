import Configuration
import Residency
import Testing
import Vocabulary

@testable import Gateway

/// A backend that is this process would answer itself for ever: the gate must know every address of it.
@Suite struct OwnListenersTests {
    static let host = ["127.0.0.1", "10.20.0.5", "192.168.7.2", "::1", "fd12::5"].map { IPAddress(text: $0) }

    static func configuration(
        data: String, operations: String = "127.0.0.1:11432", backend: String = "http://127.0.0.1:11434",
        zone: String = "loopback"
    ) throws -> (Installation, () throws(Problems) -> GatehouseConfiguration) {
        var installation = try Installation(
            gatehouse: """
                schema: 1
                state: /var/lib/gatehouse
                listeners: {data: ["\(data)"], operations: ["\(operations)"]}
                zones: {lan: [10.20.0.0/24, "fd12::/64"]}
                backends: {one: {url: "\(backend)", zone: \(zone)}}

                """)
        installation.hostAddresses = self.host
        let made = installation
        return (made, { () throws(Problems) in try made.load() })
    }

    static func own(data: String) throws -> [String] {
        try self.configuration(data: data).1().ownListeners.map(\.description)
    }

    @Test func `a listener at one address is that address`() throws {
        #expect(try Self.own(data: "10.20.0.5:11430") == ["10.20.0.5:11430", "127.0.0.1:11432"])
    }

    @Test func `a wildcard stands for every address of its family`() throws {
        #expect(
            try Self.own(data: "0.0.0.0:11430") == [
                "0.0.0.0:11430", "127.0.0.1:11430", "10.20.0.5:11430", "192.168.7.2:11430", "127.0.0.1:11432",
            ])
        #expect(
            try Self.own(data: "[::]:11430") == ["[::]:11430", "[::1]:11430", "[fd12::5]:11430", "127.0.0.1:11432"])
    }

    @Test(arguments: [
        ("0.0.0.0:11430", "http://10.20.0.5:11430", "lan", "10.20.0.5:11430"),
        ("10.20.0.5:11430", "http://10.20.0.5:11430", "lan", "10.20.0.5:11430"),
        ("10.20.0.5:11430", "http://[::ffff:10.20.0.5]:11430", "lan", "[::ffff:a14:5]:11430"),
        ("[::]:11430", "http://[fd12::5]:11430", "lan", "[fd12::5]:11430"),
        ("0.0.0.0:11430", "http://127.0.0.1:11430", "loopback", "127.0.0.1:11430"),
        ("0.0.0.0:11430", "http://127.0.0.2:11430", "loopback", "127.0.0.2:11430"),
        ("127.0.0.1:11430", "http://127.0.0.1:11432", "loopback", "127.0.0.1:11432"),
    ])
    func `a backend that is this process is a mistake`(
        data: String, backend: String, zone: String, shown: String
    ) throws {
        let (installation, _) = try Self.configuration(data: data, backend: backend, zone: zone)
        let mistakes = installation.mistakes
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasPrefix("gatehouse.yaml:5:12: `\(shown)` of backend `one` is refused: ") == true)
        #expect(mistakes.first?.hasSuffix(" is this process itself") == true)
    }

    @Test(arguments: [
        ("0.0.0.0:11430", "http://10.20.0.5:11434", "lan"),  // Another port of this host: its Ollama.
        ("0.0.0.0:11430", "http://10.20.0.6:11430", "lan"),  // Another host: its Gatehouse, perhaps.
        ("10.20.0.5:11430", "http://10.20.0.6:11430", "lan"),
        ("0.0.0.0:11430", "http://[fd12::5]:11430", "lan"),  // The other family is not listened on.
        ("10.20.0.5:11430", "http://127.0.0.1:11430", "loopback"),
    ])
    func `a backend beside it is none`(data: String, backend: String, zone: String) throws {
        #expect(try Self.configuration(data: data, backend: backend, zone: zone).0.mistakes == [])
    }

    @Test func `a backend whose name leads here is refused when it is resolved`() throws {
        let (_, load) = try Self.configuration(data: "0.0.0.0:11430", backend: "http://gate.lan:11430", zone: "lan")
        let gate = try load().gate(generation: 1)
        #expect {
            _ = try gate.judge([IPAddress(text: "10.20.0.5")], of: "one", at: .zero)
        } throws: { error in
            (error as? Refusal)?.message.hasSuffix("10.20.0.5:11430 is this process itself") == true
        }
        #expect(throws: Never.self) { try gate.judge([IPAddress(text: "10.20.0.6")], of: "one", at: .zero) }
    }

    @Test func `the kernel tells the addresses of this host, loopback among them`() {
        let addresses = HostAddresses.current()
        #expect(addresses.contains(IPAddress(text: "127.0.0.1")))
        #expect(Set(addresses).count == addresses.count)
    }
}
