import Vocabulary

/// A name, or a pattern in which `*` stands for any run of characters: what a key may use. Case counts.
public struct NamePattern: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// As configured.
    public let text: String
    private let parts: [[UInt8]]  // Between the stars; one part is an exact name.

    /// Wraps `text`.
    public init(_ text: String) {
        self.text = text
        self.parts = Array(text.utf8).split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
            .map(Array.init)
    }

    /// Wraps a literal; for tests and defaults.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// As configured.
    public var description: String { self.text }

    /// True if nothing is excluded.
    public var matchesAll: Bool { self.text == "*" }

    /// Whether `name` fits. Each part is looked for at its first place from the left, which is always right but for the
    /// last one, which stands at the end: so the time grows with the name's length times the pattern's at most.
    public func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        guard let first = self.parts.first, let last = self.parts.last, self.parts.count > 1 else {
            return name == self.parts[0]
        }
        guard name.count >= first.count + last.count, name.starts(with: first), name.suffix(last.count) == last[...]
        else { return false }
        var rest = name[first.count..<(name.count - last.count)]
        for part in self.parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = Self.find(part, in: rest) else { return false }
            rest = rest[(found + part.count)...]
        }
        return true
    }

    private static func find(_ part: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= part.count else { return nil }
        return (bytes.startIndex...(bytes.endIndex - part.count)).first { bytes[$0...].starts(with: part) }
    }
}
