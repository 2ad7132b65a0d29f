/// `POST /v1/embeddings`, both ways.
///
/// Source: OpenAI API reference, "Create embeddings" and "The embedding object".
enum OpenAIEmbeddings {
    /// In what form a client wants its vectors (`encoding_format`).
    enum Encoding: String, Equatable, Sendable {
        case float
        case base64
    }

    /// Reads a client's body. Numbers of tokens mean something to one model alone and are refused.
    static func decode(
        _ body: JSONView, _ losses: inout Losses
    ) throws(BodyRefusal) -> (request: EmbeddingRequest, encoding: Encoding) {
        var request = EmbeddingRequest(inputs: [])
        var encoding = Encoding.float
        var hasInput = false
        try body.eachMember { (key, value) throws(BodyRefusal) in
            if value.isNull { return }
            switch key {
            case "input":
                request.inputs = try Self.inputs(value)
                hasInput = true
            case "dimensions":
                let length = try OpenAIField.integer(value, "dimensions")
                guard length > 0 else { throw .field("dimensions", "must be above 0") }
                request.dimensions = length
            case "encoding_format":
                guard let known = value.string.flatMap(Encoding.init(rawValue:)) else {
                    throw .field("encoding_format", "must be float or base64")
                }
                encoding = known
            default: OpenAILosses.note(key, value, &losses)
            }
        }
        guard hasInput else { throw .field("input", "is required") }
        return (request, encoding)
    }

    /// What `input` must be wherever it is not passed to a model of OpenAI's.
    static let expectation =
        "must be a string or an array of strings; numbers of tokens mean something to one model alone, so send the text "
        + "(LangChain's OpenAIEmbeddings does with check_embedding_ctx_length=False)"

    private static func inputs(_ value: JSONView) throws(BodyRefusal) -> [String] {
        if let text = value.string { return [text] }
        guard value.kind == .array else { throw .field("input", Self.expectation) }
        var texts: [String] = []
        try value.eachElement { (element) throws(BodyRefusal) in
            guard let text = element.string else { throw .field("input", Self.expectation) }
            texts.append(text)
        }
        return texts
    }

    /// The body for a server with OpenAI's API, which answers with numbers unless it is asked otherwise.
    static func encode(_ request: EmbeddingRequest, for target: TranslationTarget) -> [UInt8] {
        var json = JSONWriter(capacity: request.inputs.reduce(64) { $0 + $1.utf8.count + 8 })
        json.object { body in
            body.member("model", target.model)
            body.key("input")
            body.array { list in
                for text in request.inputs { list.string(text) }
            }
            if let length = request.dimensions { body.member("dimensions", length) }
        }
        return json.bytes
    }

    /// Reads a server's answer; `nil` if it holds no vectors. They stand in the order of their indexes.
    static func decodeAnswer(_ body: JSONView) -> EmbeddingAnswer? {
        var answer = EmbeddingAnswer(vectors: [])
        var data: JSONView?
        body.forEachMember { key, value in
            switch key {
            case "data": data = value
            case "model": answer.model = value.string.filled
            case "usage": OpenAIUsage.read(value, into: &answer.usage)
            default: break
            }
        }
        guard let data, data.kind == .array else { return nil }
        var vectors: [(index: Int, vector: EmbeddingVector)] = []
        var isWhole = true
        data.forEachElement { element in
            guard let embedding = element["embedding"] else {
                isWhole = false
                return
            }
            let index = element["index"]?.integer ?? vectors.count
            switch embedding.kind {
            case .array: vectors.append((index, .json(Array(embedding.bytes))))
            case .string: vectors.append((index, .base64(embedding.stringBytes ?? [])))
            case .object, .number, .bool, .null: isWhole = false
            }
        }
        guard isWhole else { return nil }
        // The sort keeps the order of equal indexes, which some servers give all of them.
        answer.vectors = vectors.enumerated().sorted { ($0.element.index, $0.offset) < ($1.element.index, $1.offset) }
            .map(\.element.vector)
        return answer
    }

    /// The answer for a client that asked for `encoding`; `nil` if a vector is none. `model` is told where the server
    /// names none.
    static func encodeAnswer(_ answer: EmbeddingAnswer, as encoding: Encoding, model: String) -> [UInt8]? {
        var vectors: [[UInt8]] = []
        for vector in answer.vectors {
            guard let value = Self.value(of: vector, as: encoding) else { return nil }
            vectors.append(value)
        }
        var json = JSONWriter(capacity: vectors.reduce(256) { $0 + $1.count + 64 })
        json.object { body in
            body.member("object", "list")
            body.key("data")
            body.array { data in
                for (index, value) in vectors.enumerated() {
                    data.object { object in
                        object.member("object", "embedding")
                        object.member("index", index)
                        object.key("embedding")
                        object.raw(value)
                    }
                }
            }
            body.member("model", answer.model ?? model)
            body.key("usage")
            body.object { usage in
                usage.member("prompt_tokens", answer.usage.promptTokens ?? 0)
                usage.member("total_tokens", answer.usage.promptTokens ?? 0)
            }
        }
        return json.bytes
    }

    /// A vector as JSON in the form that is wanted.
    private static func value(of vector: EmbeddingVector, as encoding: Encoding) -> [UInt8]? {
        switch (vector, encoding) {
        case (.json(let numbers), .float): numbers
        case (.base64(let text), .float): FloatBase64.decode(base64: text)
        case (.base64(let text), .base64): FloatBase64.bytes(text).map { _ in Self.quoted(text) }
        case (.json(let numbers), .base64):
            (try? JSONView(numbers)).flatMap(FloatBase64.encode(numbers:)).map(Self.quoted)
        }
    }

    /// Base64 has nothing that a JSON string must escape.
    private static func quoted(_ base64: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "\"")] + base64 + [UInt8(ascii: "\"")]
    }
}
