/// A name, or a pattern in which each `*` stands for any characters, also none. Case counts.
public struct NamePattern: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The pattern as written.
    public let text: String
    private let parts: [[UInt8]]

    /// Every text is a pattern; one without `*` matches only itself.
    public init(_ text: String) {
        self.text = text
        self.parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
    }

    /// Wraps a literal; for tests and defaults.
    public init(stringLiteral text: String) {
        self.init(text)
    }

    /// False for a plain name.
    public var hasWildcard: Bool { self.parts.count > 1 }
    /// The number of bytes that must be there: of two patterns that match, the one with more says more.
    public var literalCount: Int { self.parts.reduce(0) { $0 + $1.count } }
    /// True if nothing is excluded.
    public var matchesAll: Bool { self.text == "*" }
    /// The pattern as written.
    public var description: String { self.text }

    /// True if the whole of `name` fits.
    public func matches(_ name: String) -> Bool {
        guard self.hasWildcard else { return name.utf8.elementsEqual(self.parts[0]) }
        let name = Array(name.utf8)
        let first = self.parts[0]
        let last = self.parts[self.parts.count - 1]
        guard name.count >= first.count + last.count, name.starts(with: first), name.suffix(last.count) == last[...]
        else { return false }
        var rest = name[first.count..<(name.count - last.count)]
        for part in self.parts.dropFirst().dropLast() where !part.isEmpty {
            guard let end = Self.endOfFirst(part, in: rest) else { return false }
            rest = rest[end...]  // The leftmost place leaves the most for the parts that follow.
        }
        return true
    }

    private static func endOfFirst(_ part: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        var start = bytes.startIndex
        while start + part.count <= bytes.endIndex {
            if bytes[start..<(start + part.count)] == part[...] { return start + part.count }
            start += 1
        }
        return nil
    }
}
