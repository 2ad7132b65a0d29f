import Yams

/// What libyaml says of a text that is not YAML, in our words and at the place where it stopped.
struct YAMLFault {
    let problem: Problem

    init(_ error: YamlError, text: String, file: String) {
        func at(_ mark: Mark, _ message: String) -> Problem {
            Problem(Position(file: file, line: mark.line, column: mark.column), message)
        }
        switch error {
        case .scanner(let context, let found, let mark, _), .parser(let context, let found, let mark, _):
            let hint = Self.hint(line: mark.line, of: text)
            self.problem = at(mark, "not valid YAML: \(Self.sentence(context, found))\(hint)")
        case .composer(let context, let found, let mark, _):
            self.problem =
                context?.text.contains("single document") == true
                ? at(mark, "found a second document, expected one in a file")
                : at(mark, "not valid YAML: \(Self.sentence(context, found))")
        case .reader(let found, let offset, let value, _):
            let before = text.prefix(offset ?? 0).unicodeScalars
            let line = before.reduce(into: 1) { if $1 == "\n" { $0 += 1 } }
            let column =
                before.count
                - (before.lastIndex(of: "\n").map { before.distance(from: before.startIndex, to: $0) + 1 } ?? 0)
            let character = value >= 0 ? " (U+\(Self.hexadecimal(value)))" : ""
            self.problem = Problem(
                Position(file: file, line: line, column: column + 1), "not valid YAML: \(found)\(character)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "`\(Node.shown($0))`" }.joined(separator: ", ")
            self.problem = at(
                context.mark,
                keys.count == 1
                    ? "key \(names) stands more than once in the same place, first here"
                    : "keys \(names) stand more than once in the same place, the first of them here")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            self.problem = Problem(file: file, "cannot be read as YAML: \(error)")
        }
    }

    private static func sentence(_ context: YamlError.Context?, _ found: String) -> String {
        guard let context else { return found }
        return "\(context.text) that began in line \(context.mark.line), \(found)"
    }

    /// The two slips that make most syntax errors.
    private static func hint(line: Int, of text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return "" }
        if lines[line - 1].prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
            return "; indent with blanks, not with tabs"
        }
        return ""
    }

    private static func hexadecimal(_ value: Int32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
