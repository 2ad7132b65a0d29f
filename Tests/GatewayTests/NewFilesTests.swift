import Accounting
import Configuration
import EventLoop
import Foundation
import Health
import Residency
import Routing
import Testing
import Vocabulary

@testable import Gateway

/// What `gatehouse init` writes must load again without a mistake, whatever was found.
@Suite struct NewFilesTests {
    /// A server as it was named, its addresses, and what it told.
    @LoopActor static func findings(
        _ servers: [(String, [String])], models: [InventoryModel] = Self.models, cloud: CloudState = .off
    ) throws -> [Inspection.Finding] {
        var names = BackendNames()
        return try servers.map { text, addresses in
            let server = try BackendAddress(parsing: text)
            var port: UInt16 = 11434
            if case .tcp(_, let named) = server.endpoint { port = named }
            return Inspection.Finding(
                server: server, id: names.name(of: server),
                inventory: Inventory(models: models, version: OllamaVersion("0.17.6"), cloud: cloud),
                addresses: addresses.map { SocketAddress(IPAddress(text: $0), port: port) })
        }
    }

    static let models = [
        model("llama3.3:70b", 40_000, ["completion", "tools"], context: 131_072),
        model("qwen3:8b", 5_000, ["completion", "tools", "thinking"], context: 40_960),
        model("nomic-embed-text:latest", 300, ["embedding"], context: 2048),
        model("hf.co/bartowski/Llama-3.2-3B-GGUF:Q4_K_M", 2_000, []),
    ]

    static func model(
        _ name: ModelName, _ size: Int, _ capabilities: Set<String>, context: Int? = nil, remoteHost: String? = nil
    ) -> InventoryModel {
        InventoryModel(
            name: name, digest: "", size: Bytes(size), capabilities: capabilities,
            contextMax: context.map { Tokens($0) }, remoteHost: remoteHost)
    }

    /// Writes files for what was found, and loads them.
    static func load(
        _ servers: [(String, [String])], models: [InventoryModel] = models, networks: [String] = [],
        cloud: CloudState = .off
    ) async throws -> (folder: TemporaryFolder, configuration: GatehouseConfiguration) {
        let folder = try TemporaryFolder()
        try await onLoop {
            let found = try Self.findings(servers, models: models, cloud: cloud)
            let files = NewFiles(found, networks: try networks.map { try CIDR(parsing: $0) }, folder: folder.path)
            _ = try files.write()
        }
        let loader = ConfigurationLoader(
            path: folder["gatehouse.yaml"], nodeDefault: "n", hostAddresses: { [IPAddress(text: "127.0.0.1")] })
        do throws(Problems) {
            return (folder, try loader.load())
        } catch {
            throw Unexpected(
                "\(error)\n\(try folder.text(of: "gatehouse.yaml"))\(try folder.text(of: "models.manifest"))")
        }
    }

