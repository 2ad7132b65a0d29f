/// A text that must not be seen: it prints, dumps and interpolates as `[redacted]`.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text itself. Whoever reads it answers for where it goes.
    public let revealed: String

    /// Hides `text`.
    public init(_ text: String) {
        self.revealed = text
    }

    /// `[redacted]`.
    public var description: String { "[redacted]" }
    /// `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// Nothing: `dump` shows what a mirror has.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
