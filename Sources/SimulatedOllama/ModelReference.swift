import Vocabulary

/// A model name as a request gives it, and what Ollama reads into it: where it shall be answered and under which name
/// it is on disk (`ollama.md` 1.1 and 9.A).
struct ModelReference: Equatable {
    enum Source: Equatable {
        /// No suffix: whatever the model is.
        case any
        /// `:local`.
        case local
        /// `:cloud`, or a tag that ends in `-cloud`.
        case cloud
    }

    enum Problem: Error, Equatable {
        /// Both suffixes at once.
        case conflictingSources
        /// Letters that no name has.
        case invalidName
    }

    /// As it was written, blanks around it left out.
    let asked: String
    /// Without the source suffix.
    let base: String
    let source: Source

    init(_ text: String, version: ServerVersion) throws(Problem) {
        self.asked = Self.trimmed(text[...])
        guard version.knowsSourceSuffixes else {
            self.base = self.asked
            self.source = .any
            return
        }
        let outer = Self.split(self.asked)
        let inner = Self.split(outer.base)
        if outer.source != .any, inner.source != .any, outer.source != inner.source {
            throw .conflictingSources
        }
        self.base = outer.base
        self.source = outer.source
    }

    private static func split(_ name: String) -> (base: String, source: Source) {
        guard let colon = name.lastIndex(of: ":") else { return (name, .any) }
        let head = Self.trimmed(name[..<colon])
        let tag = Self.trimmed(name[name.index(after: colon)...])
        switch tag.lowercased() {
        case "cloud": return (head, .cloud)
        case "local": return (head, .local)
        case let lower where lower.hasSuffix("-cloud"): return (head + ":" + tag.dropLast("-cloud".count), .cloud)
        default: return (name, .any)
        }
    }

    private static let blanks: Set<Character> = [" ", "\t", "\n", "\r", "\u{B}", "\u{C}", "\u{A0}", "\u{85}"]

    private static func trimmed(_ text: Substring) -> String {
        let end = text.lastIndex { !Self.blanks.contains($0) }.map { text.index(after: $0) } ?? text.startIndex
        return String(text[..<end].drop { Self.blanks.contains($0) })
    }

    /// The name on disk: with its tag, without the default registry and namespace, in lower case, since Ollama finds
    /// models without regard to case.
    func key() throws(Problem) -> String {
        var parts = self.base.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3, let last = parts.popLast() else { throw .invalidName }
        let pair = last.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard pair.count <= 2, pair.allSatisfy(Self.isValid), parts.allSatisfy(Self.isValidPrefix) else {
            throw .invalidName
        }
        if parts.first?.lowercased() == "registry.ollama.ai" { parts.removeFirst() }
        if parts.first?.lowercased() == "library" { parts.removeFirst() }
        let name = parts + [ModelName(canonical: last).rawValue]
        return name.joined(separator: "/").lowercased()
    }

    /// As Ollama spells it in some messages: with its tag.
    var canonical: String { ModelName(canonical: self.base).rawValue }

    private static func isValid(_ part: String) -> Bool {
        (1...80).contains(part.utf8.count) && part.utf8.allSatisfy(Self.isNameByte) && part.utf8.first != 0x2E
            && part.utf8.first != 0x2D
    }

    private static func isValidPrefix(_ part: String) -> Bool {
        (1...350).contains(part.utf8.count) && part.utf8.allSatisfy { Self.isNameByte($0) || $0 == 0x3A }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }
}
