/// One value of a checked JSON text, read where it lies: nothing is copied until a string or number is asked for.
/// Looking up a member passes all members before it, which suits the few lookups we make; it is no dictionary.
public struct JSONView: Sendable {
    /// What kind of value it is.
    public enum Kind: Equatable, Sendable {
        case object
        case array
        case string
        case number
        case bool
        case null
    }

    private let text: ArraySlice<UInt8>

    /// Reads a whole text: grammar, UTF-8 and depth are checked, and that nothing follows the value.
    public init(_ bytes: [UInt8]) throws(JSONProblem) {
        try self.init(bytes[...])
    }

    /// As above, for a part of a larger buffer.
    public init(_ bytes: ArraySlice<UInt8>) throws(JSONProblem) {
        let range = try bytes.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = try JSONScanner.start(buffer)
            let start = cursor.at
            try cursor.skipValue(depth: 0)
            let end = cursor.at
            try cursor.expectEnd()
            return start..<end
        }
        self.text = bytes[(bytes.startIndex + range.lowerBound)..<(bytes.startIndex + range.upperBound)]
    }

    /// A value that has been checked already; `text` is exactly its bytes and not empty.
    init(checked text: ArraySlice<UInt8>) {
        self.text = text
    }

    /// The value's own bytes, as they stand in the text.
    public var bytes: ArraySlice<UInt8> { self.text }

    /// The kind, from the first byte.
    public var kind: Kind {
        switch self.text.first {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"), nil: .null
        default: .number
        }
    }

    /// The member called `name`, the last of several (as Go reads them); `nil` if there is none, if it is `null`, or
    /// if this is no object.
    public subscript(name: StaticString) -> JSONView? {
        let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        var found: JSONView?
        self.forEachMember { key, value in
            if key.elementsEqual(wanted) { found = value }
        }
        return found?.kind == .null ? nil : found
    }

    /// Calls `body` with each member's key (escapes resolved) and value; with nothing if this is no object.
    public func forEachMember(_ body: (_ key: ArraySlice<UInt8>, _ value: JSONView) -> Void) {
        guard self.kind == .object else { return }
        let text = self.text
        // The text has been checked, so nothing can be thrown here.
        try? text.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = JSONCursor(buffer)
            try cursor.object(depth: 0) { (key, isPlain, cursor) throws(JSONProblem) in
                let value = try Self.next(&cursor, in: text)
                let raw = text[(text.startIndex + key.lowerBound)..<(text.startIndex + key.upperBound)]
                body(isPlain ? raw : JSONText.unescaped(raw)[...], value)
            }
        }
    }

    /// Calls `body` with each element; with nothing if this is no array.
    public func forEachElement(_ body: (JSONView) -> Void) {
        guard self.kind == .array else { return }
        let text = self.text
        try? text.withUnsafeBufferPointer { (buffer) throws(JSONProblem) in
            var cursor = JSONCursor(buffer)
            try cursor.array(depth: 0) { (cursor) throws(JSONProblem) in
                body(try Self.next(&cursor, in: text))
            }
        }
    }

    private static func next(_ cursor: inout JSONCursor, in text: ArraySlice<UInt8>) throws(JSONProblem) -> JSONView {
        _ = try cursor.peek()
        let start = text.startIndex + cursor.at
        cursor.skipChecked()
        return JSONView(checked: text[start..<(text.startIndex + cursor.at)])
    }

    /// The elements, if this is an array.
    public var elements: [JSONView] {
        var elements: [JSONView] = []
        self.forEachElement { elements.append($0) }
        return elements
    }

    /// The first element, if this is an array that has one.
    public var first: JSONView? {
        var first: JSONView?
        self.forEachElement { if first == nil { first = $0 } }
        return first
    }

    /// Is this an object or an array without content, or an empty string?
    public var isEmpty: Bool {
        switch self.kind {
        case .string: return self.text.count == 2
        case .object, .array:
            let inner = self.text.dropFirst().dropLast()
            return inner.allSatisfy { $0 <= 0x20 }
        case .number, .bool, .null: return false
        }
    }

    /// The text, if this is a string.
    public var string: String? {
        self.quoted.map { inner in
            JSONText.holdsEscape(inner)
                ? JSONText.unescapedString(inner) : String(decoding: inner, as: UTF8.self)
        }
    }

    /// The text as UTF-8, if this is a string.
    public var stringBytes: [UInt8]? {
        self.quoted.map { JSONText.holdsEscape($0) ? JSONText.unescaped($0) : Array($0) }
    }

    /// What stands between the quotes, if this is a string.
    private var quoted: ArraySlice<UInt8>? {
        self.kind == .string ? self.text.dropFirst().dropLast() : nil
    }

    /// The flag, if this is `true` or `false`.
    public var bool: Bool? {
        self.kind == .bool ? self.text.first == UInt8(ascii: "t") : nil
    }

    /// The number, if this is one. `1e400` is infinite.
    public var double: Double? {
        self.kind == .number ? Double(String(decoding: self.text, as: UTF8.self)) : nil
    }

    /// The number without its fraction, clamped to 64 bits, if this is a number. Ollama reads integer options so.
    public var integer: Int? {
        guard self.kind == .number else { return nil }
        var value = 0
        var isNegative = false
        for (offset, byte) in self.text.enumerated() {
            if offset == 0, byte == UInt8(ascii: "-") {
                isNegative = true
                continue
            }
            let (product, tooLarge) = value.multipliedReportingOverflow(by: 10)
            guard (0x30...0x39).contains(byte), !tooLarge, product <= Int.max - 9 else { return self.clamped }
            value = product + Int(byte - 0x30)
        }
        return isNegative ? -value : value
    }

    private var clamped: Int? {
        guard let double = self.double else { return nil }
        if double >= 0x1p63 { return Int.max }
        return double <= -0x1p63 ? Int.min : Int(double)
    }
}
