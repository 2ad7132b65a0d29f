import Foundation

/// What a value must look like, as JSON Schema: for `Structured` types and for what tools take.
///
/// All properties of an object are required and no others are allowed, which is what servers can force a model to keep
/// to; what may be missing is `.optional`, and `null` then.
public struct JSONSchema: Hashable, Sendable {
    let json: JSON

    /// A text.
    public static let string = JSONSchema(json: .members(["type": .string("string")]))
    /// A whole number.
    public static let integer = JSONSchema(json: .members(["type": .string("integer")]))
    /// A number.
    public static let number = JSONSchema(json: .members(["type": .string("number")]))
    /// True or false.
    public static let boolean = JSONSchema(json: .members(["type": .string("boolean")]))

    /// One of these texts.
    public static func oneOf(_ texts: [String]) -> JSONSchema {
        JSONSchema(json: .members(["type": .string("string"), "enum": .array(texts.map(JSON.string))]))
    }

    /// One of the cases of an enum.
    public static func oneOf<Choice: CaseIterable & RawRepresentable<String>>(_ type: Choice.Type) -> JSONSchema {
        .oneOf(type.allCases.map(\.rawValue))
    }

    /// A list.
    public static func array(of element: JSONSchema) -> JSONSchema {
        JSONSchema(json: .members(["type": .string("array"), "items": element.json]))
    }

    /// An object. The model writes the properties in this order: what needs thought goes last.
    public static func object(_ properties: KeyValuePairs<String, JSONSchema>) -> JSONSchema {
        JSONSchema(
            json: .members([
                "type": .string("object"),
                "properties": .object(properties.map { JSON.Member(name: $0.key, value: $0.value.json) }),
                "required": .array(properties.map { .string($0.key) }),
                "additionalProperties": .bool(false),
            ]))
    }

    /// The same, or `null`.
    public var optional: JSONSchema {
        JSONSchema(json: .members(["anyOf": .array([self.json, .members(["type": .string("null")])])]))
    }

    /// The same, with words that tell the model what is meant.
    public func described(_ text: String) -> JSONSchema {
        guard case .object(let members) = self.json else { return self }
        return JSONSchema(json: .object(members + [JSON.Member(name: "description", value: .string(text))]))
    }

    /// A schema that somebody else wrote. Throws `invalidRequest` if it is no JSON object.
    public init(text: String) throws(LLMError) {
        guard let json = JSON.object(parsing: text) else {
            throw LLMError(.invalidRequest, "a schema is a JSON object, and this text is none")
        }
        self.json = json
    }

    private init(json: JSON) { self.json = json }
}
