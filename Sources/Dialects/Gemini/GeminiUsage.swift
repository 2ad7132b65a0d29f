/// What an answer cost in Gemini's words (Gemini API reference, `UsageMetadata`): it counts thoughts apart from the
/// answer, and what its own tools found apart from the prompt.
struct GeminiUsage: Equatable, Sendable {
    private var prompt: Int?
    private var found: Int?
    private var cached: Int?
    private var answer: Int?
    private var thoughts: Int?

    init(_ object: JSONView) {
        object.forEachMember { key, value in
            guard let count = value.integer, count >= 0 else { return }
            if key.equals("promptTokenCount") {
                self.prompt = count
            } else if key.equals("toolUsePromptTokenCount") {
                self.found = count
            } else if key.equals("cachedContentTokenCount") {
                self.cached = count
            } else if key.equals("candidatesTokenCount") {
                self.answer = count
            } else if key.equals("thoughtsTokenCount") {
                self.thoughts = count
            }
        }
    }

    /// All that went in.
    var promptTokens: Int? { Self.sum(self.prompt, self.found) }

    /// As every dialect has it.
    var neutral: AnswerUsage {
        var usage = AnswerUsage()
        usage.promptTokens = self.promptTokens
        usage.outputTokens = Self.sum(self.answer, self.thoughts)
        usage.cachedTokens = self.cached
        usage.reasoningTokens = self.thoughts
        return usage
    }

    /// `nil` only if neither is told. The numbers are the provider's, of any size.
    private static func sum(_ one: Int?, _ other: Int?) -> Int? {
        guard let one, let other else { return one ?? other }
        let (sum, isTooLarge) = one.addingReportingOverflow(other)
        return isTooLarge ? Int.max : sum
    }
}

/// Probabilities in Gemini's words (Gemini API reference, `LogprobsResult`): the tokens chosen, and beside them, place
/// by place, those that were likeliest.
enum GeminiProbabilities {
    /// OpenAI's array `logprobs.content`; `nil` if none is told. Which bytes a token stands for Gemini does not say.
    static func neutral(_ result: JSONView) -> [UInt8]? {
        var chosen: [JSONView] = []
        var likeliest: [JSONView] = []
        result.forEachMember { key, value in
            if key.equals("chosenCandidates") {
                chosen = value.elements
            } else if key.equals("topCandidates") {
                likeliest = value.elements
            }
        }
        if chosen.isEmpty { return nil }
        var writer = JSONWriter(capacity: 128 * chosen.count)
        writer.array { writer in
            for (place, token) in chosen.enumerated() {
                writer.object { writer in
                    Self.write(token, into: &writer)
                    writer.key("top_logprobs")
                    writer.array { writer in
                        guard place < likeliest.count else { return }
                        likeliest[place]["candidates"]?.forEachElement { other in
                            writer.object { Self.write(other, into: &$0) }
                        }
                    }
                }
            }
        }
        return writer.bytes
    }

    private static func write(_ token: JSONView, into writer: inout JSONWriter) {
        let probability = token["logProbability"]
        writer.key("token")
        writer.string(token["token"]?.string ?? "")
        writer.key("logprob")
        if let probability, probability.kind == .number { writer.raw(probability.bytes) } else { writer.integer(0) }
        writer.key("bytes")
        writer.null()
    }
}
