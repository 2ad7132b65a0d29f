import Vocabulary

extension ManifestBuilder {
    /// Whether `auto` is the name of something that the manifest has.
    var ownAuto: Bool {
        let name = ModelName(canonical: AutoRules.name)
        return self.models[name] != nil || self.tierModels[AutoRules.name] != nil
            || self.external[AutoRules.name] != nil || self.exactAliases[name] != nil
    }

    /// Whether a tier has a model that may answer a prompt, as far as the manifest says.
    func canComplete(_ tier: String) -> Bool {
        (self.tierModels[tier] ?? []).contains { self.models[$0]?.capabilities?.contains(.completion) ?? true }
    }

    /// Called when all names are known.
    mutating func check(_ auto: Manifest.Auto) {
        let path = [AutoRules.name]
        if self.ownAuto {
            return self.report(
                path, "\"\(AutoRules.name)\" is a name of this manifest already, and would never be looked up here")
        }
        if self.tierModels.isEmpty {
            return self.report(path, "the manifest has no tiers that `auto` could choose from")
        }
        if let standard = auto.standard { self.checkTier(standard, path + ["default"]) }
        let rules = auto.rules ?? []
        if rules.count > AutoRules.rulesMax {
            self.report(path + ["rules"], "\(rules.count) rules, expected at most \(AutoRules.rulesMax)")
        }
        for (index, rule) in rules.enumerated() {
            let place = path + ["rules", String(index)]
            self.checkTier(rule.tier, place + ["tier"])
            if !rule.hasConditions {
                self.report(place, "the rule has no conditions; name its tier as `default` of `auto`")
            }
            if rule.features?.isEmpty == true {
                self.report(place + ["features"], "the list is empty, so that the rule never holds")
            }
        }
    }

    private mutating func checkTier(_ name: String, _ path: [String]) {
        if self.tierModels[name] != nil { return }
        self.report(
            path, "the manifest has no tier \"\(name)\"\(self.hint(name, among: self.tierModels.keys.sorted()))")
    }
}
