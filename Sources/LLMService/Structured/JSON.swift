import Foundation

/// A JSON value whose members keep their order: models write the members of a schema in the order they stand in.
indirect enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])
    /// JSON text that somebody else wrote and we have checked.
    case raw(String)

    struct Member: Hashable, Sendable {
        let name: String
        let value: JSON
    }

    /// An object of those members that have a value.
    static func members(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        .object(members.compactMap { name, value in value.map { Member(name: name, value: $0) } })
    }

    /// The text. A number that JSON does not have is the caller's mistake, and refused.
    func text() throws(LLMError) -> String {
        var text = ""
        try self.write(to: &text)
        return text
    }

    private func write(to text: inout String) throws(LLMError) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value):
            guard value.isFinite else { throw LLMError(.invalidRequest, "\(value) is no number that JSON has") }
            text += "\(value)"
        case .string(let value): Self.write(value, to: &text)
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                try element.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                Self.write(member.name, to: &text)
                text += ":"
                try member.value.write(to: &text)
            }
            text += "}"
        case .raw(let value): text += value
        }
    }

    /// RFC 8259 section 7: quotation mark, backslash and everything below U+0020 must be escaped.
    private static func write(_ string: String, to text: inout String) {
        text += "\""
        if string.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) {
            for scalar in string.unicodeScalars {
                switch scalar.value {
                case 0x22: text += "\\\""
                case 0x5C: text += "\\\\"
                case 0x0A: text += "\\n"
                case 0..<0x10: text += "\\u000" + String(scalar.value, radix: 16)
                case 0x10..<0x20: text += "\\u00" + String(scalar.value, radix: 16)
                default: text.unicodeScalars.append(scalar)
                }
            }
        } else {
            text += string
        }
        text += "\""
    }

    /// JSON text of somebody else's; `nil` if it is none, or no object.
    static func object(parsing text: String) -> JSON? {
        let value = try? JSONSerialization.jsonObject(with: Data(text.utf8))
        return value is [String: Any] ? .raw(text) : nil
    }
}

extension JSON: Decodable {
    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            // Where the order is lost, the alphabet's is one that is always the same.
            self = .object(
                try object.allKeys.sorted { $0.stringValue < $1.stringValue }.map {
                    Member(name: $0.stringValue, value: try object.decode(JSON.self, forKey: $0))
                })
            return
        }
        if var array = try? decoder.unkeyedContainer() {
            var elements: [JSON] = []
            while !array.isAtEnd { elements.append(try array.decode(JSON.self)) }
            self = .array(elements)
            return
        }
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let value = try? single.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? single.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? single.decode(Double.self) {
            self = .number(value)
        } else {
            self = .string(try single.decode(String.self))
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
