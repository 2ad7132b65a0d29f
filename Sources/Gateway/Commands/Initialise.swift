import Accounting
import Configuration
import EventLoop
import Foundation
import Health
import Outbound
import Residency
import Routing
import Vocabulary

/// `gatehouse init`: looks at servers, tells the risks, writes the files and a first key. Nothing that is there already is
/// touched.
public func initialise(servers: [String], zones: [String], folder: String) -> Int32 {
    _ = scrubEnvironment()
    return runOnLoop {
        do {
            let list = try ServerList(servers: servers, zones: zones)
            let findings = await (try Inspection(list.servers, networks: list.networks)).run()
            for finding in findings { say(DoctorReport(finding).text + "\n") }
            guard findings.contains(where: { $0.inventory != nil }) else {
                throw StartFailure("none of the servers answered, so nothing was written")
            }
            let files = NewFiles(findings, networks: list.networks, folder: folder)
            let key = try files.write()
            say(files.farewell(key: key))
            return ExitStatus.done
        } catch let failure as StartFailure {
            complain(failure.message)
            return ExitStatus.failed
        } catch {
            complain("\(error)")
            return ExitStatus.failed
        }
    }
}

/// The files of a new configuration, as they fit the servers that were found.
struct NewFiles {
    private let findings: [Inspection.Finding]
    private let networks: [CIDR]
    private let folder: String

    init(_ findings: [Inspection.Finding], networks: [CIDR], folder: String) {
        self.findings = findings.filter { $0.inventory != nil }
        self.networks = networks
        self.folder = folder
    }

    private func path(_ name: String) -> String { "\(self.folder)/\(name)" }

    /// They are those of the daemon that the system starts, for which a folder of configuration is read-only.
    private var isInstalled: Bool {
        URL(filePath: self.path("gatehouse.yaml")).standardizedFileURL.path == Defaults.configurationPath
    }

    /// Writes all files and returns the first key, which is shown once.
    func write() throws -> String {
        let names = ["gatehouse.yaml", "models.manifest", "keys.yaml", "pepper"]
        let existing = names.filter { FileManager.default.fileExists(atPath: self.path($0)) }
        guard existing.isEmpty else {
            throw StartFailure(
                "\(existing.map(self.path).joined(separator: ", ")) exist already and are kept; name another folder with --folder"
            )
        }
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let keysFile = KeysFile(path: self.path("keys.yaml"), pepperPath: self.path("pepper"))
        let key = try keysFile.begin()
        try ConfigurationFile.write(self.manifest, to: self.path("models.manifest"), mode: 0o644)
        try ConfigurationFile.write(self.gatehouse, to: self.path("gatehouse.yaml"), mode: 0o644)
        return key
    }

    // MARK: gatehouse.yaml

    var gatehouse: String {
        var yaml = YAMLWriter()
        yaml.comment("Written by `gatehouse init`. Each key is explained in the manual; `gatehouse check` reads it.")
        yaml.entry("schema", YAMLScalar(GatehouseFile.schema))
        yaml.blankLine()
        yaml.entry(
            "state", YAMLScalar(self.isInstalled ? Defaults.stateFolder : "state"),
            comment: "the admin socket and the databases; relative to this file")
        yaml.mapping("listeners") { listeners in
            listeners.list(
                "data", [YAMLScalar("127.0.0.1:\(Defaults.dataPort)")],
                comment: "the model APIs; an address of the LAN lets others in")
            listeners.list(
                "operations", [YAMLScalar("127.0.0.1:\(Defaults.operationsPort)")], comment: "health and /metrics")
        }
        yaml.blankLine()
        let zones = self.zones
        if !zones.isEmpty {
            yaml.comment(
                "The intranet: a backend's addresses must lie in the networks of its zone, else nothing is sent.")
            yaml.mapping("zones") { writer in
                for (name, networks) in zones {
                    writer.list(name, networks.map { YAMLScalar($0.description) })
                }
            }
            yaml.blankLine()
        }
        yaml.mapping("backends") { backends in
            for finding in self.findings { self.write(finding, &backends) }
        }
        yaml.blankLine()
        yaml.comment("true refuses every backend that does not say that Ollama's own cloud is off.")
        yaml.entry("require_cloud_off", YAMLScalar(self.findings.allSatisfy { $0.inventory?.cloud == .off }))
        return yaml.text
    }

    private func write(_ finding: Inspection.Finding, _ backends: inout YAMLWriter) {
        backends.mapping(finding.id.rawValue) { backend in
            backend.entry("kind", "ollama")
            backend.entry("url", YAMLScalar(self.url(of: finding)))
            backend.entry("zone", YAMLScalar(self.zone(of: finding)))
            backend.entry(
                "slots", 1, comment: "requests at once per model: set it to the server's OLLAMA_NUM_PARALLEL")
        }
    }

