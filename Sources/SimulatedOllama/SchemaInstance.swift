/// Writes the smallest value that a JSON schema allows, as far as the common keywords go: `const`, `enum`, `$ref`,
/// `anyOf`, `oneOf`, `allOf` (the first), `type`, `required`, `minItems`, `minimum`, `minLength`.
struct SchemaInstance {
    /// Schemas may refer to themselves; deeper values are `null`.
    private static let depthMax = 16

    private let root: JSONValue
    /// What stands for a free string.
    private let word: [UInt8]

    /// An instance of `schema`, with `word` for every free string.
    static func make(of schema: JSONValue, word: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        SchemaInstance(root: schema, word: word).write(schema, depth: 0, into: &out)
        return out
    }

    private func write(_ schema: JSONValue, depth: Int, into out: inout [UInt8]) {
        guard depth < Self.depthMax, let object = schema.object else {
            out.put("null")
            return
        }
        if let value = object.exact("const") ?? object.exact("enum")?.items?.first {
            return value.write(into: &out)
        }
        if let target = object.exact("$ref")?.string {
            return self.write(self.resolve(target), depth: depth + 1, into: &out)
        }
        for name: StaticString in ["anyOf", "oneOf", "allOf"] {
            if let first = object.exact(name)?.items?.first { return self.write(first, depth: depth + 1, into: &out) }
        }
        self.write(object, type: Self.type(of: object), depth: depth, into: &out)
    }

    private static func type(of object: JSONObject) -> String {
        if let name = object.exact("type")?.string ?? object.exact("type")?.items?.first?.string { return name }
        return object.exact("properties") == nil ? "null" : "object"
    }

    private func write(_ object: JSONObject, type: String, depth: Int, into out: inout [UInt8]) {
        switch type {
        case "object": self.writeObject(object, depth: depth, into: &out)
        case "array": self.writeArray(object, depth: depth, into: &out)
        case "string": self.writeString(object, into: &out)
        case "integer", "number":
            if let minimum = object.exact("minimum"), case .number = minimum {
                minimum.write(into: &out)
            } else {
                out.put("1")
            }
        case "boolean": out.put("true")
        default: out.put("null")
        }
    }

    private func writeObject(_ object: JSONObject, depth: Int, into out: inout [UInt8]) {
        let properties = object.exact("properties")?.object?.members ?? []
        let required = object.exact("required")?.items?.compactMap { $0.text?.bytes }
        out.put("{")
        var isFirst = true
        for property in properties where required?.contains(property.key.bytes) ?? true {
            if !isFirst { out.put(",") }
            isFirst = false
            out.put(quoted: property.key.bytes)
            out.put(":")
            self.write(property.value, depth: depth + 1, into: &out)
        }
        out.put("}")
    }

    private func writeArray(_ object: JSONObject, depth: Int, into out: inout [UInt8]) {
        let count = min(64, max(0, object.exact("minItems")?.int ?? 0))
        out.put("[")
        for index in 0..<count {
            if index > 0 { out.put(",") }
            self.write(object.exact("items") ?? .null, depth: depth + 1, into: &out)
        }
        out.put("]")
    }

    private func writeString(_ object: JSONObject, into out: inout [UInt8]) {
        var text = self.word
        let least = min(4096, object.exact("minLength")?.int ?? 0)
        while text.count < least { text.append(UInt8(ascii: "x")) }
        if let most = object.exact("maxLength")?.int, most >= 0 { text = Array(text.prefix(most)) }
        out.put(quoted: text)
    }

    /// `#/$defs/Name`, as the usual generators write it.
    private func resolve(_ target: String) -> JSONValue {
        var value = self.root
        for step in target.split(separator: "/") where step != "#" {
            guard let next = value.object?.members.last(where: { $0.key.string == step })?.value else { return .null }
            value = next
        }
        return value
    }
}
