/// A piece of an answer as it comes.
public enum ChatChunk: Hashable, Sendable {
    /// More of what is said.
    case text(String)
    /// More of what is thought.
    case thinking(String)
    /// A call of a tool, whole.
    case toolCall(ToolCall)
    /// The answer is complete: all of it put together. Nothing follows.
    case done(ChatReply)

    /// The words of a `text` piece: all that most readers want.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }
}
