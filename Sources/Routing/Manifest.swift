import Residency
import Vocabulary

/// The names a client may use and what stands behind them: models, tiers (ordered lists of models good enough for a
/// kind of task) and aliases. Checked as a whole when it is made; afterwards every name in it leads somewhere.
public struct Manifest: Equatable, Sendable {
    /// A tier, as written.
    public struct Tier: Equatable, Sendable {
        /// Its name: `simple`, `general`, `reasoning`, `long-context`, or any other.
        public let name: String
        /// Its models in order of preference, as written.
        public let models: [String]
        /// Who answers where none of these can; it has no smaller ones, which are the tier's own last ones.
        public let ladder: LadderNames

        /// A tier that has not been checked yet.
        public init(name: String, models: [String], ladder: LadderNames = LadderNames()) {
            self.name = name
            self.models = models
            self.ladder = ladder
        }
    }

    /// An alias, as written.
    public struct Alias: Equatable, Sendable {
        /// The name, or a pattern with `*`.
        public let pattern: String
        /// A model, a tier or `auto`; never another alias.
        public let target: String

        /// An alias that has not been checked yet.
        public init(pattern: String, target: String) {
            self.pattern = pattern
            self.target = target
        }
    }

    /// How `auto` chooses a tier, as written. What is left out is the program's.
    public struct Auto: Equatable, Sendable {
        /// In order.
        public let rules: [AutoRule]?
        /// The tier where no rule decides.
        public let standard: String?

        /// Rules that have not been checked yet.
        public init(rules: [AutoRule]? = nil, standard: String? = nil) {
            self.rules = rules
            self.standard = standard
        }
    }

    /// What becomes of models that a backend has and the manifest does not name.
    public enum Discovered: String, Equatable, Sendable, CaseIterable {
        /// They are served under their own names.
        case serve
        /// They do not exist for clients.
        case refuse
    }

    /// What becomes of a tier of which nothing is installed.
    public enum TierStandIn: Equatable, Sendable {
        /// It is `model_unavailable`.
        case none
        /// Any installed model that can do the task answers; for `dev`, where nobody has chosen models yet.
        case anyInstalled
    }

    /// What holds for models that say nothing else themselves, and for all that the manifest does not name.
    public struct Defaults: Equatable, Sendable {
        /// The bound on generated tokens; positive.
        public var outputTokensMax: Tokens
        /// How long a model stays in memory.
        public var keepAlive: ManifestModel.KeepAlive
        /// What a caller is told in place of an answer, where a ladder has no words of its own.
        public var fallbackReply: String?

        /// Those of the program, or others.
        public init(
            outputTokensMax: Tokens = ManifestModel.outputTokensDefault,
            keepAlive: ManifestModel.KeepAlive = .asBackend, fallbackReply: String? = nil
        ) {
            self.outputTokensMax = outputTokensMax
            self.keepAlive = keepAlive
            self.fallbackReply = fallbackReply
        }
    }

    /// Where a name of the manifest leads.
    enum Target: Equatable, Sendable {
        case model(ModelName)
        case tier(String)
        case external(String)
        case auto
    }

    struct PatternAlias: Equatable, Sendable {
        let pattern: NamePattern
        let target: Target
    }

    /// The models by canonical name.
    public let models: [ModelName: ManifestModel]
    /// The models in the order written.
    public let order: [ModelName]
    /// What becomes of models that it does not name.
    public let discovered: Discovered
    /// What holds for models that it does not name. Those that it names have theirs already.
    public let defaults: Defaults
    /// What becomes of empty tiers.
    public let tierStandIn: TierStandIn
    /// The tiers in the order written.
    public let tiers: [Tier]
    /// The aliases in the order written.
    public let aliases: [Alias]
    /// The models outside, by their names here.
    public let external: [String: ExternalModel]
    /// How `auto` chooses a tier; `nil` if there are no tiers, or if that is the name of something else.
    public let auto: AutoRules?

    /// The canonical names of each tier's models.
    let tierModels: [String: [ModelName]]
    let exactAliases: [ModelName: PatternAlias]
    /// The one that says most first, then in the order written.
    let patternAliases: [PatternAlias]

    /// Checks all names against each other and reports every mistake at once.
    public init(
        models: [ManifestModel], tiers: [Tier] = [], aliases: [Alias] = [], external: [ExternalModel] = [],
        auto: Auto? = nil, discovered: Discovered = .serve, defaults: Defaults = Defaults(),
        tierStandIn: TierStandIn = .none
    ) throws(ManifestProblems) {
        var builder = ManifestBuilder(aliases: aliases)
        for model in models { builder.add(model) }
        for model in external { builder.add(model) }
        for tier in tiers { builder.add(tier) }
        for model in models { builder.checkLadder(of: model) }
        for alias in aliases { builder.add(alias) }
        if let auto { builder.check(auto) }
        if !builder.problems.isEmpty { throw ManifestProblems(builder.problems) }
        self.models = builder.models
        self.order = models.map(\.name)
        self.discovered = discovered
        self.defaults = defaults
        self.tierStandIn = tierStandIn
        self.tiers = tiers
        self.aliases = aliases
        self.external = builder.external
        self.auto = builder.ownAuto ? nil : AutoRules(auto ?? Auto(), tiers: tiers, canComplete: builder.canComplete)
        self.tierModels = builder.tierModels
        self.exactAliases = builder.exactAliases
        self.patternAliases = builder.patternAliases.enumerated().sorted {
            (-$0.element.pattern.literalCount, $0.offset) < (-$1.element.pattern.literalCount, $1.offset)
        }.map(\.element)
    }

    /// No models, tiers or aliases; whatever is installed is served.
    public static let empty = Manifest()

    private init() {
        self.models = [:]
        self.order = []
        self.discovered = .serve
        self.defaults = Defaults()
        self.tierStandIn = .none
        self.tiers = []
        self.aliases = []
        self.external = [:]
        self.auto = nil
        self.tierModels = [:]
        self.exactAliases = [:]
        self.patternAliases = []
    }

    /// Marks what `backend` has and must not serve: models whose name its cloud would answer, bound to other
    /// backends, with another digest, or not in the manifest when that counts. Aliases of remote models show only in
    /// the inventory; whoever reads it marks them before.
    public func offer(_ installed: [InstalledModel], of backend: BackendID) -> [InstalledModel] {
        installed.map { model in
            var model = model
            if model.withheld == nil { model.withheld = self.obstacle(to: model, on: backend) }
            return model
        }
    }

    private func obstacle(to installed: InstalledModel, on backend: BackendID) -> String? {
        if ModelGuard.isRemoteName(installed.name.rawValue) { return "it would be answered by Ollama's cloud" }
        guard let model = self.models[installed.name] else {
            return self.discovered == .refuse ? "it is not in the manifest" : nil
        }
        if let allowed = model.backends, !allowed.contains(backend) {
            return "the manifest binds it to \(allowed.map(\.rawValue).joined(separator: ", "))"
        }
        if let digest = model.digest, !bareDigest(installed.digest ?? "").hasPrefix(digest) {
            return "its digest is \(installed.digest.map { bareDigest($0).prefix(12) } ?? "unknown"), "
                + "the manifest wants \(digest.prefix(12))"
        }
        return nil
    }
}
