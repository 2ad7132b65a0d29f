import Configuration
import Foundation
import Health
import Residency
import Testing
import Vocabulary

@testable import Gateway

/// Backends outside as the configuration has them, and their keys, which it does not have.
@Suite struct ExternalConfigurationTests {
    private static let canary = "sk-canary-0123456789"

    /// An installation with one backend outside, whose key is kept as `key` says.
    private func load(
        _ key: String = "", more: String = "", credentials: String? = nil, in folder: TemporaryFolder
    ) throws -> GatehouseConfiguration {
        try folder.write(
            """
            schema: 1
            state: run
            zones: {dmz: [10.0.0.0/24]}
            backends:
              cloud: {kind: openai, url: https://api.example.com/api/v1/, zone: external, jurisdiction: EU\(key)\(more)}

            """, to: "gatehouse.yaml")
        try folder.write(Installation.manifest, to: "models.manifest")
        return try ConfigurationLoader(
            path: folder["gatehouse.yaml"], nodeDefault: "n", hostAddresses: { [] }, credentialsFolder: credentials
        ).load()
    }

    /// The one mistake that is told, with paths as they are inside the folder.
    private func mistake(_ key: String, credentials: String? = nil, in folder: TemporaryFolder) throws -> String {
        do {
            _ = try self.load(key, credentials: credentials, in: folder)
            return ""
        } catch let problems as Problems {
            return problems.description.replacing("\(folder.path)/", with: "")
        }
    }

    private func write(_ text: String, to name: String, mode: mode_t, in folder: TemporaryFolder) throws {
        try folder.write(text, to: name)
        #expect(chmod(folder[name], mode) == 0)
    }

    @Test func `a backend outside has its place, its defaults and no key unless it is told`() throws {
        let backend = try self.load(in: TemporaryFolder()).backends[0]
        #expect(backend.isExternal)
        #expect(backend.site.endpoint == .tcp(host: "api.example.com", port: 443))
        #expect(backend.site.tls && backend.site.zone == .external)
        #expect(backend.site.external == ExternalSite(jurisdiction: "EU", basePath: "/api/v1"))
        #expect(backend.slots == 16)
        #expect(backend.breaker == .init(failures: 5, openFor: .seconds(30), trials: 2))
    }

    @Test func `what the operator says of a backend outside is taken on`() throws {
        let more = ", slots: 3, breaker: {open_for: 60s}, proxy: http://10.0.0.5:3128, proxy_zone: dmz"
        let backend = try self.load(more: more, in: TemporaryFolder()).backends[0]
        #expect(backend.slots == 3)
        #expect(backend.breaker.openFor == .seconds(60))
        #expect(backend.site.external?.proxy == ForwardProxy(address: SocketAddress("10.0.0.5", 3128), zone: "dmz"))
        let near = try self.load(more: ", proxy: http://127.0.0.1:3128", in: TemporaryFolder()).backends[0]
        #expect(near.site.external?.proxy?.zone == .loopback)
    }

    /// A server inside with OpenAI's API: its zone tells it from one outside.
    @Test func `a compatible server inside has slots without a word of them, and a key only if it is told`() throws {
        let folder = try TemporaryFolder()
        try self.write("sk-inside\n", to: "inside.key", mode: 0o600, in: folder)
        try folder.write(
            """
            schema: 1
            state: run
            zones: {dmz: [10.0.0.0/24]}
            backends:
              vllm1: {kind: openai, url: http://10.0.0.5:8000, zone: dmz}
              vllm2: {kind: openai, url: https://10.0.0.6, zone: dmz, slots: 3, key: {file: inside.key}}
              here: {kind: openai, url: http://127.0.0.1, zone: loopback, breaker: {open_for: 7s}}

            """, to: "gatehouse.yaml")
        try folder.write(Installation.manifest, to: "models.manifest")
        let backends = try ConfigurationLoader(
            path: folder["gatehouse.yaml"], nodeDefault: "n", hostAddresses: { [] }
        ).load().backends
        #expect(backends.allSatisfy { !$0.isExternal && $0.site.api == .openAI && !$0.healsLostSlots })
        #expect(backends.map(\.site.endpoint.description) == ["10.0.0.5:8000", "10.0.0.6:443", "127.0.0.1:80"])
        #expect(backends.map(\.site.tls) == [false, true, false])
        #expect(backends.map(\.slots) == [16, 3, 16])
        #expect(try backends.map(\.site.credential) == [nil, BackendCredential("sk-inside"), nil])
        #expect(backends[2].breaker.openFor == .seconds(7))
    }

    @Test(arguments: [
        ("https://api.example.com", "api.example.com:443", nil),
        ("https://api.example.com/", "api.example.com:443", nil),
        ("HTTPS://API.example.com:8443/v1beta/openai", "api.example.com:8443", "/v1beta/openai"),
        ("https://8.8.8.8/v2/", "8.8.8.8:443", "/v2"), ("https://[2606:4700::1]", "[2606:4700::1]:443", nil),
    ])
    func `an address outside has a host, perhaps a port and a base path`(
        text: String, endpoint: String, path: String?
    ) throws {
        let address = try ExternalAddress(parsing: text)
        #expect(address.endpoint.description == endpoint)
        #expect(address.basePath == path)
    }

