/// What an answer tells of its cost. `nil` is not told.
public struct AnswerUsage: Equatable, Sendable {
    /// Tokens of the prompt, cached ones included.
    public var promptTokens: Int?
    /// Tokens of the answer.
    public var outputTokens: Int?
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
