import Vocabulary

/// A configuration file as a tree of nodes that know their places, before its meaning is known.
///
/// Whoever owns a file reads it like this; all mistakes come back at once, sorted:
///
/// ```swift
/// let tree = try ConfigurationTree.read(path: "/etc/gatehouse/gatehouse.yaml")
/// let settings = try tree.decode(schema: 1) { root in
///     Settings(
///         state: root.text("state"),                                                // must be there
///         wait: root.duration("wait", default: .seconds(5), in: .zero ... .seconds(60)),
///         level: root.choice("level", of: LogLevel.self, default: .info),
///         note: root.readIfPresent("note") { $0.text() },                           // `nil` if it is not there
///         queue: root.section("limits") { $0.int("queue", default: 64, in: 1...1000) },
///         zones: root.entries("zones") { name, value in                             // keys that the operator chose
///             Zone(name: name.text, networks: value.list { $0.parsed("a network", Network.init) })
///         },
///         backends: root.list("backends", default: []) { value in                   // a list of mappings
///             value.section { Backend(id: $0.text("id"), slots: $0.int("slots", default: 1, in: 1...64)) }
///         })
/// }
/// ```
///
/// Keys that were not asked for are unknown and reported with the nearest known one. After a mistake the readers
/// return a stand-in (an empty text, the lowest number) so that reading can go on; what is made of it is never
/// returned, since `decode` throws when there was any mistake.
public struct ConfigurationTree: Sendable {
    /// The file as it was named to us.
    public let file: String
    let root: Node

    /// What a file's owner calls its format; every file begins with `schema: 1`.
    static let schemaKey = "schema"

    /// Reads the whole tree with `body`, which is given its top mapping. Throws every mistake that `body` met.
    public func decode<Value>(schema: Int, _ body: (inout Section) -> Value) throws(Problems) -> Value {
        let (value, problems) = try self.examine(schema: schema, body)
        guard problems.isEmpty else { throw Problems(problems) }
        return value
    }

    /// Like `decode`, but returns what could be read together with the mistakes, so that what hangs on several files
    /// can be checked too before all mistakes are told. A value that comes with mistakes is good for nothing else.
    public func examine<Value>(
        schema: Int, _ body: (inout Section) -> Value
    ) throws(Problems) -> (value: Value, problems: [Problem]) {
        let collector = ProblemCollector()
        guard case .mapping(let mapping) = self.root.content else {
            throw Problems([
                Problem(
                    self.root.position, "found \(self.root.phrase), expected keys and values, as in `schema: \(schema)`"
                )
            ])
        }
        var section = Section(mapping, at: self.root.position, collector)
        Self.checkSchema(&section, schema)
        let value = body(&section)
        section.finish()
        return (value, collector.problems)
    }

    private static func checkSchema(_ section: inout Section, _ schema: Int) {
        guard let value = section.value(Self.schemaKey) else {
            section.problem("key `\(Self.schemaKey)` is missing, this file must say `\(Self.schemaKey): \(schema)`")
            return
        }
        guard let found = value.int() else { return }
        if found != schema {
            value.problem(
                found > schema
                    ? "schema \(found) is newer than this program, which reads schema \(schema)"
                    : "schema \(found) is not known, this program reads schema \(schema)")
        }
    }
}

/// One node of the tree.
struct Node: Sendable {
    enum Content: Sendable {
        /// Text, and whether it was in quotes (or a block), so that it is never read as a number.
        case scalar(String, isQuoted: Bool)
        case list([Node])
        case mapping([Entry])
    }

    struct Entry: Sendable {
        let key: String
        let keyPosition: Position
        let value: Node
    }

    let position: Position
    let content: Content

    /// True for `key:` without a value, `~` and `null`.
    var isEmpty: Bool {
        guard case .scalar(let text, isQuoted: false) = self.content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// As a message names what was found.
    var phrase: String {
        switch self.content {
        case .mapping: "keys and values"
        case .list: "a list"
        case .scalar where self.isEmpty: "nothing"
        case .scalar(let text, _): "`\(Node.shown(text))`"
        }
    }

    /// A value in a message: one line, not too long.
    static func shown(_ text: String) -> String {
        let printable = text.unicodeScalars.prefix(60).map { scalar -> Character in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : Character(scalar)
        }
        return String(printable) + (text.unicodeScalars.count > 60 ? "..." : "")
    }
}
