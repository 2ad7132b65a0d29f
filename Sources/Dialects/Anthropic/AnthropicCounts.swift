/// Anthropic's counts of tokens, as they stand.
struct AnthropicCounts: Equatable {
    private var input: Int?
    private var cacheRead: Int?
    private var cacheWrite: Int?
    private var output: Int?
    private var thinking: Int?

    /// Takes over what a `usage` tells.
    mutating func read(_ usage: JSONView) {
        usage.forEachMember { key, value in
            if key.equals("input_tokens") {
                Self.set(&self.input, value)
            } else if key.equals("cache_read_input_tokens") {
                Self.set(&self.cacheRead, value)
            } else if key.equals("cache_creation_input_tokens") {
                Self.set(&self.cacheWrite, value)
            } else if key.equals("output_tokens") {
                Self.set(&self.output, value)
            } else if key.equals("output_tokens_details"), let tokens = value["thinking_tokens"] {
                Self.set(&self.thinking, tokens)
            }
        }
    }

    private static func set(_ count: inout Int?, _ value: JSONView) {
        if let number = value.integer, number >= 0 { count = number }
    }

    /// In the neutral form, where the prompt's tokens are all of them.
    var usage: AnswerUsage {
        var usage = AnswerUsage()
        if let input = self.input {
            usage.promptTokens = input.addingSaturated(self.cacheRead ?? 0).addingSaturated(self.cacheWrite ?? 0)
        }
        usage.cachedTokens = self.cacheRead
        usage.cacheWriteTokens = self.cacheWrite
        usage.outputTokens = self.output
        usage.reasoningTokens = self.thinking
        return usage
    }
}

extension JSONWriter {
    /// Members of a `usage`: the two that the API demands, and what else is known. Its `input_tokens` leaves out what
    /// the cache has read and written.
    mutating func anthropicUsage(_ usage: AnswerUsage) {
        // Counts come from providers: any numbers from 0.
        let cached = (usage.cachedTokens ?? 0).addingSaturated(usage.cacheWriteTokens ?? 0)
        self.member("input_tokens", max(0, (usage.promptTokens ?? 0) - cached))
        if let tokens = usage.cacheWriteTokens { self.member("cache_creation_input_tokens", tokens) }
        if let tokens = usage.cachedTokens { self.member("cache_read_input_tokens", tokens) }
        self.member("output_tokens", usage.outputTokens ?? 0)
        guard let tokens = usage.reasoningTokens else { return }
        self.key("output_tokens_details")
        self.object { $0.member("thinking_tokens", tokens) }
    }
}

extension Int {
    /// The sum, or the largest number.
    func addingSaturated(_ other: Int) -> Int {
        let (sum, isTooLarge) = self.addingReportingOverflow(other)
        return isTooLarge ? .max : sum
    }
}
