import Accounting
import Configuration
import Foundation
import Residency
import Routing
import Vocabulary

/// Reads all files of a configuration and makes one value of them, or one list of every mistake in them.
struct ConfigurationLoader: Sendable {
    /// Where `gatehouse.yaml` is; it names the others.
    let path: String
    /// The node's name if the file does not say.
    let nodeDefault: String
    /// Tells the addresses of this host.
    var hostAddresses: @Sendable () -> [IPAddress] = HostAddresses.current
    /// The folder in which systemd puts the unit's credentials.
    var credentialsFolder: String? = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]

    /// Blocks on the disk: at start, on a worker, in commands.
    func load() throws(Problems) -> GatehouseConfiguration {
        // `gatehouse keys` may replace a file at any moment; what is said of the files must be true of what was read.
        for _ in 0..<Self.readingsMax {
            if let configuration = try self.loadOnce() { return configuration }
        }
        throw Problems([Problem(file: self.path, "the files change again and again while they are being read")])
    }

    /// Readings until the files stay the same for one.
    private static let readingsMax = 20

    /// `nil` if a file was changed meanwhile.
    private func loadOnce() throws(Problems) -> GatehouseConfiguration? {
        let own = Self.hash(of: self.path)
        // Without this file nobody knows where the others are.
        let (file, ownProblems) = try GatehouseFile.examine(path: self.path, nodeDefault: self.nodeDefault)
        var problems = ownProblems
        let files = self.hashes(file)
        let manifest = Self.collect(&problems) { () throws(Problems) in
            try ManifestFile.read(path: file.manifestPath, backends: file.sites.manifestBackends)
        }
        let keys = Self.collect(&problems) { () throws(Problems) in
            try KeysFile(path: file.keysPath, pepperPath: file.pepperPath).keyRing()
        }
        let policy = Self.collect(&problems) { () throws(Problems) in try file.policyFile()?.policy }
        let tls = Self.collect(&problems) { () throws(Problems) in
            try file.tls?.context(credentials: self.credentialsFolder)
        }
        let backends = file.sites.backends.map { self.backend($0, file.sites, &problems) }
        var configuration = GatehouseConfiguration(
            node: file.node, listeners: file.listeners, tls: tls ?? nil, stateFolder: file.stateFolder,
            zones: file.sites.zones,
            backends: backends, manifest: manifest ?? .empty, keys: keys ?? KeyRing(),
            policy: (policy ?? nil) ?? .none, requiresCloudOff: file.requiresCloudOff,
            requiresKernelLayer: file.requiresKernelLayer, health: file.health,
            limits: file.limits, logging: file.logging,
            usageRetentionDays: file.usageRetentionDays, losses: file.losses, drain: file.drain,
            hostAddresses: self.hostAddresses())
        configuration.files = files
        problems += self.problemsOfGate(configuration, file)
        if files["gatehouse"] != own || self.hashes(file) != files { return nil }
        guard problems.isEmpty else { throw Problems(problems) }
        return configuration
    }

    /// A backend with its key, if it has one.
    private func backend(
        _ settings: GatehouseConfiguration.BackendSettings, _ sites: Sites, _ problems: inout [Problem]
    ) -> GatehouseConfiguration.BackendSettings {
        guard let place = sites.keys[settings.site.id],
            let key = Self.collect(
                &problems,
                { () throws(Problems) in
                    try place.read(credentials: self.credentialsFolder)
                })
        else { return settings }
        var settings = settings
        settings.site = settings.site.with(key)
        return settings
    }

    /// The files as they are now; those that are not there are left out.
    private func hashes(_ file: GatehouseFile) -> [String: AuditHash] {
        let paths = [
            "gatehouse": self.path, "manifest": file.manifestPath, "keys": file.keysPath, "policy": file.policyPath,
        ]
        return paths.compactMapValues(Self.hash(of:))
    }

    private static func hash(of path: String) -> AuditHash? {
        (try? ConfigurationFile.bytes(path, max: Bounds.configurationFile)).map { AuditHash(of: $0) }
    }

    /// What zones and backends have against each other.
    private func problemsOfGate(_ configuration: GatehouseConfiguration, _ file: GatehouseFile) -> [Problem] {
        do throws(GateProblems) {
            _ = try configuration.gate(generation: 0)
            return []
        } catch {
            return error.problems.filter { !file.sites.faulty.contains($0.subject) }.map { problem in
                file.sites.positions[problem.subject].map { Problem($0, problem.message) }
                    ?? Problem(file: self.path, problem.description)
            }
        }
    }

    private static func collect<T>(_ problems: inout [Problem], _ read: () throws(Problems) -> T) -> T? {
        do throws(Problems) {
            return try read()
        } catch {
            problems += error.all
            return nil
        }
    }
}
