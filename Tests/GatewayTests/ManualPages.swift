import Foundation

/// The pages of the manual.
enum ManualPages {
    private static var folder: URL { SourceText.folder.appending(path: "Gateway/Documentation.docc") }

    static func pages() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: self.folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "md" }
    }

    static func text(_ page: String) throws -> String {
        try String(contentsOf: self.folder.appending(path: "\(page).md"), encoding: .utf8)
    }

    /// The cells of every row of every table, heads included, rules left out.
    static func rows(_ page: String) throws -> [[String]] {
        try self.text(page).split(separator: "\n").filter { $0.hasPrefix("|") && !$0.hasPrefix("|--") }.map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        }
    }

    /// The text below each heading.
    static func sections(_ page: String) throws -> [String: String] {
        var sections: [String: String] = [:]
        var title = ""
        for line in try self.text(page).split(separator: "\n") {
            if line.hasPrefix("#") {
                title = String(line.drop { $0 == "#" || $0 == " " })
                sections[title] = ""
            } else {
                sections[title, default: ""] += line + "\n"
            }
        }
        return sections
    }
}

/// The sources as text.
enum SourceText {
    private static let file = URL(filePath: #filePath)
    static let folder = Self.file.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Sources").resolvingSymlinksInPath()

    static func text(of path: String) throws -> String {
        try String(contentsOf: self.folder.appending(path: path), encoding: .utf8)
    }

    static func text(under path: String) throws -> String {
        try self.text(in: self.folder.appending(path: path))
    }

    /// All tests, in Swift and in Python.
    static func tests() throws -> String {
        let folder = self.file.deletingLastPathComponent().deletingLastPathComponent().resolvingSymlinksInPath()
        let children = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try children.map { try self.text(in: $0.resolvingSymlinksInPath()) }.joined()
    }

    /// All Swift and Python files below a folder, one after the other.
    private static func text(in folder: URL) throws -> String {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        let texts = (files?.compactMap { $0 as? URL } ?? []).filter { ["swift", "py"].contains($0.pathExtension) }
        return try texts.sorted { $0.path < $1.path }.map { try String(contentsOf: $0, encoding: .utf8) }
            .joined(separator: "\n")
    }
}

/// One command, as `Sources/gatehouse` declares it.
struct DeclaredCommand {
    var name: String
    var options: [String] = []

    /// The commands in all files, those within others with the outer name before theirs; the program itself left out.
    static func all() throws -> [DeclaredCommand] {
        try self.read().filter { $0.isCommand && !$0.command.name.isEmpty }.map(\.command)
    }

    /// The options that several commands have in common.
    static func sharedOptions() throws -> Set<String> {
        Set(try self.read().filter { !$0.isCommand }.flatMap(\.command.options))
    }

    private static func read() throws -> [(command: DeclaredCommand, isCommand: Bool)] {
        var found: [(command: DeclaredCommand, isCommand: Bool)] = []
        var outer = ""
        var isOption = false
        for line in try SourceText.text(under: "gatehouse").split(separator: "\n") {
            let text = String(line)
            if let (type, kind) = TextPattern(#"struct ([A-Za-z]+): Parsable(Command|Arguments)"#).pairs(in: text).first
            {
                let isNested = text.hasPrefix("    ")
                let name = type == "Gatehouse" ? "" : type.lowercased()
                found.append((DeclaredCommand(name: isNested ? "\(outer) \(name)" : name), kind == "Command"))
                if !isNested { outer = name }
            }
            if let name = TextPattern(#"commandName: "([a-z]+)""#).groups(in: text).first, name != "gatehouse" {
                found[found.count - 1].command.name = name
            }
            if text.contains("@Option") && !text.contains("@OptionGroup") || text.contains("@Flag") { isOption = true }
            guard isOption, let variable = TextPattern(#"^ +var ([a-zA-Z]+)"#).groups(in: text).first else { continue }
            found[found.count - 1].command.options.append(Self.kebab(variable))
            isOption = false
        }
        return found
    }

    /// `operationsPort` is `--operations-port`.
    private static func kebab(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }
}

/// A regular expression, with `^` and `$` at lines.
struct TextPattern {
    private let expression: NSRegularExpression

    init(_ pattern: String) {
        // A pattern of this file that cannot be read is a fault of this file.
        self.expression = try! NSRegularExpression(pattern: pattern, options: .anchorsMatchLines)
    }

    func matches(_ text: String) -> Bool {
        self.expression.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
    }

    /// The first group of each match.
    func groups(in text: String) -> [String] { self.found(in: text).map { $0[0] } }

    /// The first two groups of each match.
    func pairs(in text: String) -> [(String, String)] { self.found(in: text).map { ($0[0], $0[1]) } }

    private func found(in text: String) -> [[String]] {
        self.expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).map { match in
            (1..<match.numberOfRanges).map { Range(match.range(at: $0), in: text).map { String(text[$0]) } ?? "" }
        }
    }
}

extension String {
    /// A cell without its backticks.
    var bare: String { self.replacing("`", with: "") }
}