    /// The built-in zone for this host, the smallest usual network around each address otherwise.
    private func zone(of finding: Inspection.Finding) -> String {
        finding.addresses.isEmpty || finding.loopback != nil ? "loopback" : "intranet"
    }

    /// As it was named. But a name that means this host and an address of the LAN too, as that of a Debian machine itself
    /// does, fits no zone: then the address of this host stands for it.
    private func url(of finding: Inspection.Finding) -> String {
        guard let loopback = finding.loopback, finding.addresses.contains(where: { !$0.isLoopback }) else {
            return finding.server.text
        }
        let here = Residency.Endpoint.tcp(host: loopback.address.description, port: loopback.port)
        return BackendAddress(here, tls: finding.server.tls).text
    }

    private var zones: [(String, [CIDR])] {
        let outside = self.findings.filter { self.zone(of: $0) != "loopback" }.flatMap(\.addresses).map(\.address)
        var networks: [CIDR] = []
        for address in outside {
            let network =
                self.networks.first { $0.contains(address) } ?? CIDR(address, prefix: address.isV4 ? 24 : 64)
            if !networks.contains(network) { networks.append(network) }
        }
        return networks.isEmpty ? [] : [("intranet", networks)]
    }

    // MARK: models.manifest

    private var manifest: String {
        let models = self.models
        var yaml = YAMLWriter()
        yaml.comment("Written by `gatehouse init`: the models that were found, and tiers made of them. Edit it freely.")
        yaml.entry("schema", YAMLScalar(ManifestFile.schema))
        yaml.entry("discovered", "serve", comment: "models that are installed later are served under their own names")
        yaml.blankLine()
        yaml.mapping("models") { writer in
            for model in models {
                writer.mapping(model.name.rawValue) { entry in
                    let known = model.capabilities.filter { ModelCapability(rawValue: $0) != nil }.sorted()
                    if !known.isEmpty { entry.list("capabilities", known.map { YAMLScalar($0) }) }
                }
            }
        }
        let tiers = self.tiers(models)
        if !tiers.isEmpty {
            yaml.blankLine()
            yaml.comment("A tier's name works as a model's name; the first model that can be reached answers.")
            yaml.mapping("tiers") { writer in
                for (name, models) in tiers { writer.list(name, models.map { YAMLScalar($0.rawValue) }) }
            }
        }
        return yaml.text
    }

    /// Each model once, the smallest first.
    private var models: [InventoryModel] {
        var seen: Set<ModelName> = []
        let all = self.findings.flatMap { $0.inventory?.models ?? [] }
        return all.filter { Self.isServable($0) && seen.insert($0.name).inserted }.sorted {
            ($0.size, $0.name) < ($1.size, $1.name)
        }
    }

    /// False for names of Ollama's cloud and aliases of it, which no manifest may hold.
    private static func isServable(_ model: InventoryModel) -> Bool {
        do throws(Refusal) {
            try ModelGuard.check(
                inventory: model.name.rawValue, remoteHost: model.remoteHost, remoteModel: model.remoteModel)
            return true
        } catch {
            return false
        }
    }

    /// Small models for simple tasks, large ones for hard ones: a beginning that can be edited.
    private func tiers(_ models: [InventoryModel]) -> [(String, [ModelName])] {
        let able = models.filter { $0.capabilities.contains("completion") || $0.capabilities.isEmpty }
        let thinking = able.filter { $0.capabilities.contains("thinking") }
        let long = able.sorted { ($0.contextMax ?? Tokens(0)) > ($1.contextMax ?? Tokens(0)) }
        let embedding = models.filter { $0.capabilities.contains("embedding") }
        return [
            ("simple", able.map(\.name)), ("general", able.reversed().map(\.name)),
            ("reasoning", (thinking.isEmpty ? able : thinking).reversed().map(\.name)),
            ("long-context", long.prefix(3).map(\.name)), ("embedding", embedding.map(\.name)),
        ].filter { name, tier in
            // A name leads to one thing only, and the model was there first.
            !tier.isEmpty && !models.contains { $0.name == ModelName(canonical: name) }
        }
    }

    // MARK: What is next

    func farewell(key: String) -> String {
        """
        wrote \(self.path("gatehouse.yaml")), \(self.path("models.manifest")), \(self.path("keys.yaml")) and \(self.path("pepper"))

        the first key, shown only now:
            \(key)

        next:
            \(self.isInstalled ? Defaults.start : "gatehouse serve --config \(self.path("gatehouse.yaml"))")
            curl http://127.0.0.1:\(Defaults.dataPort)/v1/models -H "Authorization: Bearer \(key)"
        """
    }
}

extension Inspection.Finding {
    /// Where on this host it was found.
    fileprivate var loopback: SocketAddress? { self.addresses.first(where: \.isLoopback) }
}

extension SocketAddress {
    /// It reaches nobody but this host.
    var isLoopback: Bool { AddressClass(of: self.address) == .loopback }
}
