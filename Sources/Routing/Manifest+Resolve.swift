import Residency
import Vocabulary

extension Manifest {
    /// Finds the models that may answer to `requested`. A written name beats a pattern: model, tier, exact alias,
    /// `auto`, installed model, pattern.
    ///
    /// - Parameters:
    ///   - requested: the name as the client wrote it; blanks around it do not count, as for Ollama.
    ///   - facts: what is known of the request. A tier's models that are known not to be able to do what it needs come
    ///     into question only if all are.
    ///   - catalogue: what is installed, as `offer(_:of:)` marked it.
    ///   - allowed: whether the caller's key may use a model.
    public func resolve(
        _ requested: String, _ facts: RequestFacts, in catalogue: Catalogue,
        allowed: @escaping (ModelName) -> Bool = { _ in true }
    ) -> Result<Resolution, Unresolved> {
        let search = Search(
            manifest: self, catalogue: catalogue, facts: facts, requested: trimmed(requested), allowed: allowed)
        return search.run()
    }

    /// The same for a request of which only its use and its length are known; `nil`: not even these.
    public func resolve(
        _ requested: String, for use: ModelCapability? = .completion, promptTokens: Tokens? = nil,
        in catalogue: Catalogue, allowed: @escaping (ModelName) -> Bool = { _ in true }
    ) -> Result<Resolution, Unresolved> {
        self.resolve(
            requested, RequestFacts(use: use, prompt: promptTokens.map { PromptLength($0) }), in: catalogue,
            allowed: allowed)
    }
}

/// A name without the ASCII blanks around it.
private func trimmed(_ name: String) -> String {
    let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
    let bytes = name.utf8
    if let first = bytes.first, let last = bytes.last, !isBlank(first), !isBlank(last) { return name }
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(name[first...last])
}

