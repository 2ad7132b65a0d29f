import Configuration
import Foundation
import Health
import Residency
import Routing
import Testing
import Vocabulary

@testable import Gateway

/// Configurations without a mistake, and what becomes of them.
@Suite struct GoodConfigurationTests {
    /// The blocks of YAML in the README, in their order.
    static func examples() throws -> [String] {
        let text = try String(contentsOf: repository.appending(path: "README.md"), encoding: .utf8)
        return text.components(separatedBy: "```yaml\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
    }

    /// A socket has a name from the root, wherever `--config` leads from.
    @Test func `a configuration that is named from here has its state folder named from the root`() throws {
        let folder = try Installation(gatehouse: Installation.gatehouse.replacing("/var/lib/gatehouse", with: "s"))
            .folder
        let here = FileManager.default.currentDirectoryPath
        let up = String(repeating: "../", count: here.split(separator: "/").count)
        let path = up + folder["gatehouse.yaml"].dropFirst()
        let file = try GatehouseFile.read(path: path, nodeDefault: "n")
        #expect(file.stateFolder == "\(here)/\(up)\(folder["s"].dropFirst())")
    }

    @Test func `the way outside that the README shows loads, and its tests pass`() throws {
        let examples = try Self.examples()
        try #require(examples.count == 5)
        let installation = try Installation(
            gatehouse: "schema: 1\nstate: state\n" + examples[0], manifest: "schema: 1\n" + examples[1])
        try installation.folder.write(examples[2], to: "policy.yaml")
        try installation.folder.write("sk-one-key\n", to: "provider.key")
        #expect(chmod(installation.folder["provider.key"], 0o600) == 0)
        #expect(installation.mistakes == [])
        let policy = try PolicyFile.read(path: installation.folder["policy.yaml"], backends: [("provider", "EU")])
        let report = PolicyTestReport(policy, path: "policy.yaml")
        #expect(report.failed == 0 && report.tests.count == 2 && report.undecided.isEmpty)
        #expect(PolicyLint(policy, backends: [("provider", "EU")], path: "policy.yaml").lines == [])
    }

    @Test func `the examples of the README load as they stand there`() throws {
        let examples = try Self.examples()
        try #require(examples.count == 5)
        let installation = try Installation(gatehouse: examples[3], manifest: examples[4])
        #expect(installation.mistakes == [])
        let configuration = try installation.load()
        #expect(configuration.listeners.data.map(\.address) == [SocketAddress("10.20.0.5", 11430)])
        #expect(configuration.listeners.operations.map(\.address) == [SocketAddress("10.20.0.5", 11432)])
        #expect(configuration.listeners.origins == ["https://chat.example.org"])
        #expect(configuration.stateFolder == "/var/lib/gatehouse")
        #expect(configuration.zones == [Zone(name: "gpu-room", networks: [try CIDR(parsing: "10.20.0.0/24")])])
        #expect(configuration.backends.map(\.site.id) == ["gpu1", "gpu2", "here"])
        #expect(configuration.backends.map(\.slots) == [4, 4, nil])
        #expect(configuration.backends.map(\.site.zone) == ["gpu-room", "gpu-room", "loopback"])
        #expect(configuration.backends[2].site.endpoint == .unix(path: "/run/ollama.sock"))
        #expect(configuration.backends.map(\.breaker.failures) == [5, 5, 5])
        #expect(configuration.requiresCloudOff)
        #expect(configuration.drain == .init(delay: .seconds(10), timeout: .seconds(120)))
        #expect(configuration.manifest.order == ["qwen3:8b", "llama3.2:3b"])
        #expect(configuration.manifest.models["qwen3:8b"]?.keepAlive == .idle(.seconds(1800)))
        #expect(configuration.manifest.models["llama3.2:3b"]?.outputTokensMax == ManifestModel.outputTokensDefault)
        #expect(configuration.manifest.aliases.map(\.pattern) == ["gpt-4o", "claude-*"])
    }

    @Test func `the manifest of this repository loads, and every name in it leads to a model`() throws {
        let text = try String(contentsOf: repository.appending(path: "models.manifest"), encoding: .utf8)
        let installation = try Installation(manifest: text)
        #expect(installation.mistakes == [])
        let manifest = try installation.load().manifest
        #expect(manifest.tiers.map(\.name).sorted() == ["embedding", "general", "long-context", "reasoning", "simple"])
        #expect(manifest.models.count >= 20)
        #expect(manifest.models.values.allSatisfy { $0.outputTokensMax == Tokens(8192) && $0.keepAlive == .asBackend })
    }

    @Test func `the manifest that is built in is the one of the repository`() throws {
        let text = try Data(contentsOf: repository.appending(path: "models.manifest"))
        #expect(Data(PackageResources.models_manifest) == text)
        let manifest = try ManifestFile.read(
            bytes: PackageResources.models_manifest, file: "models.manifest", standIn: .anyInstalled)
        #expect(manifest.tierStandIn == .anyInstalled)
    }

    @Test func `a backend's own breaker goes before that of all, and the zone tells what nobody wrote`() throws {
        func breakers(_ keys: String, _ own: String) throws -> [Breaker.Options] {
            let installation = try Installation(
                gatehouse: """
                    schema: 1
                    state: state
                    zones: {lan: [10.0.0.0/8]}
                    \(keys)
                    backends:
                      here: {url: http://127.0.0.1:11434, zone: loopback}
                      there: {url: http://10.0.0.1:11434, zone: lan}
                      own: {url: http://10.0.0.2:11434, zone: lan, breaker: \(own)}

                    """)
            return try installation.load().backends.map(\.breaker)
        }
        #expect(
            try breakers("", "{trials: 9}") == [
                .init(failures: 5, openFor: .seconds(5), trials: 2),
                .init(failures: 5, openFor: .seconds(10), trials: 2),
                .init(failures: 5, openFor: .seconds(10), trials: 9),
            ])
        #expect(
            try breakers("breaker: {failures: 7, open_for: 60s, trials: 3}", "{failures: 1, open_for: 2m}") == [
                .init(failures: 7, openFor: .seconds(60), trials: 3),
                .init(failures: 7, openFor: .seconds(60), trials: 3),
                .init(failures: 1, openFor: .seconds(120), trials: 3),
            ])
    }

    @Test func `what nobody says is as the bounds and the design have it`() throws {
        let configuration = try Installation().load()
        #expect(configuration.node == "this-host")
        #expect(configuration.listeners.data.map(\.address) == [SocketAddress("127.0.0.1", 11430)])
        #expect(configuration.listeners.operations.map(\.address) == [SocketAddress("127.0.0.1", 11432)])
        #expect(configuration.listeners.agent == [])
        #expect(configuration.listeners.balancers == 1)
        #expect(configuration.listeners.origins == [])
        #expect(configuration.zones == [])
        #expect(configuration.backends.map(\.slots) == [nil])
        #expect(configuration.keys.isEmpty)
        #expect(!configuration.requiresCloudOff)
        #expect(configuration.health.probing == BackendHealth.Options())
        #expect(configuration.health.backendsAreIndependent)
        #expect(
            configuration.limits
                == .init(
                    queuePerModel: Bounds.queuePerModel, firstByte: Bounds.firstByte,
                    betweenBytes: Bounds.betweenBytes, wholeAttempt: Bounds.wholeAttempt,
                    clientReadIdle: Bounds.clientReadIdle))
        #expect(configuration.logging == .init(requests: true, level: "info"))
        #expect(configuration.usageRetentionDays == 180)
        #expect(configuration.drain == .init(delay: .seconds(10), timeout: .seconds(120)))
        #expect(configuration.manifest.discovered == .serve)
    }

    @Test func `what the operator says is taken on`() throws {
        let installation = try Installation(
            gatehouse: """
                schema: 1
                node: gate-3
                state: run
                manifest: ../models.manifest
                keys: {file: secret/keys.yaml, pepper: /etc/pepper}
                listeners: {data: ["0.0.0.0:8080", "[::]:8080"], operations: [127.0.0.1:9090]}
                backends: {here: {kind: ollama, url: "unix:/run/ollama.sock", zone: loopback, slots: 8}}
                health: {interval: 2s, rise: 1, fall: 5, independent_backends: false}
                limits: {queue_per_model: 0, first_byte: 5m, between_bytes: 100ms, whole_attempt: 1h, client_read_idle: 10s}
                logging: {requests: false, level: warning}
                usage: {retention_days: 30}
                drain: {delay: 0s, timeout: 10m}

                """)
        let file = try GatehouseFile.read(path: installation.folder["gatehouse.yaml"], nodeDefault: "")
        #expect(file.node == "gate-3")
        #expect(file.stateFolder == installation.folder["run"])
        #expect(file.manifestPath == installation.folder["../models.manifest"])
        #expect(file.keysPath == installation.folder["secret/keys.yaml"])
        #expect(file.pepperPath == "/etc/pepper")
        #expect(file.listeners.data.map(\.address) == [SocketAddress("0.0.0.0", 8080), SocketAddress("::", 8080)])
        #expect(file.listeners.operations.map(\.address) == [SocketAddress("127.0.0.1", 9090)])
        #expect(file.sites.backends.map(\.slots) == [8])
        #expect(file.health.probing.interval == .seconds(2))
        #expect(file.health.probing.intervalDown == min(BackendHealth.Options().intervalDown, .seconds(4)))
        #expect(file.health.probing.riseMax == 1)
        #expect(file.health.probing.fallMax == 5)
        #expect(!file.health.backendsAreIndependent)
        #expect(
            file.limits
                == .init(
                    queuePerModel: 0, firstByte: .seconds(300), betweenBytes: .milliseconds(100),
                    wholeAttempt: .seconds(3600), clientReadIdle: .seconds(10)))
        #expect(file.logging == .init(requests: false, level: "warning"))
        #expect(file.usageRetentionDays == 30)
        #expect(file.drain == .init(delay: .zero, timeout: .seconds(600)))
    }

    @Test func `a node may have no operations port`() throws {
        let text = Installation.gatehouse + "listeners: {operations: []}\n"
        let configuration = try Installation(gatehouse: text).load()
        #expect(configuration.listeners.operations.map(\.address) == [])
        #expect(configuration.listeners.data.map(\.address) == [SocketAddress("127.0.0.1", 11430)])
    }

    @Test func `the manifest's defaults hold for models that do not say otherwise`() throws {
        let installation = try Installation(
            manifest: """
                schema: 1
                discovered: refuse
                defaults: {output_tokens_max: 100, keep_alive: forever}
                models:
                  a: {}
                  b:7b: {output_tokens_max: 200, keep_alive: 0s, slots: 3, context: 8192, digest: "sha256:0123456789AB"}
                  c: {keep_alive: backend, backends: [here], capabilities: [embedding]}

                """)
        let manifest = try installation.load().manifest
        #expect(manifest.discovered == .refuse)
        #expect(manifest.order == ["a:latest", "b:7b", "c:latest"])
        #expect(manifest.defaults == Manifest.Defaults(outputTokensMax: Tokens(100), keepAlive: .forever))
        #expect(manifest.models["a:latest"]?.outputTokensMax == Tokens(100))
        #expect(manifest.models["a:latest"]?.keepAlive == .forever)
        let b = try #require(manifest.models["b:7b"])
        #expect(b.outputTokensMax == Tokens(200))
        #expect(b.keepAlive == .idle(.zero))
        #expect(b.slots == 3)
        #expect(b.context == Tokens(8192))
        #expect(b.digest == "0123456789ab")
        #expect(manifest.models["c:latest"]?.keepAlive == .asBackend)
        #expect(manifest.models["c:latest"]?.backends == ["here"])
        #expect(manifest.models["c:latest"]?.capabilities == [.embedding])
    }

    @Test func `paths count from the folder of the file that names them`() {
        #expect(Paths.folder(of: "/etc/gatehouse/gatehouse.yaml") == "/etc/gatehouse")
        #expect(Paths.folder(of: "/gatehouse.yaml") == "/")
        #expect(Paths.folder(of: "gatehouse.yaml") == ".")
        #expect(Paths.folder(of: "a/b.yaml") == "a")
        #expect(Paths.absolute("keys.yaml", in: "/etc") == "/etc/keys.yaml")
        #expect(Paths.absolute("/run/keys.yaml", in: "/etc") == "/run/keys.yaml")
        #expect(Paths.absolute("", in: "/etc") == "")
        #expect(Paths.fromRoot("/run") == "/run")
        #expect(Paths.fromRoot("") == "")
        let here = FileManager.default.currentDirectoryPath
        #expect(Paths.fromRoot("./state") == "\(here)/state")
        #expect(Paths.fromRoot("a/state") == "\(here)/a/state")
    }
}
