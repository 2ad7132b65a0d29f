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

    /// Blocks on the disk: at start, on a worker, in commands.
    func load() throws(Problems) -> GatehouseConfiguration {
        // Without this file nobody knows where the others are.
        let (file, ownProblems) = try GatehouseFile.examine(path: self.path, nodeDefault: self.nodeDefault)
        var problems = ownProblems
        let manifest = Self.collect(&problems) { () throws(Problems) in
            try ManifestFile.read(path: file.manifestPath)
        }
        let keys = Self.collect(&problems) { () throws(Problems) in
            try KeysFile(path: file.keysPath, pepperPath: file.pepperPath).keyRing()
        }
        let configuration = GatehouseConfiguration(
            node: file.node, listeners: file.listeners, stateFolder: file.stateFolder, zones: file.zones,
            backends: file.backends, manifest: manifest ?? .empty, keys: keys ?? KeyRing(),
            requiresCloudOff: file.requiresCloudOff, health: file.health, limits: file.limits, logging: file.logging,
            usageRetentionDays: file.usageRetentionDays, drain: file.drain)
        do throws(GateProblems) {
            _ = try configuration.gate(generation: 0)
        } catch {
            problems += error.problems.map { problem in
                file.positions[problem.subject].map { Problem($0, problem.message) }
                    ?? Problem(file: self.path, problem.description)
            }
        }
        problems += self.unknownBackends(in: configuration, file.manifestPath)
        guard problems.isEmpty else { throw Problems(problems) }
        return configuration
    }

    /// The manifest may bind a model to backends, which only `gatehouse.yaml` knows.
    private func unknownBackends(in configuration: GatehouseConfiguration, _ path: String) -> [Problem] {
        let known = Set(configuration.backends.map(\.site.id))
        return configuration.manifest.order.flatMap { name in
            (configuration.manifest.models[name]?.backends ?? []).filter { !known.contains($0) }.map {
                Problem(file: path, "model `\(name)` is bound to backend `\($0)`, which is not configured")
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
