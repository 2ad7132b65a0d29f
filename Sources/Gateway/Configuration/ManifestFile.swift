import Configuration
import Routing
import Vocabulary

/// Reads `models.manifest`: which names a caller may use, and what they stand for.
enum ManifestFile {
    /// The schema of this file.
    static let schema = 1

    /// The backends that a manifest may name.
    struct Backends {
        /// Those of the intranet: models may be bound to them.
        var local: [BackendID]
        /// Those outside: they have the models of `external`.
        var outside: [BackendID]
    }

    /// Reads the file at `path`, which may name these `backends`.
    static func read(path: String, backends: Backends) throws(Problems) -> Manifest {
        guard ConfigurationFile.exists(path) else {
            throw Problems([
                Problem(
                    file: path,
                    "file is missing; name another one with `manifest` in gatehouse.yaml, or let `gatehouse init` write it"
                )
            ])
        }
        return try self.manifest(of: ConfigurationTree.read(path: path), backends: backends, standIn: .none)
    }

    /// Reads a manifest that is already in memory; a `standIn` other than none is for `dev`.
    static func read(bytes: [UInt8], file: String, standIn: Manifest.TierStandIn) throws(Problems) -> Manifest {
        try self.manifest(of: ConfigurationTree.read(bytes, file: file), backends: nil, standIn: standIn)
    }

    /// Where each name stands, and which have mistakes already: what is told of them once all names are known would be
    /// noise.
    struct Names {
        var places: [[String]: Position] = [:]
        var faulty: Set<[String]> = []

        /// Of the nearest thing around `path` that has one.
        func place(of path: [String]) -> Position? {
            stride(from: path.count, to: 0, by: -1).lazy.compactMap { self.places[Array(path.prefix($0))] }.first
        }

        /// Reads what one name stands for.
        mutating func read<T>(_ kind: String, _ name: Name, _ value: Value, _ body: (Value) -> T?) -> T? {
            self.places[[kind, name.text]] = name.position
            let before = value.problemCount
            let result = body(value)
            if value.problemCount > before { self.faulty.insert([kind, name.text]) }
            return result
        }
    }

    private static func manifest(
        of tree: ConfigurationTree, backends: Backends?, standIn: Manifest.TierStandIn
    ) throws(Problems) -> Manifest {
        var names = Names()
        var whole = Position(file: tree.file, line: 1, column: 1)
        let (draft, own) = try tree.examine(schema: self.schema) { root in
            whole = root.position
            let discovered = root.choice("discovered", of: Manifest.Discovered.self, default: .serve)
            let defaults = root.section("defaults", Self.defaults)
            let models = root.entries("models") { name, value in
                names.read("models", name, value) { value in
                    value.section { Self.model(&$0, name, defaults, backends?.local) } ?? Self.standIn(for: name)
                }
            }
            let external = root.entries("external") { name, value in
                names.read("external", name, value) { value in
                    value.section { Self.external(&$0, name, defaults, backends?.outside) }
                }
            }
            let tiers = root.entries("tiers") { name, value in
                names.read("tiers", name, value) { Self.tier($0, name) }
            }
            let aliases = root.entries("aliases") { name, value in
                names.read("aliases", name, value) { value in
                    value.text().map { Manifest.Alias(pattern: name.text, target: $0) }
                }
            }
            let auto = root.readIfPresent("auto") { value in
                names.places[[AutoRules.name]] = value.position
                return value.section { Self.auto(&$0, &names) }
            }
            return (
                models: models, external: external, tiers: tiers, aliases: aliases, auto: auto, discovered: discovered,
                defaults: defaults
            )
        }
        var problems = own
        do throws(ManifestProblems) {
            let manifest = try Manifest(
                models: draft.models, tiers: draft.tiers, aliases: draft.aliases, external: draft.external,
                auto: draft.auto, discovered: draft.discovered, defaults: draft.defaults, tierStandIn: standIn)
            if problems.isEmpty { return manifest }
        } catch {
            for problem in error.problems where !names.faulty.contains(Array(problem.path.prefix(2))) {
                problems.append(Problem(names.place(of: problem.path) ?? whole, problem.message))
            }
        }
        throw Problems(problems)
    }

    /// Holds the place of a model with a mistake, so that tiers and aliases that name it are not mistaken too.
    private static func standIn(for name: Name) -> ManifestModel? {
        try? ManifestModel(name: name.text)
    }

