import Vocabulary

/// The common kinds of values by name. Without a `default` the key must be there; after a mistake a stand-in is
/// returned, and `ConfigurationTree.decode` throws.
extension Section {
    /// A text.
    public mutating func text(_ key: String) -> String { self.read(key) { $0.text() } ?? "" }

    /// A text.
    public mutating func text(_ key: String, default standard: String) -> String {
        self.read(key, default: standard) { $0.text() }
    }

    /// `true` or `false`.
    public mutating func bool(_ key: String, default standard: Bool) -> Bool {
        self.read(key, default: standard) { $0.bool() }
    }

    /// A whole number.
    public mutating func int(_ key: String, in range: ClosedRange<Int> = .min ... .max) -> Int {
        self.read(key) { $0.int(in: range) } ?? range.lowerBound
    }

    /// A whole number.
    public mutating func int(
        _ key: String, default standard: Int, in range: ClosedRange<Int> = .min ... .max
    ) -> Int {
        self.read(key, default: standard) { $0.int(in: range) }
    }

    /// A length of time with its unit: `250ms`, `5s`, `2m`.
    public mutating func duration(
        _ key: String, default standard: Duration, in range: ClosedRange<Duration> = .zero ... .seconds(86_400 * 366)
    ) -> Duration {
        self.read(key, default: standard) { $0.duration(in: range) }
    }

    /// A number of bytes with its unit: `512KiB`, `32MiB`.
    public mutating func size(
        _ key: String, default standard: Bytes, in range: ClosedRange<Bytes> = Bytes(0)...Bytes(.max)
    ) -> Bytes {
        self.read(key, default: standard) { $0.size(in: range) }
    }

    /// One of the texts of `Choice`.
    public mutating func choice<Choice>(
        _ key: String, of choices: Choice.Type = Choice.self, default standard: Choice
    ) -> Choice where Choice: CaseIterable & RawRepresentable<String> {
        self.read(key, default: standard) { $0.choice(of: choices) }
    }

    /// Where to listen: `127.0.0.1:11430`, `[::1]:11430`, `unix:/run/gatehouse.sock`.
    public mutating func listenAddress(_ key: String, default standard: ListenAddress) -> ListenAddress {
        self.read(key, default: standard) { $0.listenAddress() }
    }

    /// A list, which must be there and hold something.
    public mutating func list<T>(_ key: String, _ read: (Value) -> T?) -> [T] {
        self.read(key) { value in
            if case .list(let nodes) = value.node.content, nodes.isEmpty {
                value.problem("found an empty list, expected at least one item")
            }
            return value.list(read)
        } ?? []
    }

    /// A list.
    public mutating func list<T>(_ key: String, default standard: [T], _ read: (Value) -> T?) -> [T] {
        self.read(key, default: standard) { $0.list(read) }
    }

    /// A mapping with fixed keys. If it is not there, `standard` is.
    public mutating func section<T>(
        _ key: String, default standard: @autoclosure () -> T, _ read: (inout Section) -> T?
    ) -> T {
        self.read(key, default: standard()) { $0.section(read) }
    }

    /// A mapping with fixed keys. If it is not there, `read` meets an empty one: every key has its default, and one
    /// that has none is missing.
    public mutating func section<T>(_ key: String, _ read: (inout Section) -> T) -> T {
        if let value = self.value(key), let result = value.section(read) { return result }
        // What is there but no mapping has been reported already; its missing keys would be noise.
        var empty = Section([], at: self.position(of: key), self.has(key) ? ProblemCollector() : self.collector)
        return read(&empty)
    }

    /// A mapping whose keys are names that the operator chose; empty if it is not there.
    public mutating func entries<T>(_ key: String, _ read: (Name, Value) -> T?) -> [T] {
        self.read(key, default: []) { $0.entries(read) }
    }
}
