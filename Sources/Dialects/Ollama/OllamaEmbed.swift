import Vocabulary

/// Ollama's vectors: `POST /api/embed`, and `POST /api/embeddings` from before it (`ollama.md` 3).
enum OllamaEmbed {
    // MARK: Requests

    /// Reads a client's request to `endpoint`, which must be one of the two. A server cuts inputs that are too long
    /// unless `truncate` forbids it; others refuse them.
    static func decode(
        _ body: JSONView, _ endpoint: Endpoint, _ losses: inout Losses
    ) throws(BodyRefusal) -> EmbeddingRequest {
        var members = try ObjectReader(body)
        _ = members.take("model")
        var request = EmbeddingRequest(inputs: [])
        if endpoint == .ollamaEmbeddings {
            request.inputs = [try members.string("prompt") ?? ""]
        } else {
            if let input = members.take("input") { request.inputs = try Self.inputs(input) }
            request.dimensions = try members.integer("dimensions").flatMap { $0 > 0 ? $0 : nil }
            if let flag = try members.bool("truncate"), !flag { losses.note("truncate", .hint) }
        }
        members.loseRest(.hint, &losses)
        return request
    }

    private static func inputs(_ value: JSONView) throws(BodyRefusal) -> [String] {
        if let text = value.string { return [text] }
        guard value.kind == .array else { throw .field("input", "must be a string or an array of strings") }
        var inputs: [String] = []
        try value.eachElement { (element) throws(BodyRefusal) in
            guard let text = element.string else { throw .field("input", "must be a string or an array of strings") }
            inputs.append(text)
        }
        return inputs
    }

    /// Writes a request to `/api/embed`.
    static func encode(_ request: EmbeddingRequest, for target: TranslationTarget) -> [UInt8] {
        var json = JSONWriter(capacity: 64 + request.inputs.reduce(0) { $0 + $1.utf8.count + 3 })
        json.object { body in
            body.member("model", target.model)
            body.key("input")
            body.array { list in
                for input in request.inputs { list.string(input) }
            }
            if let dimensions = request.dimensions { body.member("dimensions", dimensions) }
        }
        return json.bytes
    }

    // MARK: Answers

    /// Reads an answer of `/api/embed`; `nil` if it is none: no list of lists of numbers.
    static func answer(_ body: JSONView) -> EmbeddingAnswer? {
        guard let record = try? JSONMembers(checking: body.bytes, opening: ""),
            let list = record["embeddings"], list.kind == .array
        else { return nil }
        var vectors: [EmbeddingVector] = []
        for vector in list.elements {
            guard vector.isVector else { return nil }
            vectors.append(.json(Array(vector.bytes)))
        }
        var usage = AnswerUsage()
        usage.read(native: record)
        return EmbeddingAnswer(model: record["model"]?.string, vectors: vectors, usage: usage)
    }

    /// Writes an answer as `endpoint` gives it; `nil` if a vector holds no numbers, or if the older endpoint has none
    /// to give. That one tells the vector alone.
    static func encode(_ answer: EmbeddingAnswer, _ endpoint: Endpoint, _ context: AnswerContext) -> [UInt8]? {
        let vectors = answer.vectors.compactMap(\.numbers)
        guard vectors.count == answer.vectors.count else { return nil }
        var json = JSONWriter(capacity: 128 + vectors.reduce(0) { $0 + $1.count + 1 })
        if endpoint == .ollamaEmbeddings {
            guard let vector = vectors.first else { return nil }
            json.object { body in
                body.key("embedding")
                body.raw(vector)
            }
            return json.bytes
        }
        json.object { body in
            body.member("model", answer.model ?? context.model)
            body.key("embeddings")
            body.array { list in
                for vector in vectors { list.raw(vector) }
            }
            body.ollamaUsage(answer.usage)
            // Clients count on it (litellm 1.110); Gemini does not tell it.
            if answer.usage.promptTokens == nil { body.member("prompt_eval_count", 0) }
        }
        return json.bytes
    }
}

extension JSONView {
    /// Is it a list of numbers and nothing else?
    fileprivate var isVector: Bool {
        guard self.kind == .array else { return false }
        var isVector = true
        self.forEachElement { if $0.kind != .number { isVector = false } }
        return isVector
    }
}

extension EmbeddingVector {
    /// The vector as a JSON array of numbers; `nil` if it is base64 of anything but finite 32-bit floats.
    fileprivate var numbers: [UInt8]? {
        switch self {
        case .json(let array): array
        case .base64(let text): FloatBase64.decode(base64: text)
        }
    }
}