    /// `defaults`: for models that do not say otherwise, and for those that are not named.
    private static func defaults(_ section: inout Section) -> Manifest.Defaults {
        Manifest.Defaults(
            outputTokensMax: Tokens(
                section.int("output_tokens_max", default: ManifestModel.outputTokensDefault.count, in: 1...10_000_000)),
            keepAlive: section.read("keep_alive", default: .asBackend, Self.keepAlive),
            fallbackReply: section.readIfPresent("fallback_reply", Self.reply))
    }

    /// Longer than this is no reply but a mistake.
    private static let replyMax = 16_384

    private static func reply(_ value: Value) -> String? {
        guard let text = value.text() else { return nil }
        if text.utf8.count <= Self.replyMax { return text }
        value.problem("the reply is \(text.utf8.count) bytes long, expected at most \(Self.replyMax)")
        return nil
    }

    /// One of `external`: `backend`, `model` (its name there), `context`, `capabilities`, `output_tokens_max`.
    private static func external(
        _ section: inout Section, _ name: Name, _ defaults: Manifest.Defaults, _ known: [BackendID]?
    ) -> ExternalModel? {
        let backend = section.read("backend") { Self.backend($0, among: known, "outside ") }
        let model = section.readIfPresent("model") { $0.text() }
        let context = section.readIfPresent("context") { $0.int(in: 1...100_000_000) }
        let capabilities = section.readIfPresent("capabilities") { value in
            value.list { $0.choice(of: ModelCapability.self) }
        }
        let outputTokensMax = section.int(
            "output_tokens_max", default: defaults.outputTokensMax.count, in: 1...10_000_000)
        return backend.map {
            ExternalModel(
                name: name.text, backend: $0, model: model, context: context.map { Tokens($0) },
                capabilities: capabilities.map(Set.init), outputTokensMax: Tokens(outputTokensMax))
        }
    }

    /// One of `tiers`: a list of models, or `models` with the rest of the ladder.
    private static func tier(_ value: Value, _ name: Name) -> Manifest.Tier? {
        if !value.isMapping { return Manifest.Tier(name: name.text, models: value.list { $0.text() }) }
        return value.section { section in
            let models = section.read("models") { value in value.list { $0.text() } }
            let ladder = Self.ladder(&section)
            return models.map { Manifest.Tier(name: name.text, models: $0, ladder: ladder) }
        }
    }

    /// `external` and `fallback_reply` of a model or tier.
    private static func ladder(_ section: inout Section) -> LadderNames {
        LadderNames(
            external: section.read("external", default: []) { value in value.list { $0.text() } },
            fallbackReply: section.readIfPresent("fallback_reply", Self.reply))
    }

    /// One of `models`: `digest`, `context`, `capabilities`, `backends`, `output_tokens_max`, `keep_alive`, `slots`, and
    /// its ladder: `smaller`, `external`, `fallback_reply`.
    private static func model(
        _ section: inout Section, _ name: Name, _ defaults: Manifest.Defaults, _ known: [BackendID]?
    ) -> ManifestModel? {
        let digest = section.readIfPresent("digest") { $0.text() }
        let context = section.readIfPresent("context") { $0.int(in: 1...100_000_000) }
        let capabilities = section.readIfPresent("capabilities") { value in value.list { $0.text() } }
        let backends = section.readIfPresent("backends") { value in
            value.list { Self.backend($0, among: known) }
        }
        let outputTokensMax = section.int(
            "output_tokens_max", default: defaults.outputTokensMax.count, in: 1...10_000_000)
        let keepAlive = section.read("keep_alive", default: defaults.keepAlive, Self.keepAlive)
        let slots = section.readIfPresent("slots") { $0.int(in: 1...4096) }
        let smaller = section.read("smaller", default: []) { value in value.list { $0.text() } }
        var ladder = Self.ladder(&section)
        ladder.smaller = smaller
        do throws(ManifestProblems) {
            return try ManifestModel(
                name: name.text, digest: digest, context: context, capabilities: capabilities, backends: backends,
                outputTokensMax: outputTokensMax, keepAlive: keepAlive, slots: slots, ladder: ladder)
        } catch {
            for problem in error.problems { name.problem(problem.message) }
            return nil
        }
    }

    /// One of a model's `backends`, which only gatehouse.yaml knows.
    private static func backend(_ value: Value, among known: [BackendID]?, _ where: String = "") -> BackendID? {
        guard let id = value.text().map({ BackendID($0) }) else { return nil }
        if let known, !known.contains(id) {
            let list = known.map { "`\($0)`" }.joined(separator: ", ")
            value.problem(
                "backend `\(id)` is not configured \(`where`)in gatehouse.yaml, which has \(known.isEmpty ? "none" : list)"
            )
        }
        return id
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
