import Vocabulary

/// How `auto`, a name like a model's, leads to a tier: the first rule that holds, and whose tier has somebody for the
/// request, decides; else the default does.
public struct AutoRules: Equatable, Sendable {
    /// The name that a caller uses.
    public static let name = "auto"
    /// More than these are no rules but a mistake.
    public static let rulesMax = 64
    /// What `AutoRule.Bound.defaultTier` is where no context is known.
    public static let promptTokensLong = Tokens(16_384)

    /// In order.
    public let rules: [AutoRule]
    /// The tier that is led to where no rule decides.
    public let standard: String
    /// They are the program's, not the manifest's: of images, only a model that is known to read them comes into
    /// question.
    public let isBuiltIn: Bool

    /// Those that a manifest has written, with the program's for what it leaves out; `nil` without tiers.
    init?(_ written: Manifest.Auto, tiers: [Manifest.Tier], canComplete: (String) -> Bool) {
        let names = tiers.map(\.name)
        let general = names.contains("general") ? "general" : nil
        guard let standard = written.standard ?? general ?? names.first(where: canComplete) ?? names.first
        else { return nil }
        self.standard = standard
        self.isBuiltIn = written.rules == nil
        self.rules = written.rules ?? Self.builtIn(names, standard: standard)
    }

    /// Beginnings of the words by which people call tasks that a small model is good enough for.
    public static let simpleWords = [
        "classif", "categor", "sentiment", "extract", "label", "tagging", "moderat", "triage", "spam",
    ]
    /// Of those that need thought.
    public static let reasoningWords = [
        "code", "coding", "reason", "plan", "math", "refactor", "debug", "proof", "analys",
    ]

    /// Only tiers that there are take part.
    private static func builtIn(_ names: [String], standard: String) -> [AutoRule] {
        let images = ([standard] + names.filter { $0 != standard }).map { AutoRule(tier: $0, images: true) }
        let others = [
            AutoRule(tier: "long-context", promptTokensOver: .defaultTier),
            AutoRule(tier: "simple", features: Self.patterns(of: Self.simpleWords)),
            AutoRule(tier: "reasoning", features: Self.patterns(of: Self.reasoningWords)),
            AutoRule(tier: "general", tools: true),
        ]
        return images + others.filter { names.contains($0.tier) }
    }

    /// What fits a tag in which a word begins so: `code-review` and `ci/code`, but not `decode`.
    private static func patterns(of words: [String]) -> [NamePattern] {
        words.flatMap { word in ["", "*-", "*_", "*.", "*/"].map { NamePattern("\($0)\(word)*") } }
    }
}
