import Vocabulary

/// Puts a manifest together name by name and notes every mistake. Models come first, those outside next, then tiers,
/// then aliases, so that each can be checked against what it may lead to.
struct ManifestBuilder {
    private struct ExternalPlace: Hashable {
        let backend: BackendID
        let model: ModelName
    }

    var problems: [ManifestProblem] = []
    var models: [ModelName: ManifestModel] = [:]
    var external: [String: ExternalModel] = [:]
    var tierModels: [String: [ModelName]] = [:]
    var exactAliases: [ModelName: Manifest.PatternAlias] = [:]
    var patternAliases: [Manifest.PatternAlias] = []
    /// All aliases as written, also faulty ones: an alias of an alias is told as such.
    private let aliasPatterns: Set<String>
    /// The name that each model of each backend outside has here.
    private var externalPlaces: [ExternalPlace: String] = [:]
    private var seenAliases: Set<String> = []

    init(aliases: [Manifest.Alias]) {
        self.aliasPatterns = Set(aliases.map(\.pattern))
    }

    mutating func add(_ model: ManifestModel) {
        if let other = self.models.updateValue(model, forKey: model.name) {
            let twin = other.written == model.written ? "" : " (\"\(other.written)\" is the same name)"
            self.report(["models", model.written], "the model \(model.name) is named twice\(twin)")
        }
    }

    mutating func add(_ model: ExternalModel) {
        let path = ["external", model.name]
        if let fault = nameFault(model.name) { return self.report(path, fault) }
        if model.name.utf8.contains(UInt8(ascii: "*")) { return self.report(path, "a model's name holds no \"*\"") }
        if let twin = self.models[ModelName(canonical: model.name)] {
            return self.report(path, "\"\(twin.written)\" is a model's name already; a name leads to one thing only")
        }
        if self.external.updateValue(model, forKey: model.name) != nil {
            return self.report(path, "the model is named twice")
        }
        let place = ExternalPlace(backend: model.backend, model: model.model)
        if let twin = self.externalPlaces.updateValue(model.name, forKey: place) {
            self.report(
                path,
                "\"\(twin)\" is the model \(model.model) of \(model.backend) already; use that name, or an alias for it"
            )
        }
    }

    /// What a model's ladder leads to; called when all models are known.
    mutating func checkLadder(of model: ManifestModel) {
        let path = ["models", model.written]
        for (index, written) in model.ladder.smaller.enumerated() {
            let name = ModelName(canonical: written)
            if name == model.name {
                self.report(path + ["smaller", String(index)], "the model is its own stand-in")
            } else if model.ladder.smaller[..<index].contains(where: { ModelName(canonical: $0) == name }) {
                self.report(path + ["smaller", String(index)], "the model \(name) stands twice in this ladder")
            } else if self.models[name] == nil {
                let hint = self.hint(written, among: self.models.values.map(\.written).sorted())
                self.report(path + ["smaller", String(index)], "the manifest has no model \"\(written)\"\(hint)")
            }
        }
        self.checkExternal(model.ladder.external, path)
    }

    private mutating func checkExternal(_ names: [String], _ path: [String]) {
        for (index, name) in names.enumerated() {
            if self.external[name] == nil {
                let hint = self.hint(name, among: self.external.keys.sorted())
                self.report(path + ["external", String(index)], "`external` has no model \"\(name)\"\(hint)")
            } else if names[..<index].contains(name) {
                self.report(path + ["external", String(index)], "the model \(name) stands twice in this ladder")
            }
        }
    }

    mutating func add(_ tier: Manifest.Tier) {
        let path = ["tiers", tier.name]
        if let fault = nameFault(tier.name) { return self.report(path, fault) }
        if tier.name.utf8.contains(UInt8(ascii: "*")) { return self.report(path, "a tier's name holds no \"*\"") }
        if self.tierModels[tier.name] != nil { return self.report(path, "the tier is named twice") }
        if let model = self.models[ModelName(canonical: tier.name)] {
            self.report(path, "\"\(model.written)\" is a model's name already; a name leads to one thing only")
        }
        if self.external[tier.name] != nil {
            self.report(path, "\"\(tier.name)\" is the name of a model outside; a name leads to one thing only")
        }
        if tier.models.isEmpty { self.report(path, "the tier has no models; name at least one, or leave it out") }
        var names: [ModelName] = []
        for (index, written) in tier.models.enumerated() {
            let name = ModelName(canonical: written)
            if self.models[name] == nil {
                let hint = self.hint(written, among: self.models.values.map(\.written).sorted())
                self.report(path + [String(index)], "the manifest has no model \"\(written)\"\(hint)")
            } else if names.contains(name) {
                self.report(path + [String(index)], "the model \(name) stands twice in this tier")
            }
            names.append(name)
        }
        self.tierModels[tier.name] = names
        if !tier.ladder.smaller.isEmpty {
            self.report(path + ["smaller"], "a tier has no smaller models; name them last in the tier itself")
        }
        self.checkExternal(tier.ladder.external, path)
    }

    mutating func add(_ alias: Manifest.Alias) {
        let path = ["aliases", alias.pattern]
        if let fault = nameFault(alias.pattern) { return self.report(path, fault) }
        if !self.seenAliases.insert(alias.pattern).inserted { return self.report(path, "the alias is named twice") }
        guard let target = self.target(of: alias) else {
            return self.report(path, self.wrongTarget(alias))
        }
        let entry = Manifest.PatternAlias(pattern: NamePattern(alias.pattern), target: target)
        if entry.pattern.hasWildcard {
            self.patternAliases.append(entry)
            return
        }
        let name = ModelName(canonical: alias.pattern)
        if self.models[name] != nil || self.tierModels[alias.pattern] != nil || self.external[alias.pattern] != nil {
            self.report(path, "this is a model's or tier's name already; the alias would never be used")
        } else if let other = self.exactAliases.updateValue(entry, forKey: name) {
            self.report(path, "\"\(other.pattern)\" is the same name")
        }
    }

    private func target(of alias: Manifest.Alias) -> Manifest.Target? {
        if self.tierModels[alias.target] != nil { return .tier(alias.target) }
        if self.external[alias.target] != nil { return .external(alias.target) }
        let name = ModelName(canonical: alias.target)
        if self.models[name] != nil { return .model(name) }
        let isAuto = alias.target == AutoRules.name && !self.aliasPatterns.contains(alias.target)
        return isAuto && !self.tierModels.isEmpty ? .auto : nil
    }

    private func wrongTarget(_ alias: Manifest.Alias) -> String {
        if alias.target == alias.pattern { return "the alias leads to itself" }
        if self.aliasPatterns.contains(alias.target) {
            return "\"\(alias.target)\" is an alias itself; name the model or tier it leads to"
        }
        let names =
            self.tierModels.keys.sorted() + self.models.values.map(\.written).sorted() + self.external.keys.sorted()
        return "the manifest has no model or tier \"\(alias.target)\"\(self.hint(alias.target, among: names))"
    }

    func hint(_ name: String, among names: [String]) -> String {
        nearestNames(to: name, among: names).first.map { "; did you mean \"\($0)\"?" } ?? ""
    }

    mutating func report(_ path: [String], _ message: String) {
        self.problems.append(ManifestProblem(path: path, message: message))
    }
}
