/// Builds one JSON text for our own answers. Commas are its business; that the calls make sense is the caller's.
public struct JSONWriter: Sendable {
    /// What has been written.
    public private(set) var bytes: [UInt8] = []
    /// Is a value already there at this level, so that the next one needs a comma?
    private var needsComma = false

    /// An empty text, with room for `capacity` bytes.
    public init(capacity: Int = 256) {
        self.bytes.reserveCapacity(capacity)
    }

    /// Writes an object whose members `content` writes.
    public mutating func object(_ content: (inout JSONWriter) -> Void) {
        self.container(UInt8(ascii: "{"), content)
    }

    /// Writes an array whose elements `content` writes.
    public mutating func array(_ content: (inout JSONWriter) -> Void) {
        self.container(UInt8(ascii: "["), content)
    }

    private mutating func container(_ open: UInt8, _ content: (inout JSONWriter) -> Void) {
        self.comma()
        self.bytes.append(open)
        self.needsComma = false
        content(&self)
        self.bytes.append(open + 2)  // `}` is `{` + 2, `]` is `[` + 2.
        self.needsComma = true
    }

    /// Writes a key; its value comes next. The key must not need escapes.
    public mutating func key(_ name: StaticString) {
        self.comma()
        self.bytes.append(UInt8(ascii: "\""))
        self.bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        self.bytes.append(UInt8(ascii: "\""))
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    /// Writes a key of any text; its value comes next.
    mutating func key(utf8 name: some Collection<UInt8>) {
        self.comma()
        JSONText.append(name, to: &self.bytes)
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    /// Writes a string, escaped.
    public mutating func string(_ text: String) {
        self.comma()
        JSONText.append(text.utf8, to: &self.bytes)
    }

    /// Writes a string that is UTF-8 already, escaped.
    public mutating func string(utf8 text: [UInt8]) {
        self.comma()
        JSONText.append(text, to: &self.bytes)
    }

    /// Writes a string whose bytes stand between the quotes as they are: taken from between those of a checked text, or
    /// free of all that must be escaped; the caller vouches for it. What is large is copied once.
    public mutating func string(escaped text: ArraySlice<UInt8>) {
        self.string("", escaped: text)
    }

    /// As above, behind a `head`, which is escaped.
    mutating func string(_ head: String, escaped text: ArraySlice<UInt8>) {
        self.comma()
        JSONText.append(head.utf8, to: &self.bytes)
        self.bytes.removeLast()
        self.bytes.append(contentsOf: text)
        self.bytes.append(UInt8(ascii: "\""))
    }

    /// Writes a number, which must be finite.
    public mutating func number(_ number: Double) {
        self.comma()
        self.bytes.append(contentsOf: "\(number)".utf8)
    }

    /// Writes a whole number.
    public mutating func integer(_ number: Int) {
        self.comma()
        self.bytes.append(contentsOf: String(number).utf8)
    }

    /// Writes `true` or `false`.
    public mutating func bool(_ flag: Bool) {
        self.comma()
        self.bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }

    /// Writes `null`.
    public mutating func null() {
        self.comma()
        self.bytes.append(contentsOf: "null".utf8)
    }

    /// Writes a value that is JSON already; the caller vouches for it.
    public mutating func raw(_ json: some Sequence<UInt8>) {
        self.comma()
        self.bytes.append(contentsOf: json)
    }

    private mutating func comma() {
        if self.needsComma { self.bytes.append(UInt8(ascii: ",")) }
        self.needsComma = true
    }
}
