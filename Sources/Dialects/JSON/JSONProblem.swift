/// Why a text is not one JSON value that we accept (RFC 8259), and where.
public struct JSONProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The closed set of faults.
    public enum Kind: Equatable, Sendable {
        /// Nothing but white space.
        case empty
        /// The text ends inside a value.
        case unexpectedEnd
        /// A byte that the grammar does not allow here.
        case unexpectedByte(UInt8)
        /// A string holds a byte under 0x20 (RFC 8259 section 7).
        case controlCharacter(UInt8)
        /// A backslash is followed by no known escape.
        case invalidEscape
        /// A number has a leading zero, no digits, or the like (RFC 8259 section 6).
        case invalidNumber
        /// Bytes that are not UTF-8 (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF).
        case invalidUTF8
        /// Deeper than `Bounds.jsonDepth`.
        case tooDeep
        /// Something follows the first value. Ollama would ignore it (`ollama.md` 1.11).
        case trailingBytes
    }

    /// What is wrong.
    public let kind: Kind
    /// Where, as a byte offset from the beginning of the text.
    public let offset: Int

    /// `kind` at `offset`.
    init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// One clause for a person: `byte 17: expected something else than '}'`.
    public var description: String {
        switch self.kind {
        case .empty: "it is empty"
        case .unexpectedEnd: "it ends inside a value, after \(self.offset) bytes"
        case .unexpectedByte(let byte): "byte \(self.offset): unexpected \(Self.name(byte))"
        case .controlCharacter(let byte): "byte \(self.offset): \(Self.name(byte)) inside a string must be escaped"
        case .invalidEscape: "byte \(self.offset): no such escape"
        case .invalidNumber: "byte \(self.offset): malformed number"
        case .invalidUTF8: "byte \(self.offset): not UTF-8"
        case .tooDeep: "byte \(self.offset): nested too deep"
        case .trailingBytes: "byte \(self.offset): something follows the first value"
        }
    }

    private static func name(_ byte: UInt8) -> String {
        (0x21...0x7E).contains(byte)
            ? "'\(Character(Unicode.Scalar(byte)))'"
            : "byte 0x" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
