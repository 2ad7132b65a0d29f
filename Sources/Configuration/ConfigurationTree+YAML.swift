import Vocabulary
import Yams

extension ConfigurationTree {
    /// Nesting beyond this is nobody's configuration.
    static let depthMax = 32

    /// Reads `bytes` as strict YAML: UTF-8, one document, no anchors, aliases, tags, merge keys or duplicate keys, all
    /// keys plain texts. A syntax error or a duplicate key ends the reading, the other mistakes come together.
    public static func read(_ bytes: [UInt8], file: String) throws(Problems) -> ConfigurationTree {
        guard bytes.count <= Bounds.configurationFile.count else {
            throw Problems([
                Problem(
                    file: file, "file is larger than \(Bounds.configurationFile.count) bytes, no configuration is")
            ])
        }
        let text = try Self.text(bytes, file: file)
        let problems = ProblemCollector()
        let root: Node?
        do {
            // Not the default encoding: Yams takes that from the environment.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            // A node holds its anchor weakly, the parser holds it in truth.
            root = try withExtendedLifetime(parser) { try parser.singleRoot() }
                .map { YAMLConversion(file: file, problems: problems, parser: parser).node($0, depth: 0) }
        } catch let error as YamlError {
            throw Problems([YAMLFault(error, text: text, file: file).problem])
        } catch {
            throw Problems([Problem(file: file, "cannot be read as YAML: \(error)")])
        }
        guard problems.problems.isEmpty else { throw Problems(problems.problems) }
        guard let root else { throw Problems([Problem(file: file, "file is empty, expected at least `schema: 1`")]) }
        return ConfigurationTree(file: file, root: root)
    }

    /// `bytes` without a byte order mark, if they are UTF-8.
    private static func text(_ bytes: [UInt8], file: String) throws(Problems) -> String {
        let bare = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        if let text = String(validating: bare, as: UTF8.self) { return text }
        // Repairing keeps everything before the first fault, so the first difference is where it is.
        let repaired = Array(String(decoding: bare, as: UTF8.self).utf8)
        let good = zip(bare, repaired).prefix { $0 == $1 }.count
        let lines = bare.prefix(good).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let column = String(decoding: lines.last ?? [], as: UTF8.self).unicodeScalars.count + 1
        throw Problems([
            Problem(
                Position(file: file, line: lines.count, column: column),
                "found a byte that is not UTF-8, save the file in that encoding")
        ])
    }
}

/// Turns the nodes of Yams into ours, and refuses what YAML has beyond them.
private struct YAMLConversion {
    let file: String
    let problems: ProblemCollector
    /// Kept for the anchors: see `ConfigurationTree.read`.
    let parser: Parser

    func node(_ node: Yams.Node, depth: Int) -> Node {
        let position = self.position(node.mark)
        guard self.isPlain(node, isKey: false, at: position), depth < ConfigurationTree.depthMax else {
            if depth >= ConfigurationTree.depthMax {
                self.problems.add(position, "nested more than \(ConfigurationTree.depthMax) levels deep")
            }
            // Not descended into: what an alias repeats could be repeated without end.
            return Node(position: position, content: .scalar("", isQuoted: false))
        }
        switch node {
        case .scalar(let scalar):
            let isQuoted = scalar.style != .plain && scalar.style != .any
            return Node(position: position, content: .scalar(scalar.string, isQuoted: isQuoted))
        case .sequence(let sequence):
            return Node(position: position, content: .list(sequence.map { self.node($0, depth: depth + 1) }))
        case .mapping(let mapping):
            return Node(position: position, content: .mapping(mapping.compactMap { self.entry($0, $1, depth: depth) }))
        case .alias:
            preconditionFailure("Yams replaces aliases while it composes")
        }
    }

    private func entry(_ key: Yams.Node, _ value: Yams.Node, depth: Int) -> Node.Entry? {
        let position = self.position(key.mark)
        guard case .scalar(let scalar) = key else {
            self.problems.add(position, "found a list or a mapping as a key, expected a plain word")
            return nil
        }
        guard self.isPlain(key, isKey: true, at: position) else { return nil }
        if scalar.string == "<<", scalar.style == .plain {
            self.problems.add(position, "merge keys (`<<`) are not used here, write the values out")
            return nil
        }
        return Node.Entry(key: scalar.string, keyPosition: position, value: self.node(value, depth: depth + 1))
    }

    /// Refuses anchors, what aliases point at, and tags.
    private func isPlain(_ node: Yams.Node, isKey: Bool, at position: Position) -> Bool {
        if let anchor = node.anchor {
            self.problems.add(
                position, "anchors and aliases (`&\(anchor.rawValue)`) are not used here, write the value out")
            return false
        }
        guard Self.isTagged(node, isKey: isKey) else { return true }
        self.problems.add(position, "tags (`!...`) are not used here, write the value alone")
        return false
    }

    /// Yams gives quoted text the tag of text, and a plain key too once it has compared it with the other keys; nothing
    /// else has a tag by itself. (`!!str` before quoted text cannot be told apart, and changes nothing.)
    private static func isTagged(_ node: Yams.Node, isKey: Bool) -> Bool {
        switch node {
        case .scalar(let scalar):
            switch scalar.tag.rawValue {
            case "": false
            case Tag.Name.str.rawValue: !isKey && scalar.style == .plain
            default: true
            }
        case .sequence(let sequence): sequence.tag.rawValue != ""
        case .mapping(let mapping): mapping.tag.rawValue != ""
        case .alias: true
        }
    }

    private func position(_ mark: Mark?) -> Position {
        Position(file: self.file, line: mark?.line ?? 1, column: mark?.column ?? 1)
    }
}
