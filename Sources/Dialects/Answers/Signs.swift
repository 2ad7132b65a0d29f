/// What an answer has shown so far, or just now.
public struct Signs: OptionSet, Hashable, Sendable {
    /// One bit each.
    public let rawValue: UInt8

    /// From bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The first words for the client: text, thinking or a tool call. Roles and life-cycle events are none.
    public static let content = Signs(rawValue: 1)
    /// The record that ends a whole answer (`ollama.md` 11): only it proves that nothing is missing.
    public static let terminal = Signs(rawValue: 2)
    /// An error inside the answer. It is not passed on (`ollama.md` 11: it can hold paths of the host); its text is
    /// `AnswerReader.errorMessage`.
    public static let error = Signs(rawValue: 4)
    /// The answer says that it came from another host (`remote_host`, `remote_model`; `ollama.md` 3).
    public static let remoteModel = Signs(rawValue: 8)
    /// Not what its protocol allows; nothing more is passed on.
    public static let malformed = Signs(rawValue: 16)
}

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
