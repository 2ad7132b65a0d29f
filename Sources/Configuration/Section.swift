import Vocabulary

/// A mapping with fixed keys that is being read. It remembers what was asked for, so that the rest is unknown.
public struct Section {
    private let entries: [Node.Entry]
    private var asked: [String] = []
    /// Keys that are known, have been reported, and are offered to nobody.
    private var refused: [String] = []
    let collector: ProblemCollector
    /// Where the mapping begins.
    public let position: Position

    init(_ entries: [Node.Entry], at position: Position, _ collector: ProblemCollector) {
        self.entries = entries
        self.position = position
        self.collector = collector
    }

    // MARK: Any kind of value

    /// The value of `key`, or `nil` if the key is not there. A key without a value is a mistake, and not there.
    public mutating func value(_ key: String) -> Value? {
        self.asked.append(key)
        guard let entry = self.entries.first(where: { $0.key == key }) else { return nil }
        guard !entry.value.isEmpty else {
            self.collector.add(entry.keyPosition, "key `\(key)` has no value, write one or leave the key out")
            return nil
        }
        return Value(entry.value, self.collector)
    }

    /// True if `key` stands here, with or without a value.
    public func has(_ key: String) -> Bool { self.entries.contains { $0.key == key } }

    /// What `read` makes of `key`, which must be there; `nil` after a mistake.
    public mutating func read<T>(_ key: String, _ read: (Value) -> T?) -> T? {
        if let value = self.value(key) { return read(value) }
        if !self.has(key) { self.problem("key `\(key)` is missing") }
        return nil
    }

    /// What `read` makes of `key`, or `standard` if it is not there.
    public mutating func read<T>(_ key: String, default standard: @autoclosure () -> T, _ read: (Value) -> T?) -> T {
        self.value(key).flatMap(read) ?? standard()
    }

    /// What `read` makes of `key`, or `nil` if it is not there.
    public mutating func readIfPresent<T>(_ key: String, _ read: (Value) -> T?) -> T? {
        self.value(key).flatMap(read)
    }

    // MARK: Mistakes

    /// Reports `key` with a sentence of its own if it stands here: one that is known and not accepted.
    public mutating func refuse(_ key: String, _ message: String) {
        self.refused.append(key)
        if let entry = self.entries.first(where: { $0.key == key }) {
            self.collector.add(entry.keyPosition, message)
        }
    }

    /// Reports a mistake with this mapping as a whole.
    public func problem(_ message: String) {
        self.collector.add(self.position, message)
    }

    /// Reports a mistake with the value of `key`, or with the mapping if the key is not there.
    public func problem(with key: String, _ message: String) {
        self.collector.add(self.position(of: key), message)
    }

    /// The mistakes found in this file so far: who reads a part of it sees whether the part was good.
    public var problemCount: Int { self.collector.problems.count }

    /// Where the value of `key` stands, or the mapping if the key is not there: for checks that come later.
    public func position(of key: String) -> Position {
        self.entries.first { $0.key == key }?.value.position ?? self.position
    }

    /// Reports every key that nobody asked for.
    func finish() {
        let known = self.asked.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        for entry in self.entries where !known.contains(entry.key) && !self.refused.contains(entry.key) {
            let free = known.filter { !self.has($0) }
            let shown = "unknown key `\(Node.shown(entry.key))`"
            if let suggestion = nearest(to: entry.key, among: free) {
                self.collector.add(entry.keyPosition, "\(shown), did you mean `\(suggestion)`?")
            } else if let suggestion = nearest(to: entry.key, among: known) {
                self.collector.add(entry.keyPosition, "\(shown), `\(suggestion)` is already there")
            } else {
                let list = known.map { "`\($0)`" }.joined(separator: ", ")
                self.collector.add(entry.keyPosition, "\(shown), accepted here: \(list)")
            }
        }
    }
}
