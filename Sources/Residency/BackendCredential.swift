/// The key that a backend knows us by. It prints, dumps and interpolates as `[redacted]`, and its text is for the
/// door alone.
public struct BackendCredential: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The longest that is accepted: several times any provider's, and far below what servers take as one header line.
    public static let bytesMax = 4096

    /// The key itself. Only the door may ask for it (`HouseRulesTests`).
    @_spi(Door) public let revealed: String

    /// The key `text`, or why it cannot be one. The message never shows any of it: what is no key may still be most of
    /// one.
    public init(_ text: String) throws(Refusal) {
        if text.isEmpty { throw Refusal(.internalError, "the key is empty") }
        guard text.utf8.count <= Self.bytesMax else {
            throw Refusal(
                .internalError,
                "the key has \(text.utf8.count) bytes, expected \(Self.bytesMax) at most: is it the right file?")
        }
        // RFC 9110 section 5.5 and RFC 6750 section 2.1: visible ASCII, or the header would say something else.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Refusal(
                .internalError,
                "the key has a blank, a control character or one beyond ASCII in it, "
                    + "expected one line of visible ASCII")
        }
        self.revealed = text
    }

    /// `[redacted]`.
    public var description: String { "[redacted]" }
    /// `[redacted]`.
    public var debugDescription: String { "[redacted]" }
    /// Nothing: `dump` shows what a mirror has.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