    @Test(arguments: [
        ("127.0.0.1:11434", ["127.0.0.1"], "127.0.0.1", "http://127.0.0.1:11434", "loopback", ""),
        ("localhost:11434", ["127.0.0.1", "::1"], "localhost", "http://localhost:11434", "loopback", ""),
        ("[::1]:11434", ["::1"], "--1", "http://[::1]:11434", "loopback", ""),
        ("unix:/run/ollama.sock", [], "ollama", "unix:/run/ollama.sock", "loopback", ""),
        ("unix:/run/my ollama/.s", [], "local", "unix:/run/my ollama/.s", "loopback", ""),
        ("gpu1:11434", ["10.20.0.12"], "gpu1", "http://gpu1:11434", "intranet", "10.20.0.0/24"),
        ("https://gpu1.lan:443", ["192.168.7.9"], "gpu1-443", "https://gpu1.lan:443", "intranet", "192.168.7.0/24"),
        ("10.20.0.12", ["10.20.0.12"], "10.20.0.12", "http://10.20.0.12:11434", "intranet", "10.20.0.0/24"),
        ("[fd12::5]:8080", ["fd12::5"], "fd12--5-8080", "http://[fd12::5]:8080", "intranet", "fd12::/64"),
        ("gpu1:11434", ["10.1.0.1", "10.2.0.1"], "gpu1", "http://gpu1:11434", "intranet", "10.1.0.0/24 10.2.0.0/24"),
        ("gpu1:11434", ["10.1.0.1", "fd12::5"], "gpu1", "http://gpu1:11434", "intranet", "10.1.0.0/24 fd12::/64"),
        // A Debian machine's own name is both 127.0.1.1 and its address in the LAN.
        ("me:11434", ["127.0.1.1", "10.1.0.1"], "me", "http://127.0.1.1:11434", "loopback", ""),
    ])
    func `each kind of server is written so that it loads`(
        named: String, addresses: [String], id: String, url: String, zone: String, networks: String
    ) async throws {
        let (folder, configuration) = try await Self.load([(named, addresses)])
        let backend = try #require(configuration.backends.first)
        #expect(configuration.backends.count == 1)
        #expect(backend.site.id.rawValue == id)
        #expect(
            try folder.text(of: "gatehouse.yaml").contains("url: \(url)\n") || url.contains(" ") || url.contains("["))
        #expect(BackendAddress(backend.site.endpoint, tls: backend.site.tls).text == url)
        #expect(backend.site.zone.rawValue == zone)
        #expect(backend.slots == 1)
        #expect(configuration.zones.flatMap(\.networks).map(\.description).joined(separator: " ") == networks)
        #expect(configuration.listeners.data.map(\.address) == [SocketAddress("127.0.0.1", 11430)])
        #expect(configuration.stateFolder == folder["state"])
        #expect(!configuration.keys.isEmpty)
    }

    @Test func `networks that were named are written instead of guessed ones`() async throws {
        let (_, configuration) = try await Self.load(
            [("gpu1", ["203.0.113.9"]), ("gpu2", ["10.3.4.5"])], networks: ["203.0.112.0/22"])
        #expect(configuration.zones.flatMap(\.networks).map(\.description) == ["203.0.112.0/22", "10.3.4.0/24"])
    }

    @Test func `servers of like names are told apart`() async throws {
        let (_, configuration) = try await Self.load([
            ("gpu.a.lan", ["10.0.0.1"]), ("gpu.b.lan", ["10.0.0.2"]), ("gpu.b.lan:8080", ["10.0.0.2"]),
            ("unix:/run/gpu.sock", []), ("gpu-2", ["10.0.0.3"]),
        ])
        #expect(configuration.backends.map(\.site.id) == ["gpu", "gpu-2", "gpu-8080", "gpu-3", "gpu-2-2"])
    }

    @Test func `a very long name still is one`() async throws {
        let label = String(repeating: "g", count: 63)
        let (_, configuration) = try await Self.load([("\(label).lan:65535", ["10.0.0.1"])])
        #expect(configuration.backends[0].site.id.rawValue == String(repeating: "g", count: 48) + "-65535")
    }

    @Test func `models and tiers are those that were found`() async throws {
        let (_, configuration) = try await Self.load([("gpu1", ["10.0.0.1"]), ("gpu2", ["10.0.0.2"])])
        let manifest = configuration.manifest
        let gguf: ModelName = "hf.co/bartowski/Llama-3.2-3B-GGUF:Q4_K_M"
        #expect(manifest.order == ["nomic-embed-text:latest", gguf, "qwen3:8b", "llama3.3:70b"])
        #expect(manifest.models["qwen3:8b"]?.capabilities == [.completion, .tools, .thinking])
        #expect(manifest.models[gguf]?.capabilities == nil)
        #expect(
            manifest.tiers.map { "\($0.name): \($0.models.joined(separator: " "))" } == [
                "simple: \(gguf) qwen3:8b llama3.3:70b", "general: llama3.3:70b qwen3:8b \(gguf)",
                "reasoning: qwen3:8b", "long-context: llama3.3:70b qwen3:8b \(gguf)",
                "embedding: nomic-embed-text:latest",
            ])
        #expect(manifest.discovered == .serve)
    }

    @Test func `models that would be answered from outside are left out`() async throws {
        let (_, configuration) = try await Self.load(
            [("gpu1", ["10.0.0.1"])],
            models: [
                Self.model("qwen3:8b", 5, ["completion"]), Self.model("gpt-oss:120b-cloud", 1, ["completion"]),
                Self.model("mine:latest", 1, ["completion"], remoteHost: "https://ollama.com"),
                Self.model("strange name", 1, []),
            ])
        #expect(configuration.manifest.order == ["qwen3:8b"])
    }

    @Test func `a model that is called like a tier keeps its name`() async throws {
        let (_, configuration) = try await Self.load(
            [("gpu1", ["10.0.0.1"])], models: [Self.model("general:latest", 5, ["completion"])])
        #expect(configuration.manifest.order == ["general:latest"])
        #expect(configuration.manifest.tiers.map(\.name) == ["simple", "reasoning", "long-context"])
    }

    @Test func `a server without models is written too`() async throws {
        let (_, configuration) = try await Self.load([("gpu1", ["10.0.0.1"])], models: [])
        #expect(configuration.manifest.models.isEmpty)
        #expect(configuration.manifest.tiers.isEmpty)
    }

    @Test(arguments: [(CloudState.off, true), (.on, false), (.unknown, false)])
    func `the cloud must be off from then on where it is off now`(cloud: CloudState, isRequired: Bool) async throws {
        let (_, configuration) = try await Self.load([("gpu1", ["10.0.0.1"])], cloud: cloud)
        #expect(configuration.requiresCloudOff == isRequired)
    }

    @Test func `the first key works, and only its owner may read it`() async throws {
        let folder = try TemporaryFolder()
        let key = try await onLoop {
            try NewFiles(try Self.findings([("127.0.0.1", ["127.0.0.1"])]), networks: [], folder: folder.path).write()
        }
        let configuration = try ConfigurationLoader(path: folder["gatehouse.yaml"], nodeDefault: "n").load()
        guard case .success = configuration.keys.authenticate(key.utf8, at: wallClock()) else {
            throw Unexpected("the first key does not open the door")
        }
        let modes = try ["gatehouse.yaml", "models.manifest", "keys.yaml", "pepper"].map { try folder.mode(of: $0) }
        #expect(modes == [0o644, 0o644, 0o600, 0o400])
    }

    @Test func `nothing that is there is touched`() async throws {
        let folder = try TemporaryFolder()
        try folder.write("mine", to: "pepper")
        try folder.write("mine too", to: "models.manifest")
        let message = try await onLoop { () -> String in
            let files = NewFiles(
                try Self.findings([("127.0.0.1", ["127.0.0.1"])]), networks: [], folder: folder.path)
            do {
                _ = try files.write()
                return ""
            } catch let failure as StartFailure {
                return failure.message
            }
        }
        #expect(
            message == "\(folder["models.manifest"]), \(folder["pepper"]) exist already and are kept; "
                + "name another folder with --folder")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["models.manifest", "pepper"])
        #expect(try folder.text(of: "pepper") == "mine")
    }

    @Test(arguments: ["/etc/gatehouse", "/etc/gatehouse/", "/etc/./gatehouse"])
    func `an installed daemon has its state where it may write`(folder: String) async throws {
        let (yaml, farewell) = try await onLoop {
            let found = try Self.findings([("127.0.0.1", ["127.0.0.1"])])
            let files = NewFiles(found, networks: [], folder: folder)
            return (files.gatehouse, files.farewell(key: "gh_x"))
        }
        #expect(yaml.contains("\nstate: /var/lib/gatehouse  # the admin socket"))
        #expect(farewell.contains("\n    systemctl start gatehouse\n"))
    }

    @Test func `the file that is written explains itself`() async throws {
        let (folder, _) = try await Self.load([("gpu1", ["10.20.0.12"]), ("unix:/run/ollama.sock", [])], models: [])
        #expect(
            try folder.text(of: "gatehouse.yaml") == """
                # Written by `gatehouse init`. Each key is explained in the manual; `gatehouse check` reads it.
                schema: 1

                state: state  # the admin socket and the databases; relative to this file
                listeners:
                  data:  # the model APIs; an address of the LAN lets others in
                    - 127.0.0.1:11430
                  operations:  # health and /metrics
                    - 127.0.0.1:11432

                # The intranet: a backend's addresses must lie in the networks of its zone, else nothing is sent.
                zones:
                  intranet:
                    - 10.20.0.0/24

                backends:
                  gpu1:
                    kind: ollama
                    url: http://gpu1:11434
                    zone: intranet
                    slots: 1  # requests at once per model: set it to the server's OLLAMA_NUM_PARALLEL
                  ollama:
                    kind: ollama
                    url: unix:/run/ollama.sock
                    zone: loopback
                    slots: 1  # requests at once per model: set it to the server's OLLAMA_NUM_PARALLEL

                # true refuses every backend that does not say that Ollama's own cloud is off.
                require_cloud_off: true

                """)
    }

    // MARK: The command line

    @Test func `a server that is named twice counts once`() throws {
        let list = try ServerList(
            servers: ["gpu1:11434", "", "http://gpu1", "GPU1", "gpu1:8080", "unix:/run/o.sock", "unix:/run/o.sock"],
            zones: ["10.0.0.0/8"])
        #expect(list.servers.map(\.endpoint.description) == ["gpu1:11434", "gpu1:8080", "unix:/run/o.sock"])
        #expect(list.networks.map(\.description) == ["10.0.0.0/8"])
    }

    @Test(arguments: [
        ([], "no server is named, expected host:port, a URL or unix:/path"),
        ([""], "no server is named, expected host:port, a URL or unix:/path"),
        (["127.1"], "host `127.1` is an unusual spelling of an address, write `127.0.0.1`"),
        (["gpu1/v1"], "`gpu1/v1` has a path or a query, expected a host and a port only"),
    ])
    func `a server that is none is told`(servers: [String], message: String) {
        #expect {
            _ = try ServerList(servers: servers, zones: [])
        } throws: { error in
            (error as? StartFailure)?.message == message
        }
    }
}
