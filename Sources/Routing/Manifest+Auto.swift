import Vocabulary

extension Search {
    /// `auto`: a tier by its rules, then as if that tier had been asked for.
    func auto(_ auto: AutoRules, alias: String?) -> Answer {
        let choice = self.choice(auto)
        switch self.tier(choice.tier, alias: alias) {
        case .success(var found):
            found.choice = choice
            return .success(found)
        case .failure(let told):
            return .failure(
                Unresolved(
                    reason: told.reason,
                    message: "`\(AutoRules.name)` leads to tier \(choice.tier), since \(choice.why): \(told.message)",
                    retryAfter: told.retryAfter))
        }
    }

    private func choice(_ auto: AutoRules) -> AutoChoice {
        if self.facts.use == .embedding { return self.choiceForVectors(auto) }
        let tokens = self.facts.prompt?.tokens(for: self.manifest.tierModels[auto.standard]?.first) ?? Tokens(0)
        let bound = self.longestContext(of: auto.standard) ?? AutoRules.promptTokensLong
        var passedOver: [AutoChoice.PassedOver] = []
        for rule in auto.rules {
            guard let reasons = rule.reasons(self.facts, tokens: tokens, bound: bound) else { continue }
            if self.hasSomebody(rule.tier, isKnown: auto.isBuiltIn && rule.images == true) {
                return AutoChoice(tier: rule.tier, reasons: reasons, passedOver: passedOver)
            }
            // The program's rules for images try each tier: that most have no eyes is no news.
            if !auto.isBuiltIn || rule.images == nil { passedOver.append(.init(tier: rule.tier, reasons: reasons)) }
        }
        return AutoChoice(tier: auto.standard, reasons: [], passedOver: passedOver)
    }

    /// No rule is asked: what embeds does nothing else, and vectors of two models are not alike.
    private func choiceForVectors(_ auto: AutoRules) -> AutoChoice {
        let tier = self.manifest.tiers.first { self.hasSomebody($0.name, isKnown: true) }?.name
        return AutoChoice(
            tier: tier ?? auto.standard, reasons: tier == nil ? [] : [.embeddings], passedOver: [])
    }

    /// Whether a tier has a model that can do what the request needs, here or outside. `isKnown`: one of which somebody
    /// says so.
    private func hasSomebody(_ tier: String, isKnown: Bool) -> Bool {
        // While a backend has never told its inventory, nobody can say that a model is nowhere.
        let isSettled = self.catalogue.unseen.isEmpty
        let models = (self.manifest.tierModels[tier] ?? []).filter { name in
            self.allowed(name) && (self.catalogue.serves(name) || !isSettled) && self.suits(name)
        }
        if models.contains(where: { !isKnown || self.can($0) == true }) { return true }
        let ladder = self.manifest.tiers.first { $0.name == tier }?.ladder
        return ladder.map { !self.ladder($0).external.isEmpty } ?? false
    }

    private func longestContext(of tier: String) -> Tokens? {
        (self.manifest.tierModels[tier] ?? []).filter(self.catalogue.serves).compactMap(self.context).max()
    }
}
