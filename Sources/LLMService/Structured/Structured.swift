import Foundation

/// A value that a model can be asked for.
///
/// ```swift
/// struct Invoice: Structured {
///     var number: String
///     var total: Double
///     var due: String?
///
///     static let schema = JSONSchema.object([
///         "number": .string, "total": .number.described("in euro, with tax"), "due": .string.optional,
///     ])
/// }
/// let invoice = try await service.chat(request, as: Invoice.self)
/// ```
public protocol Structured: Decodable, Sendable {
    /// What it looks like; its properties are named as the type's coding keys are.
    static var schema: JSONSchema { get }
}

extension LLMService {
    /// Asks for a value. Throws `LLMError.Kind.unreadableOutput`, with what the model said, if that is none.
    public func chat<Value: Structured>(_ request: ChatRequest, as type: Value.Type) async throws(LLMError) -> Value {
        try await self.chat(request, as: type, schema: type.schema)
    }

    /// Asks for a value of a type that does not say what it looks like.
    public func chat<Value: Decodable>(
        _ request: ChatRequest, as type: Value.Type, schema: JSONSchema
    ) async throws(LLMError) -> Value {
        var request = request
        request.format = .schema(schema, name: ModelOutput.name(of: type))
        return try await self.chat(request).value(as: type)
    }
}

extension ChatReply {
    /// The answer as a value. Throws `LLMError.Kind.unreadableOutput` if it is none, with a reason if the answer was cut
    /// or declined.
    public func value<Value: Decodable>(as type: Value.Type) throws(LLMError) -> Value {
        do throws(LLMError) {
            return try ModelOutput(self.text).value(of: type, from: "the answer")
        } catch {
            var error = error
            error.requestID = self.origin.requestID
            switch self.stop {
            case .length: error.message += "; it was cut at the bound on its tokens"
            case .contentFilter: error.message += "; it was declined or filtered"
            case .toolCalls: error.message += "; the model calls tools, whose results must be answered first"
            case .stop, .other: break
            }
            throw error
        }
    }
}

/// JSON that a model wrote: perhaps within a fence of Markdown, perhaps with words before and behind.
struct ModelOutput {
    private let text: String

    init(_ text: String) { self.text = text }

    func value<Value: Decodable>(of type: Value.Type, from place: String) throws(LLMError) -> Value {
        var problem: String?
        for candidate in self.candidates {
            do { return try JSONDecoder().decode(type, from: Data(candidate.utf8)) } catch {
                problem = problem ?? Self.words(for: error)
            }
        }
        throw LLMError(.unreadableOutput, "\(place) is no \(type): \(problem ?? "it has no JSON")", text: self.text)
    }

    /// What may be the JSON: all of it, what stands in the first fence, all from the first brace or bracket to the last.
    private var candidates: [Substring] {
        let all = self.text.trimmingPrefix(while: \.isWhitespace)
        var candidates = [all]
        if let open = all.firstRange(of: "```"), let line = all[open.upperBound...].firstIndex(where: \.isNewline),
            let close = all[line...].firstRange(of: "```")
        {
            candidates.append(all[line..<close.lowerBound])
        }
        if let first = all.firstIndex(where: { $0 == "{" || $0 == "[" }),
            let last = all.lastIndex(where: { $0 == "}" || $0 == "]" }), first < last
        {
            candidates.append(all[first...last])
        }
        return candidates
    }

    /// Where it went wrong, without a word of what the model said; `nil` where it is not even JSON.
    static func words(for error: any Error) -> String? {
        func place(_ context: DecodingError.Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
            return path.isEmpty ? "the value" : "`\(path.joined(separator: "."))`"
        }
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "`\((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))` is missing"
        case DecodingError.valueNotFound(_, let context): return "\(place(context)) is null"
        case DecodingError.typeMismatch(let type, let context): return "\(place(context)) is no \(type)"
        case DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "\(place(context)) has no allowed value"
        default: return nil
        }
    }

    /// A type's name as a schema may be called: letters, digits, `_` and `-`, at most 64 (OpenAI API reference, Create
    /// chat completion, `json_schema.name`).
    static func name<Value>(of type: Value.Type) -> String {
        let name = String(describing: type).unicodeScalars.map { scalar in
            scalar.isASCII && scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) ? Character(scalar) : "_"
        }
        return String(name.prefix(64))
    }
}
