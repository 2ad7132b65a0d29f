/// Writes the files that the program itself makes (`init`, `keys add`), in the plain YAML that `ConfigurationTree`
/// reads. A file is always written whole.
///
/// ```swift
/// var yaml = YAMLWriter()
/// yaml.comment("Written by `gatehouse init`.")
/// yaml.entry("schema", 1)
/// yaml.mapping("zones") { zones in
///     zones.list("lab", ["10.20.0.0/16"], comment: "the GPU room")
/// }
/// yaml.items("backends", of: sites) { item, site in
///     item.entry("id", site.name)
/// }
/// let text = yaml.text
/// ```
public struct YAMLWriter {
    private var lines: [String] = []
    private let indentation: Int
    /// What the first line begins with: a list's dash takes the place of two blanks.
    private var startsItem = false

    /// An empty file.
    public init() {
        self.indentation = 0
    }

    private init(indentation: Int, startsItem: Bool = false) {
        self.indentation = indentation
        self.startsItem = startsItem
    }

    /// The file, each line ended.
    public var text: String { self.lines.map { $0 + "\n" }.joined() }

    /// An empty line.
    public mutating func blankLine() {
        self.lines.append("")
    }

    /// A comment; each line of `text` becomes one.
    public mutating func comment(_ text: String) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let comment = line.isEmpty ? "#" : "# \(Self.printable(line))"
            self.lines.append(String(repeating: " ", count: self.indentation) + comment)
        }
    }

    /// `key: value`, with `comment` at the end of the line.
    public mutating func entry(_ key: String, _ value: YAMLScalar, comment: String? = nil) {
        self.line("\(YAMLScalar.quotedIfNeeded(key)): \(value.text)", comment)
    }

    /// `key:` and a list of values below it; an empty list is written as `[]`.
    public mutating func list(_ key: String, _ values: [YAMLScalar], comment: String? = nil) {
        guard !values.isEmpty else {
            self.line("\(YAMLScalar.quotedIfNeeded(key)): []", comment)
            return
        }
        self.line("\(YAMLScalar.quotedIfNeeded(key)):", comment)
        for value in values {
            self.lines.append(String(repeating: " ", count: self.indentation + 2) + "- \(value.text)")
        }
    }

    /// `key:` and what `body` writes below it; `{}` if it writes nothing.
    public mutating func mapping(_ key: String, comment: String? = nil, _ body: (inout YAMLWriter) -> Void) {
        var inner = YAMLWriter(indentation: self.indentation + 2)
        body(&inner)
        let isEmpty = !inner.hasEntries
        self.line("\(YAMLScalar.quotedIfNeeded(key)):\(isEmpty ? " {}" : "")", comment)
        self.lines += inner.lines
    }

    /// `key:` and a list of mappings below it, one for each of `values`; an empty list is written as `[]`.
    public mutating func items<Item>(
        _ key: String, of values: [Item], comment: String? = nil, _ body: (inout YAMLWriter, Item) -> Void
    ) {
        self.line("\(YAMLScalar.quotedIfNeeded(key)):\(values.isEmpty ? " []" : "")", comment)
        for value in values {
            var inner = YAMLWriter(indentation: self.indentation + 4, startsItem: true)
            body(&inner, value)
            precondition(!inner.startsItem, "an item of `\(key)` has no entry")
            self.lines += inner.lines
        }
    }

    private var hasEntries: Bool {
        self.lines.contains { line in
            let bare = line.drop { $0 == " " }
            return !bare.isEmpty && !bare.hasPrefix("#")
        }
    }

    private mutating func line(_ content: String, _ comment: String?) {
        let margin = self.startsItem ? self.indentation - 2 : self.indentation
        let dash = self.startsItem ? "- " : ""
        let remark = comment.map { "  # \(Self.printable($0[...]))" } ?? ""
        self.lines.append(String(repeating: " ", count: margin) + dash + content + remark)
        self.startsItem = false
    }

    /// A comment ends with its line, whatever is in it.
    private static func printable(_ text: Substring) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { YAMLScalar.breaksPlainText($0) ? "\u{FFFD}" : $0 }))
    }
}
