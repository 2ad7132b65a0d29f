/// Vectors by Google's own API: `models/{model}:batchEmbedContents` (Gemini API reference, Embeddings).
enum GeminiEmbeddings {
    /// Writes a request. Here the body names the model too, once for each text.
    static func encode(_ request: EmbeddingRequest, for target: TranslationTarget) -> [UInt8] {
        let model = target.model.hasPrefix("models/") ? target.model : "models/" + target.model
        var writer = JSONWriter(capacity: request.inputs.reduce(64) { $0 + $1.utf8.count + model.utf8.count + 96 })
        writer.object { writer in
            writer.key("requests")
            writer.array { writer in
                for text in request.inputs { Self.write(text, model, request.dimensions, into: &writer) }
            }
        }
        return writer.bytes
    }

    private static func write(_ text: String, _ model: String, _ dimensions: Int?, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("model")
            writer.string(model)
            writer.key("content")
            writer.object { writer in
                writer.key("parts")
                writer.array { writer in
                    writer.object { writer in
                        writer.key("text")
                        writer.string(text)
                    }
                }
            }
            guard let dimensions else { return }
            writer.key("outputDimensionality")
            writer.integer(dimensions)
        }
    }

    /// Reads an answer; `nil` if it has no list of vectors. It names no model, and newer models alone tell the cost.
    static func decode(_ body: JSONView) -> EmbeddingAnswer? {
        var vectors: [EmbeddingVector] = []
        var isWhole = false
        var usage = AnswerUsage()
        body.forEachMember { key, value in
            if key.equals("embeddings"), value.kind == .array {
                isWhole = true
                value.forEachElement { vector in
                    if let values = vector["values"], values.kind == .array {
                        vectors.append(.json(Array(values.bytes)))
                    } else {
                        isWhole = false
                    }
                }
            } else if key.equals("usageMetadata") {
                usage.promptTokens = GeminiUsage(value).promptTokens
            }
        }
        return isWhole ? EmbeddingAnswer(vectors: vectors, usage: usage) : nil
    }
}
