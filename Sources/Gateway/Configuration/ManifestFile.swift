import Configuration
import Routing
import Vocabulary

/// Reads `models.manifest`: which names a caller may use, and what they stand for.
enum ManifestFile {
    /// The schema of this file.
    static let schema = 1

    /// Reads the file at `path`; a `tierStandIn` other than none is for `dev`.
    static func read(path: String) throws(Problems) -> Manifest {
        try self.manifest(of: ConfigurationTree.read(path: path), standIn: .none)
    }

    /// Reads a manifest that is already in memory.
    static func read(bytes: [UInt8], file: String, standIn: Manifest.TierStandIn) throws(Problems) -> Manifest {
        try self.manifest(of: ConfigurationTree.read(bytes, file: file), standIn: standIn)
    }

    private static func manifest(of tree: ConfigurationTree, standIn: Manifest.TierStandIn) throws(Problems) -> Manifest
    {
        // Where each name stands, for mistakes that only show when all of them are known.
        var places: [[String]: Position] = [:]
        var whole = Position(file: tree.file, line: 1, column: 1)
        let draft = try tree.decode(schema: self.schema) { root in
            whole = root.position
            let discovered = root.choice("discovered", of: Manifest.Discovered.self, default: .serve)
            let defaults = root.section("defaults", Self.defaults)
            let models = root.entries("models") { name, value in
                places[["models", name.text]] = name.position
                return value.section { Self.model(&$0, name, defaults) }
            }
            let tiers = root.entries("tiers") { name, value -> Manifest.Tier? in
                places[["tiers", name.text]] = name.position
                return Manifest.Tier(name: name.text, models: value.list { $0.text() })
            }
            let aliases = root.entries("aliases") { name, value -> Manifest.Alias? in
                places[["aliases", name.text]] = name.position
                return value.text().map { Manifest.Alias(pattern: name.text, target: $0) }
            }
            return (models: models, tiers: tiers, aliases: aliases, discovered: discovered)
        }
        do throws(ManifestProblems) {
            return try Manifest(
                models: draft.models, tiers: draft.tiers, aliases: draft.aliases, discovered: draft.discovered,
                tierStandIn: standIn)
        } catch {
            throw Problems(
                error.problems.map { Problem(places[Array($0.path.prefix(2))] ?? whole, $0.message) })
        }
    }

    private struct ModelDefaults {
        var outputTokensMax: Int
        var keepAlive: ManifestModel.KeepAlive
    }

    /// `defaults`: for models that do not say otherwise.
    private static func defaults(_ section: inout Section) -> ModelDefaults {
        ModelDefaults(
            outputTokensMax: section.int(
                "output_tokens_max", default: ManifestModel.outputTokensDefault.count, in: 1...10_000_000),
            keepAlive: section.read("keep_alive", default: .asBackend, Self.keepAlive))
    }

    /// One of `models`: `digest`, `context`, `capabilities`, `backends`, `output_tokens_max`, `keep_alive`, `slots`.
    private static func model(
        _ section: inout Section, _ name: Name, _ defaults: ModelDefaults
    ) -> ManifestModel? {
        let digest = section.readIfPresent("digest") { $0.text() }
        let context = section.readIfPresent("context") { $0.int(in: 1...100_000_000) }
        let capabilities = section.readIfPresent("capabilities") { value in value.list { $0.text() } }
        let backends = section.readIfPresent("backends") { value in
            value.list { $0.text().map { BackendID($0) } }
        }
        let outputTokensMax = section.int(
            "output_tokens_max", default: defaults.outputTokensMax, in: 1...10_000_000)
        let keepAlive = section.read("keep_alive", default: defaults.keepAlive, Self.keepAlive)
        let slots = section.readIfPresent("slots") { $0.int(in: 1...4096) }
        do throws(ManifestProblems) {
            return try ManifestModel(
                name: name.text, digest: digest, context: context, capabilities: capabilities, backends: backends,
                outputTokensMax: outputTokensMax, keepAlive: keepAlive, slots: slots)
        } catch {
            for problem in error.problems { name.problem(problem.message) }
            return nil
        }
    }

    /// `backend` (its own setting), `forever`, or a duration.
    private static func keepAlive(_ value: Value) -> ManifestModel.KeepAlive? {
        switch value.text() {
        case "backend": .asBackend
        case "forever": .forever
        case nil: nil
        default: value.duration(in: .zero ... .seconds(86_400 * 30)).map { .idle($0) }
        }
    }
}
