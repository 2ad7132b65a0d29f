import Vocabulary

/// Why something may not be sent: a code to branch on and a sentence for a person.
public struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// The stable code that clients, logs and metrics share.
    public let reason: Reason
    /// What was tried, what was found and what would help; lower case, no full stop.
    public let message: String

    /// A refusal for `reason`, told as `message`.
    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// `addr_class: ...`, as a log line reads it.
    public var description: String { "\(self.reason.rawValue): \(self.message)" }
}
