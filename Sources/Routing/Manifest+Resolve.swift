import Residency
import Vocabulary

extension Manifest {
    /// Finds the models that may answer to `requested`. A written name beats a pattern: model, tier, exact alias,
    /// installed model, pattern.
    ///
    /// - Parameters:
    ///   - requested: the name as the client wrote it; blanks around it do not count, as for Ollama.
    ///   - use: what the endpoint needs; a tier's models that are known not to have it come into question only if all are. `nil`: nothing.
    ///   - catalogue: what is installed, as `offer(_:of:)` marked it.
    ///   - allowed: whether the caller's key may use a model.
    public func resolve(
        _ requested: String, for use: ModelCapability? = .completion, in catalogue: Catalogue,
        allowed: @escaping (ModelName) -> Bool = { _ in true }
    ) -> Result<Resolution, Unresolved> {
        let search = Search(
            manifest: self, catalogue: catalogue, use: use, requested: trimmed(requested), allowed: allowed)
        return search.run()
    }

    /// A name that works now, for model lists.
    public struct ListedName: Equatable, Sendable {
        /// The name to ask for.
        public let name: String
        /// The model that answers first.
        public let model: ModelName
        /// True for a model's own name, false for a tier or an alias.
        public let isModel: Bool
    }

    /// Every name without `*` that resolves now: models by name, then tiers and aliases in the order written.
    public func listed(in catalogue: Catalogue, allowed: @escaping (ModelName) -> Bool = { _ in true }) -> [ListedName]
    {
        let models = catalogue.served.filter { allowed($0.name) }.map {
            ListedName(name: $0.name.rawValue, model: $0.name, isModel: true)
        }
        let others = self.tiers.map(\.name) + self.aliases.map(\.pattern).filter { !NamePattern($0).hasWildcard }
        return models
            + others.compactMap { name in
                guard case .success(let found) = self.resolve(name, for: nil, in: catalogue, allowed: allowed) else {
                    return nil
                }
                return ListedName(name: name, model: found.candidates[0].name, isModel: false)
            }
    }
}

/// A name without the ASCII blanks around it.
private func trimmed(_ name: String) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    let bytes = name.utf8
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(name[first...last])
}

/// One look-up of one name.
private struct Search {
    let manifest: Manifest
    let catalogue: Catalogue
    let use: ModelCapability?
    let requested: String
    let allowed: (ModelName) -> Bool

    typealias Answer = Result<Resolution, Unresolved>

    func run() -> Answer {
        do throws(Refusal) {
            try ModelGuard.check(requested: self.requested)
        } catch {
            return .failure(Unresolved(reason: error.reason, message: error.message, retryAfter: nil))
        }
        let name = ModelName(canonical: self.requested)
        if self.manifest.models[name] != nil { return self.model(name, alias: nil) }
        if self.manifest.tierModels[self.requested] != nil { return self.tier(self.requested, alias: nil) }
        if let alias = self.manifest.exactAliases[name] { return self.follow(alias) }
        if self.catalogue.serves(name) {
            return self.allowed(name) ? self.found([name], .discovered, nil) : self.forbidden()
        }
        if let alias = self.manifest.patternAliases.first(where: {
            $0.pattern.matches(self.requested) || $0.pattern.matches(name.rawValue)
        }) {
            return self.follow(alias)
        }
        return self.unknown(name)
    }

    private func follow(_ alias: Manifest.PatternAlias) -> Answer {
        switch alias.target {
        case .model(let name): self.model(name, alias: alias.pattern.text)
        case .tier(let name): self.tier(name, alias: alias.pattern.text)
        }
    }

    private func model(_ name: ModelName, alias: String?) -> Answer {
        if !self.allowed(name) { return self.forbidden() }
        return self.catalogue.serves(name) ? self.found([name], .named, alias) : self.unavailable([name], "model")
    }

    private func tier(_ tier: String, alias: String?) -> Answer {
        let all = self.manifest.tierModels[tier] ?? []
        let allowed = all.filter(self.allowed)
        let installed = allowed.filter(self.catalogue.serves)
        let able = installed.filter { self.can($0) != false }
        if !able.isEmpty { return self.found(able, .tier(tier), alias) }
        if self.manifest.tierStandIn == .anyInstalled, let name = self.standIn() {
            return self.found([name], .standIn(tier: tier), alias)
        }
        // Inventories may lack capabilities that a model has (`ollama.md` 3); if this one is right, the backend's own
        // error says what is missing better than any here.
        if !installed.isEmpty { return self.found(installed, .tier(tier), alias) }
        return allowed.isEmpty ? self.forbidden() : self.unavailable(allowed, "tier \(tier)")
    }

