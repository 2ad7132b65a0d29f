import Vocabulary

/// The tier that `auto` has led to, and why.
public struct AutoChoice: Equatable, Sendable {
    /// One condition that holds.
    public enum Reason: Equatable, Sendable {
        /// Its feature tag fits a pattern.
        case feature(FeatureName, fits: NamePattern)
        /// Its prompt has about so many tokens.
        case promptTokens(Tokens, over: Tokens)
        /// It declares tools, or none.
        case tools(Bool)
        /// It holds images, or none.
        case images(Bool)
        /// It asks for vectors.
        case embeddings
    }

    /// A rule that holds and whose tier has nobody who could answer the request.
    public struct PassedOver: Equatable, Sendable {
        /// The tier.
        public let tier: String
        let reasons: [Reason]

        /// Its conditions, as in `AutoChoice.rule`.
        public var rule: String { AutoChoice.rule(of: self.reasons) }
    }

    /// The tier.
    public let tier: String
    /// One for each condition of the rule that decided; empty if none did.
    public let reasons: [Reason]
    /// Rules before it that hold, and whose tier has nobody for the request.
    public let passedOver: [PassedOver]

    /// The conditions of the rule that decided, by their keys: `tools`, `features+prompt_tokens_over`; else `default`.
    public var rule: String { Self.rule(of: self.reasons) }

    /// The same in words.
    public var why: String {
        self.reasons.isEmpty ? "no rule decides" : self.reasons.map(\.words).joined(separator: ", ")
    }

    private static func rule(of reasons: [Reason]) -> String {
        reasons.isEmpty ? "default" : reasons.map(\.key).joined(separator: "+")
    }
}

extension AutoChoice.Reason {
    fileprivate var key: String {
        switch self {
        case .feature: "features"
        case .promptTokens: "prompt_tokens_over"
        case .tools: "tools"
        case .images: "images"
        case .embeddings: "embeddings"
        }
    }

    fileprivate var words: String {
        switch self {
        case .feature(let feature, let pattern): "its feature `\(feature)` fits `\(pattern)`"
        case .promptTokens(let tokens, let limit):
            "its prompt of about \(tokens.count) tokens is over \(limit.count)"
        case .tools(let has): "it declares \(has ? "tools" : "no tools")"
        case .images(let has): "it holds \(has ? "images" : "no images")"
        case .embeddings: "it asks for vectors"
        }
    }
}
