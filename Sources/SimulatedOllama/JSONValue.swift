/// A JSON value as Go reads one. Strings and numbers stay where they are in the body until somebody asks for them.
enum JSONValue {
    case null
    case bool(Bool)
    case number(ArraySlice<UInt8>)
    case string(JSONText)
    case array([JSONValue])
    case object(JSONObject)

    /// Go's word for the kind, as in `cannot unmarshal number into`.
    var kind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    var isNull: Bool {
        if case .null = self { true } else { false }
    }

    var text: JSONText? {
        if case .string(let text) = self { text } else { nil }
    }

    var string: String? { self.text?.string }

    var bool: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    var items: [JSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }

    var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The number, if it is one and finite.
    var double: Double? {
        guard case .number(let digits) = self else { return nil }
        return Double(String(decoding: digits, as: UTF8.self))
    }

    /// The number, if it is a whole one that fits.
    var int: Int? {
        guard case .number(let digits) = self else { return nil }
        if let int = Int(String(decoding: digits, as: UTF8.self)) { return int }
        return self.double.flatMap { Int(exactly: $0) }
    }

    /// Writes the value with the members of every object in order of their names, as Go writes a `map`.
    func write(into out: inout [UInt8]) {
        switch self {
        case .null: out.put("null")
        case .bool(let bool): out.put(bool ? "true" : "false")
        case .number(let digits): out.append(contentsOf: digits)
        case .string(let text): out.put(quoted: text.bytes)
        case .array(let items):
            out.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                item.write(into: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let object): object.write(into: &out)
        }
    }
}

/// The inside of a JSON string, where it stands in the body.
struct JSONText {
    let raw: ArraySlice<UInt8>
    let hasEscapes: Bool

    var isEmpty: Bool { self.raw.isEmpty }

    var string: String { String(decoding: self.bytes, as: UTF8.self) }

    /// The bytes that are meant. As in Go, a lone surrogate becomes U+FFFD.
    var bytes: [UInt8] {
        guard self.hasEscapes else { return Array(self.raw) }
        var out: [UInt8] = []
        out.reserveCapacity(self.raw.count)
        var rest = self.raw
        while let byte = rest.popFirst() {
            guard byte == 0x5C, let escape = rest.popFirst() else {
                out.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "n"): out.append(0x0A)
            case UInt8(ascii: "r"): out.append(0x0D)
            case UInt8(ascii: "t"): out.append(0x09)
            case UInt8(ascii: "b"): out.append(0x08)
            case UInt8(ascii: "f"): out.append(0x0C)
            case UInt8(ascii: "u"): out.append(contentsOf: String(Self.scalar(from: &rest)).utf8)
            default: out.append(escape)
            }
        }
        return out
    }

    private static func scalar(from rest: inout ArraySlice<UInt8>) -> Unicode.Scalar {
        let first = Self.unit(from: &rest)
        if (0xD800...0xDBFF).contains(first), rest.starts(with: [0x5C, UInt8(ascii: "u")]) {
            var ahead = rest.dropFirst(2)
            let second = Self.unit(from: &ahead)
            if (0xDC00...0xDFFF).contains(second) {
                rest = ahead
                return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
            }
        }
        return Unicode.Scalar(first) ?? "\u{FFFD}"
    }

    private static func unit(from rest: inout ArraySlice<UInt8>) -> UInt32 {
        let digits = rest.prefix(4)
        rest = rest.dropFirst(4)
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0xFFFD
    }
}

/// A JSON object, its members in the order of the body, duplicates included.
struct JSONObject {
    struct Member {
        let key: JSONText
        let value: JSONValue
    }

    var members: [Member] = []

    /// The value that Go would leave in a field of this name: keys are compared without regard to case, the last one
    /// wins, and `null` leaves what was there before (`ollama.md` 1.11).
    func field(_ name: StaticString) -> JSONValue? {
        self.members.last { !$0.value.isNull && Self.folds($0.key, to: name) }?.value
    }

    /// As `field`, but for a pointer in Go: there `null` takes back what an earlier duplicate said.
    func pointerField(_ name: StaticString) -> JSONValue? {
        guard let value = self.members.last(where: { Self.folds($0.key, to: name) })?.value, !value.isNull else {
            return nil
        }
        return value
    }

    /// The value that Go finds in a `map`: exact spelling, the last one wins.
    func exact(_ name: StaticString) -> JSONValue? {
        self.members.last { member in
            member.key.hasEscapes
                ? member.key.bytes.elementsEqual(Self.bytes(name)) : member.key.raw.elementsEqual(Self.bytes(name))
        }?.value
    }

    func write(into out: inout [UInt8]) {
        let named = self.members.map { (key: $0.key.bytes, value: $0.value) }
        let sorted = named.enumerated().sorted { left, right in
            left.element.key == right.element.key
                ? left.offset < right.offset : left.element.key.lexicographicallyPrecedes(right.element.key)
        }
        out.append(UInt8(ascii: "{"))
        var isFirst = true
        for (position, entry) in sorted.enumerated() {
            let isRepeated = position + 1 < sorted.count && sorted[position + 1].element.key == entry.element.key
            if isRepeated { continue }
            if !isFirst { out.append(UInt8(ascii: ",")) }
            isFirst = false
            out.put(quoted: entry.element.key)
            out.append(UInt8(ascii: ":"))
            entry.element.value.write(into: &out)
        }
        out.append(UInt8(ascii: "}"))
    }

    private static func bytes(_ name: StaticString) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    }

    /// Go's folding of names: ASCII letters without case, and the two other letters that Unicode folds to ASCII ones,
    /// U+017F to `s` and U+212A to `k`. `name` is in lower case.
    private static func folds(_ key: JSONText, to name: StaticString) -> Bool {
        if !key.hasEscapes, key.raw.count == name.utf8CodeUnitCount {
            return zip(key.raw, Self.bytes(name)).allSatisfy { Self.lower($0) == $1 }
        }
        guard key.raw.count > name.utf8CodeUnitCount else { return false }
        var rest = key.bytes[...]
        var folded: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == 0xC5, rest.first == 0xBF {
                rest = rest.dropFirst()
                folded.append(UInt8(ascii: "s"))
            } else if byte == 0xE2, rest.starts(with: [0x84, 0xAA]) {
                rest = rest.dropFirst(2)
                folded.append(UInt8(ascii: "k"))
            } else {
                folded.append(Self.lower(byte))
            }
        }
        return folded.elementsEqual(Self.bytes(name))
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
