/// A JSON Schema as Anthropic enforces it, for the form of an answer and for strict tools. Its API refuses what it cannot
/// turn into a grammar, so this is a list of what goes.
///
/// Every object must forbid members that it does not name; to have none is within what the caller allows, so that is no
/// loss. A map without named members could only ever be empty: a demand. Bounds on numbers, lengths and counts are hints, as
/// the answer keeps its form without them, and Anthropic's own SDKs take them out too. `oneOf` goes as `anyOf`.
///
/// Source: Anthropic's documentation, "Structured outputs", JSON Schema limitations.
struct AnthropicSchema {
    /// How losses name it, with a dot behind: `response_format.`.
    private let place: String
    private var losses: Losses

    /// The schema to send for `schema`, which is JSON.
    static func written(_ schema: [UInt8], at place: String, _ losses: inout Losses) -> [UInt8] {
        var writer = AnthropicSchema(place: place, losses: losses)
        var json = JSONWriter(capacity: schema.count + 64)
        writer.write(JSONView(checked: schema[...]), &json)
        losses = writer.losses
        return json.bytes
    }

    private mutating func write(_ schema: JSONView, _ json: inout JSONWriter) {
        // `true` and `false` are schemas too.
        guard schema.kind == .object else { return json.raw(schema.bytes) }
        var members: [(key: ArraySlice<UInt8>, value: JSONView)] = []
        schema.forEachMember { members.append(($0, $1)) }
        let named = members.contains { $0.key.equals("properties") && !$0.value.isEmpty }
        let isObject = named || schema["type"]?.string == "object"
        json.object { out in
            for (key, value) in members { self.member(key, value, hasNamed: named, &out) }
            if isObject { out.member("additionalProperties", false) }
        }
    }

    private mutating func member(
        _ key: ArraySlice<UInt8>, _ value: JSONView, hasNamed: Bool, _ out: inout JSONWriter
    ) {
        switch key {
        case "type", "enum", "const", "$ref", "description", "title", "default", "required", "pattern":
            out.key(utf8: key)
            out.raw(value.bytes)
        case "properties", "$defs", "definitions":
            out.key(utf8: key)
            self.named(value, &out)
        case "items":
            out.key("items")
            self.write(value, &out)
        case "anyOf", "allOf": self.list(key, value, &out)
        case "oneOf":
            self.note("oneOf", .hint)
            self.list(ArraySlice("anyOf".utf8), value, &out)
        case "additionalProperties":
            if value.bool != false, !hasNamed { self.note("additionalProperties", .demand) }
        case "minItems" where value.integer == 0 || value.integer == 1:
            out.member("minItems", value.integer ?? 0)
        case "format" where Self.formats.contains(value.string ?? ""):
            out.member("format", value.string ?? "")
        // Remarks, which allow and forbid nothing.
        case "$schema", "$id", "$anchor", "$comment", "examples", "deprecated", "readOnly", "writeOnly": break
        default: self.note(String(decoding: key, as: UTF8.self), .hint)
        }
    }

    /// The formats of texts that are enforced.
    private static let formats: Set<String> = [
        "date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid",
    ]

    private mutating func named(_ schemas: JSONView, _ out: inout JSONWriter) {
        var members: [(key: ArraySlice<UInt8>, value: JSONView)] = []
        schemas.forEachMember { members.append(($0, $1)) }
        out.object { out in
            for (key, value) in members {
                out.key(utf8: key)
                self.write(value, &out)
            }
        }
    }

    private mutating func list(_ key: ArraySlice<UInt8>, _ schemas: JSONView, _ out: inout JSONWriter) {
        out.key(utf8: key)
        out.array { out in
            for schema in schemas.elements { self.write(schema, &out) }
        }
    }

    private mutating func note(_ keyword: String, _ weight: Losses.Weight) {
        self.losses.note(self.place + keyword, weight)
    }
}