/// One look-up of one name.
struct Search {
    let manifest: Manifest
    let catalogue: Catalogue
    let facts: RequestFacts
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
        if let model = self.manifest.models[name] { return self.model(model, alias: nil) }
        if self.manifest.tierModels[self.requested] != nil { return self.tier(self.requested, alias: nil) }
        if let model = self.manifest.external[self.requested] { return self.external(model, alias: nil) }
        if let alias = self.manifest.exactAliases[name] { return self.follow(alias) }
        if self.requested == AutoRules.name, let auto = self.manifest.auto { return self.auto(auto, alias: nil) }
        if self.catalogue.serves(name) {
            return self.allowed(name)
                ? self.found([name], .discovered, nil, self.ladder(LadderNames())) : self.forbidden()
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
        // A manifest that was checked has it, as the next but one.
        case .model(let name):
            self.manifest.models[name].map { self.model($0, alias: alias.pattern.text) } ?? self.forbidden()
        case .tier(let name): self.tier(name, alias: alias.pattern.text)
        case .external(let name):
            self.manifest.external[name].map { self.external($0, alias: alias.pattern.text) } ?? self.forbidden()
        case .auto: self.manifest.auto.map { self.auto($0, alias: alias.pattern.text) } ?? self.forbidden()
        }
    }

    /// The way of most requests: each name is looked up once.
    private func model(_ model: ManifestModel, alias: String?) -> Answer {
        let name = model.name
        if !self.allowed(name) { return self.forbidden() }
        let ladder = self.ladder(model.ladder)
        let entry = self.catalogue[name]
        let installed = entry?.backends.isEmpty == false
        if installed, self.suits(name, model, entry) {
            return self.answered(by: [self.candidate(name, model, entry)], .named, alias, ladder)
        }
        return self.climb(installed ? [name] : [], of: [name], "model", .named, alias, ladder)
    }

    func tier(_ tier: String, alias: String?) -> Answer {
        let all = self.manifest.tierModels[tier] ?? []
        let allowed = all.filter(self.allowed)
        let ladder = self.ladder(self.manifest.tiers.first { $0.name == tier }?.ladder ?? LadderNames())
        let installed = allowed.filter(self.catalogue.serves)
        let suited = installed.filter(self.suits)
        if !suited.isEmpty { return self.found(suited, .tier(tier), alias, ladder) }
        if self.manifest.tierStandIn == .anyInstalled, let name = self.standIn() {
            return self.found([name], .standIn(tier: tier), alias, ladder)
        }
        if allowed.isEmpty { return self.forbidden() }
        return self.climb(installed, of: allowed, "tier \(tier)", .tier(tier), alias, ladder)
    }

    private func external(_ model: ExternalModel, alias: String?) -> Answer {
        if !self.allowed(ModelName(model.name)) { return self.forbidden() }
        let ladder = Resolution.Ladder(external: [model], fallbackReply: self.reply(nil))
        let told = Unresolved(
            reason: .backendsUnavailable, message: "\"\(model.name)\" is answered outside, by \(model.backend)",
            retryAfter: Dispatcher.retryAfterDown)
        return self.found([], .external, alias, ladder, .init(trigger: .callerRequested, told: told))
    }

    // MARK: Ladders

    /// None of those asked for can answer: who else can, or why nobody.
    private func climb(
        _ installed: [ModelName], of asked: [ModelName], _ what: String, _ route: Resolution.Route, _ alias: String?,
        _ ladder: Resolution.Ladder
    ) -> Answer {
        if installed.isEmpty {
            let unavailable = self.unavailable(asked, what)
            guard case .failure(let told) = unavailable, ladder.hasModels || ladder.fallbackReply != nil else {
                return unavailable
            }
            return self.found([], route, alias, ladder, .init(trigger: .localDown, told: told))
        }
        // Inventories may lack capabilities that a model has (`ollama.md` 3); if this one is right, the backend's own
        // error says what is missing better than any here.
        guard ladder.hasModels else { return self.found(installed, route, alias, ladder) }
        let isTooLong = installed.contains { self.can($0) != false }
        let told = Unresolved(
            reason: isTooLong ? .contextOverflow : .capabilityMissing,
            message: isTooLong
                ? "the request is about \(self.tokens(installed[0])?.count ?? 0) tokens long, and \(self.contexts(installed))"
                : "no model of \"\(self.requested)\" can do what the request needs: \(self.facts.use?.rawValue ?? "")",
            retryAfter: nil)
        let trigger: Trigger = isTooLong ? .contextOverflow : .capabilityMissing
        return self.found([], route, alias, ladder, .init(trigger: trigger, told: told))
    }

    private func contexts(_ names: [ModelName]) -> String {
        names.map { "\($0) takes \(self.context(of: $0)?.count ?? 0)" }.joined(separator: ", ")
    }

    /// Those of a ladder that can do what is needed.
    func ladder(_ names: LadderNames) -> Resolution.Ladder {
        if names.smaller.isEmpty, names.external.isEmpty {
            return Resolution.Ladder(fallbackReply: self.reply(names.fallbackReply))
        }
        let smaller = names.smaller.map { ModelName(canonical: $0) }
        let external = names.external.compactMap { self.manifest.external[$0] }.filter { model in
            let isAble = self.facts.use.flatMap { use in model.capabilities.map { $0.contains(use) } } ?? true
            return isAble && self.fits(model.model, model.context)
        }
        return Resolution.Ladder(
            smaller: smaller.filter { self.allowed($0) && self.catalogue.serves($0) && self.suits($0) }
                .map(self.candidate), external: external,
            fallbackReply: self.reply(names.fallbackReply))
    }

    /// Words are no vectors.
    private func reply(_ own: String?) -> String? {
        self.facts.use == .embedding ? nil : own ?? self.manifest.defaults.fallbackReply
    }

    func suits(_ name: ModelName) -> Bool {
        self.suits(name, self.manifest.models[name], self.catalogue[name])
    }

    private func suits(_ name: ModelName, _ model: ManifestModel?, _ entry: Catalogue.Entry?) -> Bool {
        self.can(model, entry) != false && self.fits(name, model?.context ?? entry?.context)
    }

    private func fits(_ model: ModelName, _ context: Tokens?) -> Bool {
        guard let context, let tokens = self.tokens(model) else { return true }
        return tokens <= context
    }

    /// How long the request is for a model, as far as can be told.
    private func tokens(_ model: ModelName) -> Tokens? {
        self.facts.hasImages ? nil : self.facts.prompt?.tokens(for: model)
    }

    func context(of name: ModelName) -> Tokens? {
        self.manifest.models[name]?.context ?? self.catalogue[name]?.context
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
    func can(_ name: ModelName) -> Bool? {
        self.can(self.manifest.models[name], self.catalogue[name])
    }

    private func can(_ model: ManifestModel?, _ entry: Catalogue.Entry?) -> Bool? {
        guard let use = self.facts.use else { return true }
        return (model?.capabilities ?? entry?.capabilities)?.contains(use)
    }

    private func found(
        _ names: [ModelName], _ route: Resolution.Route, _ alias: String?, _ ladder: Resolution.Ladder,
        _ trouble: Resolution.Trouble? = nil
    ) -> Answer {
        self.answered(by: names.map(self.candidate), route, alias, ladder, trouble)
    }

    private func answered(
        by candidates: [Resolution.Candidate], _ route: Resolution.Route, _ alias: String?,
        _ ladder: Resolution.Ladder, _ trouble: Resolution.Trouble? = nil
    ) -> Answer {
        .success(
            Resolution(
                requested: self.requested, alias: alias, route: route, candidates: candidates, ladder: ladder,
                trouble: trouble))
    }

    private func candidate(_ name: ModelName) -> Resolution.Candidate {
        self.candidate(name, self.manifest.models[name], self.catalogue[name])
    }

    private func candidate(
        _ name: ModelName, _ model: ManifestModel?, _ entry: Catalogue.Entry?
    ) -> Resolution.Candidate {
        let defaults = self.manifest.defaults
        return Resolution.Candidate(
            name: name, outputTokensMax: model?.outputTokensMax ?? defaults.outputTokensMax,
            keepAlive: model?.keepAlive ?? defaults.keepAlive, context: model?.context ?? entry?.context)
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
