import Vocabulary

/// A value whose meaning is about to be read. Each reader returns `nil` after it has reported what is wrong.
public struct Value {
    let node: Node
    let collector: ProblemCollector

    init(_ node: Node, _ collector: ProblemCollector) {
        self.node = node
        self.collector = collector
    }

    /// Where the value stands.
    public var position: Position { self.node.position }

    /// Reports a mistake with this value.
    public func problem(_ message: String) {
        self.collector.add(self.node.position, message)
    }

    /// The mistakes found in this file so far: who reads a part of it sees whether the part was good.
    public var problemCount: Int { self.collector.problems.count }

    /// Reports that something else was expected.
    func unexpected(_ expected: String) {
        self.problem("found \(self.node.phrase), expected \(expected)")
    }

    // MARK: Scalars

    /// Any text, in quotes or not, but not nothing. Numbers and `true` are texts too if a text is wanted.
    public func text() -> String? { self.scalar("a text") }

    /// True if the value is this text; nothing is reported.
    public func says(_ word: String) -> Bool {
        guard case .scalar(let text, _) = self.node.content else { return false }
        return text == word
    }

    private func scalar(_ expected: String) -> String? {
        guard case .scalar(let text, _) = self.node.content, !self.node.isEmpty, !text.isEmpty else {
            if case .scalar("", isQuoted: true) = self.node.content {
                self.problem("found an empty text, expected \(expected)")
            } else {
                self.unexpected(expected)
            }
            return nil
        }
        return text
    }

    /// A text that `parse` understands; what it throws away as `nil` was expected to be `expected`, as in "a network".
    public func parsed<T>(_ expected: String, _ parse: (String) -> T?) -> T? {
        guard let text = self.scalar(expected) else { return nil }
        guard let value = parse(text) else {
            self.unexpected(expected)
            return nil
        }
        return value
    }

    /// A text that `parse` understands or refuses with a sentence of its own, told by `message`.
    public func parsed<T, Refusal: Error>(
        _ expected: String, message: (Refusal) -> String, _ parse: (String) throws(Refusal) -> T
    ) -> T? {
        guard let text = self.scalar(expected) else { return nil }
        do throws(Refusal) {
            return try parse(text)
        } catch {
            self.problem(message(error))
            return nil
        }
    }

    /// `true` or `false`. YAML's other words for them are refused: `no` is also a country.
    public func bool() -> Bool? {
        guard case .scalar(let text, isQuoted: false) = self.node.content, text == "true" || text == "false" else {
            self.unexpected("`true` or `false`")
            return nil
        }
        return text == "true"
    }

    /// A whole number in plain decimal, within `range`.
    public func int(in range: ClosedRange<Int> = .min ... .max) -> Int? {
        let expected = Self.phrase(of: range)
        guard case .scalar(let text, isQuoted: false) = self.node.content, let number = Self.decimal(text) else {
            self.unexpected(expected)
            return nil
        }
        guard range.contains(number) else {
            self.unexpected(expected)
            return nil
        }
        return number
    }

    private static func decimal(_ text: String) -> Int? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != 0x30
        else { return nil }
        return Int(text)
    }

    private static func phrase(of range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "a whole number"
        case (let lowest, .max): "a whole number from \(lowest) up"
        case (.min, let highest): "a whole number up to \(highest)"
        case (let lowest, let highest): "a whole number from \(lowest) to \(highest)"
        }
    }

    /// One of the texts of `Choice`.
    public func choice<Choice>(of choices: Choice.Type = Choice.self) -> Choice?
    where Choice: CaseIterable & RawRepresentable<String> {
        let accepted = Choice.allCases.map(\.rawValue)
        let list = accepted.map { "`\($0)`" }.joined(separator: ", ")
        guard let text = self.scalar("one of \(list)") else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let suggestion = nearest(to: text, among: accepted).map { ", did you mean `\($0)`?" } ?? ","
        self.problem("found \(self.node.phrase)\(suggestion) expected one of \(list)")
        return nil
    }

    /// A text that is not shown in messages and logs.
    public func secret() -> Secret? {
        guard case .scalar(let text, _) = self.node.content, !self.node.isEmpty, !text.isEmpty else {
            self.problem("found no text, expected a secret")
            return nil
        }
        return Secret(text)
    }

    // MARK: Collections

    /// Whether it is a mapping: for values of which nothing may be shown if they are not.
    public var isMapping: Bool {
        if case .mapping = self.node.content { return true }
        return false
    }

    /// A list, each item read by `read`; items that have a mistake are left out.
    public func list<T>(_ read: (Value) -> T?) -> [T] {
        guard case .list(let nodes) = self.node.content else {
            self.unexpected("a list, one `- ` line for each item")
            return []
        }
        return nodes.compactMap { read(Value($0, self.collector)) }
    }

    /// A mapping with fixed keys, read by `read`. Keys that it does not ask for are reported.
    public func section<T>(_ read: (inout Section) -> T?) -> T? {
        guard case .mapping(let entries) = self.node.content else {
            self.unexpected("keys and values")
            return nil
        }
        var section = Section(entries, at: self.node.position, self.collector)
        let value = read(&section)
        section.finish()
        return value
    }

    /// A mapping whose keys are names that the operator chose, in the order of the file.
    public func entries<T>(_ read: (Name, Value) -> T?) -> [T] {
        guard case .mapping(let entries) = self.node.content else {
            self.unexpected("names and what they stand for")
            return []
        }
        return entries.compactMap { entry in
            let name = Name(entry.key, at: entry.keyPosition, self.collector)
            return read(name, Value(entry.value, self.collector))
        }
    }
}

/// A key that the operator chose, as in `zones: {lab: ...}`, with its place.
public struct Name {
    /// The key as written.
    public let text: String
    /// Where it stands.
    public let position: Position
    private let collector: ProblemCollector

    init(_ text: String, at position: Position, _ collector: ProblemCollector) {
        self.text = text
        self.position = position
        self.collector = collector
    }

    /// Reports a mistake with this name.
    public func problem(_ message: String) {
        self.collector.add(self.position, message)
    }
}
