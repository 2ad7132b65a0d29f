import Dialects
import Residency
import Routing
import Vocabulary

extension Explanation.Resolution {
    /// How the name of an order led to models, and which models it led past.
    init(_ order: RequestOrder, _ manifest: Manifest) {
        let found = order.resolution
        let (kind, tier): (String, String?) =
            switch found.route {
            case .named: ("model", nil)
            case .discovered: ("discovered", nil)
            case .tier(let name), .standIn(let name): ("tier", name)
            case .external: ("external", nil)
            }
        self.init(
            found: kind, alias: found.alias, tier: tier, auto: found.choice.map(Explanation.Auto.init),
            passedOver: PassedOver(order, manifest).all,
            trouble: found.trouble.map { .init(trigger: $0.trigger.rawValue, message: $0.told.message) })
    }
}

extension Explanation.Auto {
    init(_ choice: AutoChoice) {
        self.init(
            rule: choice.rule, why: choice.why,
            passedOver: choice.passedOver.map { .init(tier: $0.tier, rule: $0.rule) })
    }
}

/// Who could have been meant by a name or its ladder, and is not asked.
private struct PassedOver {
    let order: RequestOrder
    let manifest: Manifest
    /// As names are resolved with it.
    let promptTokens: Int?

    init(_ order: RequestOrder, _ manifest: Manifest) {
        self.order = order
        self.manifest = manifest
        self.promptTokens = order.body.hasImages ? nil : order.promptTokens.count
    }

    var all: [Explanation.PassedOver] {
        let found = self.order.resolution
        let taken = Set(found.models + found.ladder.smaller.map(\.name))
        let (models, ladder) = self.meant
        let local = (models + ladder.smaller.map { ModelName(canonical: $0) }).filter { !taken.contains($0) }
        let external = ladder.external.filter { name in !found.ladder.external.contains { $0.name == name } }
        return local.map { name in
            let model = self.manifest.models[name]
            return .init(model: name.rawValue, why: self.why(model?.capabilities, model?.context))
        }
            + external.map { name in
                let model = self.manifest.external[name]
                return .init(model: name, why: self.why(model?.capabilities, model?.context))
            }
    }

    /// What the manifest has behind the name.
    private var meant: ([ModelName], LadderNames) {
        let found = self.order.resolution
        switch found.route {
        case .tier(let name), .standIn(let name):
            let tier = self.manifest.tiers.first { $0.name == name }
            return ((tier?.models ?? []).map { ModelName(canonical: $0) }, tier?.ladder ?? LadderNames())
        case .named:
            let asked = self.asked
            return ([asked], self.manifest.models[asked]?.ladder ?? LadderNames())
        case .discovered, .external:
            return ([], LadderNames())
        }
    }

    /// The one model that a name leads to.
    private var asked: ModelName {
        let found = self.order.resolution
        let name = found.alias.flatMap { alias in self.manifest.aliases.first { $0.pattern == alias }?.target }
        return ModelName(canonical: name ?? found.requested)
    }

    private func why(_ capabilities: Set<ModelCapability>?, _ context: Tokens?) -> String {
        let need = self.order.body.use
        if let capabilities, !capabilities.contains(need) { return "cannot do \(need.rawValue)" }
        if let context, let promptTokens, promptTokens > context.count {
            return "its context is \(context.count) tokens, the prompt has about \(promptTokens)"
        }
        return "no backend may serve it"
    }
}

/// What is taken for granted of backends and models, since nobody was asked.
struct AssumedSentences {
    private let order: RequestOrder
    private let fleet: AssumedFleet

    init(_ order: RequestOrder, _ fleet: AssumedFleet) {
        self.order = order
        self.fleet = fleet
    }

    /// A sentence each.
    var all: [String] {
        [self.installed, self.alias, self.capabilities, self.contexts, self.tokens].compactMap(\.self)
    }

    private var models: [ModelName] {
        let found = self.order.resolution
        return found.models + found.ladder.smaller.map(\.name)
    }

    private var installed: String? {
        guard !self.models.isEmpty else { return nil }
        guard let discovered = self.fleet.discovered, self.models.contains(discovered) else {
            return "every model of the manifest is installed on each backend that may serve it"
        }
        return "`\(discovered)`, which the manifest does not name, is installed on every backend inside"
    }

    /// An installed model comes before a pattern.
    private var alias: String? {
        guard let alias = self.order.resolution.alias, NamePattern(alias).hasWildcard,
            self.fleet.manifest.discovered == .serve
        else { return nil }
        return "no backend has a model called `\(self.order.resolution.requested)`, which would come before the alias"
    }

    private var capabilities: String? {
        let silent = self.models.filter { self.fleet.manifest.models[$0]?.capabilities == nil }
        guard !silent.isEmpty, self.order.body.use != .completion else { return nil }
        return "\(Self.list(silent)) can do \(self.order.body.use.rawValue): the manifest says nothing of it"
    }

    private var contexts: String? {
        let silent = self.models.filter { self.fleet.manifest.models[$0]?.context == nil }
        guard !silent.isEmpty, !self.order.body.hasImages else { return nil }
        return "the prompt fits into the context of \(Self.list(silent)): the manifest says nothing of it"
    }

    /// Where it may have decided anything.
    private var tokens: String? {
        self.order.resolution.choice == nil
            ? nil : "four bytes of the prompt are a token: what is learnt of a model's tokens only the node knows"
    }

    private static func list(_ names: [ModelName]) -> String {
        names.map { "`\($0)`" }.joined(separator: ", ")
    }
}
