/// Reads the first JSON value of a body as leniently as Go's decoder, and says what is wrong in Go's words. A reader
/// of its own, apart from the gateway's strict one: a test that tries to get past that one must not be judged by it.
struct JSONReader {
    /// What Go's decoder says.
    struct Problem: Error, Equatable {
        let text: String

        static let endOfFile = Problem(text: "EOF")
        static let unexpectedEnd = Problem(text: "unexpected EOF")
    }

    /// Go's own limit.
    private static let depthMax = 10_000

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// The first value in `bytes`; whatever follows it is ignored (`ollama.md` 1.11).
    static func read(_ bytes: [UInt8]) throws(Problem) -> JSONValue {
        var reader = JSONReader(bytes: bytes)
        reader.skipBlanks()
        guard reader.position < bytes.count else { throw .endOfFile }
        return try reader.value(looking: "looking for beginning of value")
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func skipBlanks() {
        while self.position < self.bytes.count {
            switch self.bytes[self.position] {
            case 0x20, 0x09, 0x0A, 0x0D: self.position += 1
            default: return
            }
        }
    }

    private func peek() throws(Problem) -> UInt8 {
        guard self.position < self.bytes.count else { throw .unexpectedEnd }
        return self.bytes[self.position]
    }

    private func invalid(_ context: String) -> Problem {
        guard self.position < self.bytes.count else { return .unexpectedEnd }
        let byte = self.bytes[self.position]
        let character =
            switch byte {
            case 0x27: "\\'"
            case 0x22: "\""
            case 0x5C: "\\\\"
            case 0x0A: "\\n"
            case 0x09: "\\t"
            case 0x0D: "\\r"
            case 0x20..<0x7F: String(UnicodeScalar(byte))
            case 0x80...: String(UnicodeScalar(byte))
            default:
                "\\x" + String(decoding: [[UInt8].hexDigit(byte >> 4), [UInt8].hexDigit(byte & 0xF)], as: UTF8.self)
            }
        return Problem(text: "invalid character '\(character)' \(context)")
    }

    private mutating func value(looking context: String) throws(Problem) -> JSONValue {
        switch try self.peek() {
        case UInt8(ascii: "{"): return .object(try self.object())
        case UInt8(ascii: "["): return .array(try self.array())
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "-"), 0x30...0x39: return .number(try self.number())
        case UInt8(ascii: "t"): return try self.literal("true", .bool(true))
        case UInt8(ascii: "f"): return try self.literal("false", .bool(false))
        case UInt8(ascii: "n"): return try self.literal("null", .null)
        default: throw self.invalid(context)
        }
    }

    private mutating func enter() throws(Problem) {
        self.position += 1
        self.depth += 1
        if self.depth > Self.depthMax { throw Problem(text: "exceeded max depth") }
    }

    private mutating func object() throws(Problem) -> JSONObject {
        try self.enter()
        defer { self.depth -= 1 }
        var object = JSONObject()
        self.skipBlanks()
        if try self.peek() == UInt8(ascii: "}") {
            self.position += 1
            return object
        }
        while true {
            self.skipBlanks()
            guard try self.peek() == 0x22 else { throw self.invalid("looking for beginning of object key string") }
            let key = try self.string()
            self.skipBlanks()
            guard try self.peek() == UInt8(ascii: ":") else { throw self.invalid("after object key") }
            self.position += 1
            self.skipBlanks()
            object.members.append(.init(key: key, value: try self.value(looking: "looking for beginning of value")))
            self.skipBlanks()
            switch try self.peek() {
            case UInt8(ascii: ","): self.position += 1
            case UInt8(ascii: "}"):
                self.position += 1
                return object
            default: throw self.invalid("after object key:value pair")
            }
        }
    }

    private mutating func array() throws(Problem) -> [JSONValue] {
        try self.enter()
        defer { self.depth -= 1 }
        var items: [JSONValue] = []
        self.skipBlanks()
        if try self.peek() == UInt8(ascii: "]") {
            self.position += 1
            return items
        }
        while true {
            self.skipBlanks()
            items.append(try self.value(looking: "looking for beginning of value"))
            self.skipBlanks()
            switch try self.peek() {
            case UInt8(ascii: ","): self.position += 1
            case UInt8(ascii: "]"):
                self.position += 1
                return items
            default: throw self.invalid("after array element")
            }
        }
    }

    private mutating func string() throws(Problem) -> JSONText {
        self.position += 1
        let start = self.position
        var hasEscapes = false
        while true {
            switch try self.peek() {
            case 0x22:
                self.position += 1
                return JSONText(raw: self.bytes[start..<self.position - 1], hasEscapes: hasEscapes)
            case 0x5C:
                hasEscapes = true
                try self.escape()
            case 0..<0x20: throw self.invalid("in string literal")
            default: self.position += 1
            }
        }
    }

    private mutating func escape() throws(Problem) {
        self.position += 1
        switch try self.peek() {
        case UInt8(ascii: "u"):
            self.position += 1
            for _ in 0..<4 {
                switch try self.peek() {
                case 0x30...0x39, 0x41...0x46, 0x61...0x66: self.position += 1
                default: throw self.invalid("in \\u hexadecimal character escape")
                }
            }
        case 0x22, 0x5C, 0x2F, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"),
            UInt8(ascii: "t"):
            self.position += 1
        default: throw self.invalid("in string escape code")
        }
    }

    private mutating func number() throws(Problem) -> ArraySlice<UInt8> {
        let start = self.position
        if self.bytes[start] == UInt8(ascii: "-") { self.position += 1 }
        if try self.peek() == 0x30 {
            self.position += 1
        } else {
            try self.digits("in numeric literal")
        }
        if self.position < self.bytes.count, self.bytes[self.position] == UInt8(ascii: ".") {
            self.position += 1
            try self.digits("after decimal point in numeric literal")
        }
        if self.position < self.bytes.count, self.bytes[self.position] | 0x20 == UInt8(ascii: "e") {
            self.position += 1
            if [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(try self.peek()) { self.position += 1 }
            try self.digits("in exponent of numeric literal")
        }
        return self.bytes[start..<self.position]
    }

    private mutating func digits(_ context: String) throws(Problem) {
        guard (0x30...0x39).contains(try self.peek()) else { throw self.invalid(context) }
        while self.position < self.bytes.count, (0x30...0x39).contains(self.bytes[self.position]) { self.position += 1 }
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(Problem) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard try self.peek() == word.utf8Start[index] else {
                let expected = String(UnicodeScalar(word.utf8Start[index]))
                throw self.invalid("in literal \(word) (expecting '\(expected)')")
            }
            self.position += 1
        }
        return value
    }
}