    @Test(arguments: [0o600, 0o400] as [mode_t])
    func `a key is one line of a file that its owner alone can read`(mode: mode_t) throws {
        let folder = try TemporaryFolder()
        try self.write("  \(Self.canary)\r\n\n", to: "cloud.key", mode: mode, in: folder)
        let external = try self.load(", key: {file: cloud.key}", in: folder).backends[0].site.external
        #expect(external?.credential == (try BackendCredential(Self.canary)))
    }

    @Test(arguments: [0o640, 0o604, 0o644, 0o660, 0o620, 0o601] as [mode_t])
    func `a key that others can use is refused`(mode: mode_t) throws {
        let folder = try TemporaryFolder()
        try self.write(Self.canary, to: "cloud.key", mode: mode, in: folder)
        #expect(
            try self.mistake(", key: {file: cloud.key}", in: folder)
                == "gatehouse.yaml:5:102: the key cannot be read: cloud.key: file has the rights "
                + "0\(String(mode, radix: 8)), so that others could use its secret; `chmod 600` it")
    }

    @Test(
        arguments: [
            ("", "the key is empty"), (" \n\t\r\n", "the key is empty"),
            (
                "\(canary)\n\(canary)",
                "the key has a blank, a control character or one beyond ASCII in it, expected one line of visible ASCII"
            ),
            (
                "\(canary)\0",
                "the key has a blank, a control character or one beyond ASCII in it, expected one line of visible ASCII"
            ),
            (
                "4100 x",
                "the key has 4100 bytes, expected 4096 at most: is it the right file?"
            ),
            ("9000 x", "file is larger than 8192 bytes, no file of this kind is"),
        ])
    func `what is no key is refused, and nothing of it is told`(text: String, expected: String) throws {
        let folder = try TemporaryFolder()
        let count = text.hasSuffix(" x") ? Int(text.dropLast(2)) : nil
        let whole = count.map { String(repeating: "x", count: $0) } ?? text
        try self.write(whole, to: "cloud.key", mode: 0o600, in: folder)
        let mistake = try self.mistake(", key: {file: cloud.key}", in: folder)
        #expect(mistake == "gatehouse.yaml:5:102: the key cannot be read: cloud.key: \(expected)")
        #expect(!mistake.contains("canary"))
    }

    @Test func `bytes that are no text are no key`() throws {
        let folder = try TemporaryFolder()
        try Data([0x73, 0xFF]).write(to: URL(filePath: folder["cloud.key"]))
        #expect(chmod(folder["cloud.key"], 0o600) == 0)
        #expect(
            try self.mistake(", key: {file: cloud.key}", in: folder)
                == "gatehouse.yaml:5:102: the key cannot be read: cloud.key: the key is not text, expected one line of "
                + "visible ASCII")
    }

    /// systemd shows the group a right that is the service's own, by an access list.
    @Test func `a key may be a credential that systemd hands over`() throws {
        let folder = try TemporaryFolder()
        let credentials = try TemporaryFolder()
        try self.write(Self.canary, to: "cloud-key", mode: 0o440, in: credentials)
        let loaded = try self.load(", key: {credential: cloud-key}", credentials: credentials.path, in: folder)
        #expect(loaded.backends[0].site.external?.credential == (try BackendCredential(Self.canary)))
        try self.write(Self.canary, to: "cloud-key", mode: 0o444, in: credentials)
        #expect(
            try self.mistake(", key: {credential: cloud-key}", credentials: credentials.path, in: folder)
                .contains("file has the rights 0444"))
        for missing in [nil, ""] {
            #expect(
                try self.mistake(", key: {credential: cloud-key}", credentials: missing, in: folder)
                    == "gatehouse.yaml:5:102: the key cannot be read: cloud-key: no credential is here, since "
                    + "`$CREDENTIALS_DIRECTORY` is not set: systemd sets it for a unit with `LoadCredential=` or "
                    + "`LoadCredentialEncrypted=`")
        }
    }

    @Test func `a configuration shows its keys to nobody`() throws {
        let folder = try TemporaryFolder()
        try self.write(Self.canary, to: "cloud.key", mode: 0o600, in: folder)
        let configuration = try self.load(", key: {file: cloud.key}", in: folder)
        #expect(configuration.backends[0].site.external?.credential != nil)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [dumped, "\(configuration)", String(reflecting: configuration), "\(configuration.backends)"] {
            #expect(!text.contains("canary"))
        }
    }

    @Test func `the gate of a configuration is closed to outside until a policy speaks`() throws {
        var configuration = try self.load(in: TemporaryFolder())
        #expect(try configuration.gate(generation: 1).isClosed("cloud"))
        let terms = ExternalTerms(
            jurisdiction: "EU", prefixes: [try CIDR(parsing: "8.8.8.0/24")], trust: .system, models: ["m"])
        configuration.policy = try Policy(
            source: Verdict.Source(hash: .zero, revision: "1"), external: ["cloud": terms], rules: [])
        #expect(try !configuration.gate(generation: 1).isClosed("cloud"))
    }
}
