import Vocabulary

/// What must hold of a request so that `auto` leads to a tier. All conditions that are there must hold.
public struct AutoRule: Equatable, Sendable {
    /// A length that a prompt may be over.
    public enum Bound: Equatable, Sendable {
        /// So many tokens.
        case tokens(Tokens)
        /// The longest context among the models of the default tier; 16,384 tokens where none is known.
        case defaultTier
    }

    /// The tier that it leads to.
    public let tier: String
    /// The request has a feature tag, and one of these fits it; `nil`: whatever it has. Never empty.
    public var features: [NamePattern]?
    /// The text of the prompt is longer.
    public var promptTokensOver: Bound?
    /// It declares tools, or it does not.
    public var tools: Bool?
    /// It holds images, or it does not.
    public var images: Bool?

    /// A rule of these conditions.
    public init(
        tier: String, features: [NamePattern]? = nil, promptTokensOver: Bound? = nil, tools: Bool? = nil,
        images: Bool? = nil
    ) {
        self.tier = tier
        self.features = features
        self.promptTokensOver = promptTokensOver
        self.tools = tools
        self.images = images
    }

    var hasConditions: Bool {
        self.features != nil || self.promptTokensOver != nil || self.tools != nil || self.images != nil
    }

    /// Why it holds for a request whose prompt has about `tokens` tokens, one reason for each condition; `nil` if it
    /// does not hold. `bound` is what `Bound.defaultTier` stands for.
    func reasons(_ facts: RequestFacts, tokens: Tokens, bound: Tokens) -> [AutoChoice.Reason]? {
        var reasons: [AutoChoice.Reason] = []
        if let features {
            guard let feature = facts.feature, let pattern = features.first(where: { $0.matches(feature.rawValue) })
            else { return nil }
            reasons.append(.feature(feature, fits: pattern))
        }
        if let promptTokensOver {
            let limit =
                switch promptTokensOver {
                case .tokens(let tokens): tokens
                case .defaultTier: bound
                }
            guard tokens > limit else { return nil }
            reasons.append(.promptTokens(tokens, over: limit))
        }
        if let tools {
            guard facts.hasTools == tools else { return nil }
            reasons.append(.tools(tools))
        }
        if let images {
            guard facts.hasImages == images else { return nil }
            reasons.append(.images(images))
        }
        return reasons
    }
}
