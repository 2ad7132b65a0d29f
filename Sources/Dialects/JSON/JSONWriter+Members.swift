/// Members whose value is one text, number or flag, which most are.
extension JSONWriter {
    /// Writes a member that is a text.
    mutating func member(_ key: StaticString, _ text: String) {
        self.key(key)
        self.string(text)
    }

    /// Writes a member that is a whole number.
    mutating func member(_ key: StaticString, _ number: Int) {
        self.key(key)
        self.integer(number)
    }

    /// Writes a member that is a number, which must be finite.
    mutating func member(_ key: StaticString, _ number: Double) {
        self.key(key)
        self.raw(String(number).utf8)
    }

    /// Writes a member that is a flag.
    mutating func member(_ key: StaticString, _ flag: Bool) {
        self.key(key)
        self.bool(flag)
    }

    /// Writes a value that is JSON already on one line, for a record of a stream, which a line end would break. Line ends
    /// in JSON are white space: within a string they are escaped (RFC 8259 section 7).
    mutating func line(_ json: some Sequence<UInt8>) {
        self.raw(json.lazy.filter { $0 != 0x0A && $0 != 0x0D })
    }
}
