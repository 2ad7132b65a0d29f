/// The member `generationConfig` (Gemini API reference, `GenerationConfig`). `candidateCount` is never among it: one
/// answer is what it gives unasked.
struct GeminiSettings: Sendable {
    private var sampling: Sampling
    private var format: AnswerFormat?
    private var thinking: GeminiThinking?
    private var outputTokensMax: Int?
    private var logProbabilities: LogProbabilities?

    init(
        _ request: ChatRequest, _ family: GeminiFamily, _ target: TranslationTarget, _ losses: inout Losses
    ) {
        self.sampling = Self.sayable(request.sampling, &losses)
        self.format = request.format
        self.thinking = request.reasoning.map { GeminiThinking($0, family, &losses) }
        let bound = target.bound(request.outputTokensMax, named: "max_tokens", &losses)
        self.outputTokensMax = bound.map { min($0, Int(Int32.max)) }
        self.logProbabilities = request.logProbabilities
        guard case .schema(let schema) = request.format else { return }
        // A schema is always followed; its name says nothing of the answer.
        if schema.description != nil { losses.note("response_format.json_schema.description", .hint) }
    }

    /// What can be said of it. Whole numbers are of 32 bits there.
    private static func sayable(_ wish: Sampling, _ losses: inout Losses) -> Sampling {
        var sampling = wish
        if wish.minP != nil { losses.note("min_p", .hint) }
        if let seed = wish.seed, Int32(exactly: seed) == nil {
            losses.note("seed", .hint)
            sampling.seed = nil
        }
        if let topK = wish.topK, Int32(exactly: topK) == nil {
            losses.note("top_k", .hint)
            sampling.topK = nil
        }
        sampling.stop.removeAll(where: \.isEmpty)
        if sampling.stop.count > Gemini.stopsMax {
            losses.note("stop", .demand)
            sampling.stop.removeLast(sampling.stop.count - Gemini.stopsMax)
        }
        return sampling
    }

    /// Writes it, if there is anything to say.
    func write(into writer: inout JSONWriter) {
        if self.isEmpty { return }
        writer.key("generationConfig")
        writer.object { writer in
            self.writeSampling(into: &writer)
            if let most = self.outputTokensMax {
                writer.key("maxOutputTokens")
                writer.integer(most)
            }
            self.writeFormat(into: &writer)
            if let wish = self.logProbabilities {
                writer.key("responseLogprobs")
                writer.bool(true)
                if wish.top > 0 {
                    writer.key("logprobs")
                    writer.integer(wish.top)
                }
            }
            if let thinking = self.thinking { Self.write(thinking, into: &writer) }
        }
    }

    private var isEmpty: Bool {
        self.sampling == Sampling() && self.format == nil && self.thinking == nil && self.outputTokensMax == nil
            && self.logProbabilities == nil
    }

    private func writeSampling(into writer: inout JSONWriter) {
        Self.write("temperature", self.sampling.temperature, into: &writer)
        Self.write("topP", self.sampling.topP, into: &writer)
        if let topK = self.sampling.topK {
            writer.key("topK")
            writer.integer(topK)
        }
        Self.write("presencePenalty", self.sampling.presencePenalty, into: &writer)
        Self.write("frequencyPenalty", self.sampling.frequencyPenalty, into: &writer)
        if let seed = self.sampling.seed {
            writer.key("seed")
            writer.integer(seed)
        }
        if self.sampling.stop.isEmpty { return }
        writer.key("stopSequences")
        writer.array { writer in
            for text in self.sampling.stop { writer.string(text) }
        }
    }

    private static func write(_ key: StaticString, _ number: Double?, into writer: inout JSONWriter) {
        guard let number else { return }
        writer.key(key)
        writer.number(number)
    }

    /// `responseJsonSchema` takes a JSON Schema as it is, where `responseSchema` knows a part of OpenAPI's.
    private func writeFormat(into writer: inout JSONWriter) {
        guard let format = self.format else { return }
        writer.key("responseMimeType")
        writer.string("application/json")
        switch format {
        case .jsonObject: break
        case .schema(let schema):
            writer.key("responseJsonSchema")
            writer.raw(schema.schema)
        }
    }

    private static func write(_ thinking: GeminiThinking, into writer: inout JSONWriter) {
        writer.key("thinkingConfig")
        writer.object { writer in
            if thinking.isTold {
                writer.key("includeThoughts")
                writer.bool(true)
            }
            if let budget = thinking.budget {
                writer.key("thinkingBudget")
                writer.integer(budget)
            }
            if let level = thinking.level {
                writer.key("thinkingLevel")
                writer.string(level)
            }
        }
    }
}
