import Accounting
import Configuration
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

    /// Blocks on the disk: at start, on a worker, in commands.
    func load() throws(Problems) -> GatehouseConfiguration {
        // Without this file nobody knows where the others are.
        let (file, ownProblems) = try GatehouseFile.examine(path: self.path, nodeDefault: self.nodeDefault)
        var problems = ownProblems
        let manifest = Self.collect(&problems) { () throws(Problems) in
            try ManifestFile.read(path: file.manifestPath, backends: file.sites.backendNames)
        }
        let keys = Self.collect(&problems) { () throws(Problems) in
            try KeysFile(path: file.keysPath, pepperPath: file.pepperPath).keyRing()
        }
        let configuration = GatehouseConfiguration(
            node: file.node, listeners: file.listeners, stateFolder: file.stateFolder, zones: file.sites.zones,
            backends: file.sites.backends, manifest: manifest ?? .empty, keys: keys ?? KeyRing(),
            requiresCloudOff: file.requiresCloudOff, health: file.health, limits: file.limits, logging: file.logging,
            usageRetentionDays: file.usageRetentionDays, drain: file.drain, hostAddresses: self.hostAddresses())
        problems += self.problemsOfGate(configuration, file)
        guard problems.isEmpty else { throw Problems(problems) }
        return configuration
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
