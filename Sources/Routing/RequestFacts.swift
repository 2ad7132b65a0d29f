import Vocabulary

/// What is known of a request when its models are looked for.
public struct RequestFacts: Sendable {
    /// What the endpoint needs; `nil`: nothing.
    public var use: ModelCapability?
    /// How long its text is; `nil`: unknown.
    public var prompt: PromptLength?
    /// The function that it is for, if somebody vouches for that.
    public var feature: FeatureName?
    /// It declares tools.
    public var hasTools: Bool
    /// It holds images, of whose length nobody knows.
    public var hasImages: Bool

    /// A request of these facts.
    public init(
        use: ModelCapability? = .completion, prompt: PromptLength? = nil, feature: FeatureName? = nil,
        hasTools: Bool = false, hasImages: Bool = false
    ) {
        self.use = use
        self.prompt = prompt
        self.feature = feature
        self.hasTools = hasTools
        self.hasImages = hasImages
    }
}
