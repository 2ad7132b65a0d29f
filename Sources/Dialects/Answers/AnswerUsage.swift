/// What an answer tells of its cost. `nil` is not told.
public struct AnswerUsage: Equatable, Sendable {
    /// Tokens of the prompt, cached ones included.
    public var promptTokens: Int?
    /// Tokens of the answer, those of its thinking included.
    public var outputTokens: Int?
    /// Of the prompt's tokens, those that the server had from before. Only providers outside tell it, as the next two.
    public var cachedTokens: Int?
    /// Of the prompt's tokens, those that it has put aside for the next time (Anthropic).
    public var cacheWriteTokens: Int?
    /// Of the answer's tokens, those that it thought.
    public var reasoningTokens: Int?
    /// From receipt to the end, queueing included (native API only, as all durations).
    public var totalDuration: Duration?
    /// The wait for a ready runner: queue, eviction, loading.
    public var loadDuration: Duration?
    /// Evaluating the prompt.
    public var promptDuration: Duration?
    /// Making the tokens.
    public var outputDuration: Duration?

    /// Nothing told.
    public init() {}
}