    /// One installed model that can do the task: one in memory before others, one known to be able before one that
    /// may be, then by name. Only one, so that a small machine does not load one model after the other.
    private func standIn() -> ModelName? {
        let able = self.catalogue.served.filter { self.allowed($0.name) && self.can($0.name) != false }
        let rank = { (entry: Catalogue.Entry) in
            (entry.isLoaded ? 0 : 2) + (self.can(entry.name) == true ? 0 : 1)
        }
        return able.min { (rank($0), $0.name) < (rank($1), $1.name) }?.name
    }

    /// Whether a model has the needed capability; `nil` if nobody says. The manifest's word beats the backends'.
    private func can(_ name: ModelName) -> Bool? {
        guard let use else { return true }
        let known = self.manifest.models[name]?.capabilities ?? self.catalogue[name]?.capabilities
        return known?.contains(use)
    }

    private func found(_ names: [ModelName], _ route: Resolution.Route, _ alias: String?) -> Answer {
        let candidates = names.map { name in
            let model = self.manifest.models[name]
            let defaults = self.manifest.defaults
            return Resolution.Candidate(
                name: name, outputTokensMax: model?.outputTokensMax ?? defaults.outputTokensMax,
                keepAlive: model?.keepAlive ?? defaults.keepAlive,
                context: model?.context ?? self.catalogue[name]?.context)
        }
        return .success(Resolution(requested: self.requested, alias: alias, route: route, candidates: candidates))
    }
}

extension Search {
    private func forbidden() -> Answer {
        .failure(
            Unresolved(
                reason: .keyForbidden,
                message: "the key may not use \"\(self.requested)\"\(self.list("; it may use ", self.usable()))",
                retryAfter: nil))
    }

    private func unknown(_ name: ModelName) -> Answer {
        if let pending = self.pending() { return pending }
        let near = nearestNames(to: self.requested, among: self.usable())
        let hint =
            near.isEmpty
            ? self.list("; installed are ", Array(self.usable().prefix(8))) : "; did you mean \(Self.either(near))?"
        let withheld = self.reasons(name)
        return .failure(
            Unresolved(
                reason: .modelUnknown, message: "no model \"\(self.requested)\"\(withheld)\(hint)", retryAfter: nil))
    }

    private func unavailable(_ names: [ModelName], _ what: String) -> Answer {
        if let pending = self.pending() { return pending }
        let single = names.count == 1 ? names[0].rawValue : names.map(\.rawValue).joined(separator: ", ")
        let subject = what == "model" ? "\(single) is" : "the \(what) has \(single), of which none is"
        let reasons = names.map(self.reasons).joined()
        let help = reasons.isEmpty ? "; install it with `ollama pull \(names[0])` on a backend" : ""
        return .failure(
            Unresolved(
                reason: .modelUnavailable,
                message: "\(subject) in the manifest but on no backend that may serve it\(reasons)\(help)",
                retryAfter: .seconds(30)))
    }

    /// While a backend has never told its inventory, nobody can say that a model is nowhere.
    private func pending() -> Answer? {
        if self.catalogue.unseen.isEmpty { return nil }
        return .failure(
            Unresolved(
                reason: .backendsUnavailable,
                message: "cannot say yet who has \"\(self.requested)\": never reached so far"
                    + self.list(" ", self.catalogue.unseen.map(\.rawValue)),
                retryAfter: .seconds(5)))
    }

    private func reasons(_ name: ModelName) -> String {
        let withheld = self.catalogue[name]?.withheld ?? []
        return withheld.map { "; \($0.backend) has \(name), but \($0.why)" }.joined()
    }

    private func usable() -> [String] {
        self.catalogue.served.filter { self.allowed($0.name) }.map(\.name.rawValue)
            + self.manifest.tiers.map(\.name).filter { tier in
                let models = self.manifest.tierModels[tier] ?? []
                return models.contains { self.allowed($0) && self.catalogue.serves($0) }
            }
    }

    private func list(_ lead: String, _ names: [String]) -> String {
        names.isEmpty ? "" : lead + names.joined(separator: ", ")
    }

    private static func either(_ names: [String]) -> String {
        names.count == 1
            ? names[0] : names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
    }
}
