import EventLoop
import HTTPServer
import Vocabulary

extension SimulatedOllama {
    /// `/api/embed`, `/api/embeddings` and `/v1/embeddings` (`ollama.md` 3 and 4).
    func embed(_ answering: Answering) async throws {
        let request = try self.readEmbedding(answering)
        let model = try self.embeddingTarget(request, answering)
        guard let model else { return }
        let context = min(model.contextMax.count, max(256, self.options.contextLength.count))
        var job = Job(.generate)
        job.keepAlive = request.keepAlive
        job.options = request.options
        let slot = try await self.slot(for: model, job, context, answering)
        defer { self.release(slot) }
        guard model.can(.embedding) else {
            throw Failure(501, "This server does not support embeddings. Start it with `--embeddings`", .handling)
        }
        let tokens = try Self.tokens(of: request, context: context, answering.call)
        try await self.pause(self.options.timeToFirstToken, answering.exchange)
        let length = request.dimensions.map { min($0, model.embeddingLength) } ?? model.embeddingLength
        let vectors = request.inputs.map {
            Embeddings.vector(of: Array($0.bytes.prefix(8 * context)), model: model.name, length: length)
        }
        answering.send(
            200, answering.call == .v1Embeddings ? .json : .gin, self.encode(vectors, tokens, request, slot, answering))
    }

    private struct EmbeddingRequest {
        var model = ""
        var inputs: [JSONText] = []
        var truncates = true
        var dimensions: Int?
        var isBase64 = false
        var keepAlive: Duration?
        var options = GenerationOptions()
    }

    private func readEmbedding(_ answering: Answering) throws -> EmbeddingRequest {
        var request = EmbeddingRequest()
        let types: (go: String, field: String) =
            switch answering.call {
            case .embeddings: ("api.EmbeddingRequest", "EmbeddingRequest")
            case .v1Embeddings: ("openai.EmbedRequest", "EmbedRequest")
            default: ("api.EmbedRequest", "EmbedRequest")
            }
        let object = try answering.object(types.go)
        if answering.call == .v1Embeddings, !self.options.isCloudOn, let name = object.exact("model")?.string,
            try self.reference(name).source == .cloud
        {
            throw Failure(403, Failure.cloudDisabled, .untranslated)
        }
        request.model = try NativeReading.string(object, "model", types.field) ?? ""
        request.dimensions = object.field("dimensions")?.int.flatMap { $0 > 0 ? $0 : nil }
        switch answering.call {
        case .embeddings:
            if request.model.isEmpty { throw Failure(400, "model is required") }
            request.inputs = object.field("prompt")?.text.map { $0.isEmpty ? [] : [$0] } ?? []
            request.truncates = false
        case .v1Embeddings:
            let format = object.field("encoding_format")?.string ?? "float"
            guard ["float", "base64", ""].contains(format.lowercased()) else {
                throw Failure(
                    400, "Invalid value for 'encoding_format' = \(format). Supported values: ['float', 'base64'].",
                    .reading)
            }
            request.isBase64 = format.lowercased() == "base64"
            guard let inputs = try Embeddings.inputs(object.field("input")), !inputs.isEmpty else {
                throw Failure(400, "invalid input", .reading)
            }
            request.inputs = inputs
        default:
            request.inputs = try Embeddings.inputs(object.field("input")) ?? []
            request.truncates = object.pointerField("truncate")?.bool ?? true
        }
        if answering.call != .v1Embeddings {
            request.keepAlive = try NativeReading.keepAlive(object)
            request.options = try NativeReading.options(object, types.field)
        }
        return request
    }

    /// `nil` if it would have been answered elsewhere: the stand-in's answer has been sent.
    private func embeddingTarget(_ request: EmbeddingRequest, _ answering: Answering) throws -> SimulatedModel? {
        if request.model.isEmpty { throw Failure.notFound("") }
        let reference = try self.reference(request.model)
        if reference.source == .cloud {
            guard self.options.isCloudOn else { throw Failure(403, Failure.cloudDisabled) }
            self.departs(to: Self.cloudHost, reference.base, answering)
            answering.send(
                200, .json, self.encode([[1]], 1, request, Slot(ticket: .init(number: 0), load: .zero), answering))
            return nil
        }
        // The embeddings of an alias are not forwarded (`ollama.md` 9.B).
        guard let model = try self.local(reference), model.remote == nil else {
            throw Failure.notPulled(reference.asked)
        }
        return model
    }

    /// All inputs together, each cut to the context, unless that is refused.
    private static func tokens(of request: EmbeddingRequest, context: Int, _ call: Call) throws -> Int {
        var sum = 0
        for input in request.inputs {
            let count = Embeddings.tokens(in: input)
            if count > context, !request.truncates {
                throw Failure(call == .embeddings ? 500 : 400, "the input length exceeds the context length")
            }
            sum += min(count, context)
        }
        return sum
    }

    private func encode(
        _ vectors: [[Double]], _ tokens: Int, _ request: EmbeddingRequest, _ slot: Slot, _ answering: Answering
    ) -> [UInt8] {
        var out: [UInt8] = []
        switch answering.call {
        case .embeddings:
            out.put("{\"embedding\":")
            Embeddings.write(vectors.first ?? [], isDouble: true, into: &out)
            out.put("}")
        case .v1Embeddings: Self.encodeV1(vectors, tokens, request, into: &out)
        default:
            out.put("{\"model\":")
            out.put(quotedText: request.model)
            out.put(",\"embeddings\":[")
            for (index, vector) in vectors.enumerated() {
                if index > 0 { out.put(",") }
                Embeddings.write(vector, into: &out)
            }
            out.put("]")
            if !vectors.isEmpty {
                out.put(",\"total_duration\":")
                out.put(Int(max(.microseconds(2), self.timers.now - answering.exchange.receivedAt).nanoseconds))
                out.put(",\"load_duration\":")
                out.put(Int(max(.microseconds(1), slot.load).nanoseconds))
                out.put(",\"prompt_eval_count\":")
                out.put(tokens)
            }
            out.put("}")
        }
        return out
    }

    private static func encodeV1(
        _ vectors: [[Double]], _ tokens: Int, _ request: EmbeddingRequest, into out: inout [UInt8]
    ) {
        out.put("{\"object\":\"list\",\"data\":[")
        for (index, vector) in vectors.enumerated() {
            if index > 0 { out.put(",") }
            out.put("{\"object\":\"embedding\",\"embedding\":")
            if request.isBase64 {
                out.put(quoted: Embeddings.base64(vector))
            } else {
                Embeddings.write(vector, into: &out)
            }
            out.put(",\"index\":")
            out.put(index)
            out.put("}")
        }
        out.put("],\"model\":")
        out.put(quotedText: request.model)
        out.put(",\"usage\":{\"prompt_tokens\":")
        out.put(tokens)
        out.put(",\"total_tokens\":")
        out.put(tokens)
        out.put("}}\n")
    }
}
