import Residency
import Vocabulary

extension Manifest {
    /// A name that works now, for model lists.
    public struct ListedName: Equatable, Sendable {
        /// The name to ask for.
        public let name: String
        /// The model that answers first.
        public let model: ModelName
        /// True for the own name of a model here, false for `auto`, a tier, an alias or a model outside.
        public let isModel: Bool
        /// The tier that `auto` leads to where nothing speaks for another; `nil` for other names.
        public var standard: String?
    }

    /// Every name without `*` that leads somewhere now: models by name, then `auto`, then tiers and aliases in the order
    /// written, then models outside by name. Where only somebody outside would answer, `outside` says whether that may be.
    public func listed(
        in catalogue: Catalogue, allowed: @escaping (ModelName) -> Bool = { _ in true },
        outside: (ExternalModel, Trigger) -> Bool = { _, _ in false }
    ) -> [ListedName] {
        let models = catalogue.served.filter { allowed($0.name) }.map {
            ListedName(name: $0.name.rawValue, model: $0.name, isModel: true)
        }
        let auto = self.auto == nil ? [] : [AutoRules.name]
        let aliases = self.aliases.map(\.pattern).filter { !NamePattern($0).hasWildcard }
        let others = auto + self.tiers.map(\.name) + aliases + self.external.keys.sorted()
        return models
            + others.compactMap { self.listedName($0, in: catalogue, allowed: allowed, outside: outside) }
    }

    /// A name that is no model here, as a list would have it; also one that only a pattern fits. `nil` if it leads
    /// nowhere.
    public func listedName(
        _ name: String, in catalogue: Catalogue, allowed: @escaping (ModelName) -> Bool = { _ in true },
        outside: (ExternalModel, Trigger) -> Bool = { _, _ in false }
    ) -> ListedName? {
        guard case .success(let found) = self.resolve(name, for: nil, in: catalogue, allowed: allowed),
            let first = found.first(outside: outside)
        else { return nil }
        return ListedName(
            name: name, model: first, isModel: false, standard: found.alias == nil ? found.choice?.tier : nil)
    }
}

extension Resolution {
    /// Who would answer first, were everybody at work.
    fileprivate func first(outside: (ExternalModel, Trigger) -> Bool) -> ModelName? {
        if let here = self.candidates.first ?? self.ladder.smaller.first { return here.name }
        guard let trigger = self.trouble?.trigger else { return nil }
        return self.ladder.external.first { outside($0, trigger) }?.model
    }
}
