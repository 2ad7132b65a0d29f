import Vocabulary

/// Why a request could not be read or its connection ended: a reason code to branch on and a sentence for a person.
public struct HTTPFailure: Error, Hashable, Sendable {
    /// The reason code; its `status` is what an answer carries.
    public let reason: Reason
    /// What was found and what was expected; lower case, no full stop, never bytes that the client sent.
    public let message: String

    /// A failure of this kind.
    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}
