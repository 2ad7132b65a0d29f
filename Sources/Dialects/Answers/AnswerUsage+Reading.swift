extension AnswerUsage {
    /// Takes over what a record tells: a native record with its counts and nanoseconds beside each other
    /// (`ollama.md` 3), or the `usage` object of the other dialects.
    mutating func read(native record: JSONMembers) {
        if let count = record["prompt_eval_count"]?.natural { self.promptTokens = count }
        if let count = record["eval_count"]?.natural { self.outputTokens = count }
        if let time = record["total_duration"]?.natural { self.totalDuration = .nanoseconds(time) }
        if let time = record["load_duration"]?.natural { self.loadDuration = .nanoseconds(time) }
        if let time = record["prompt_eval_duration"]?.natural { self.promptDuration = .nanoseconds(time) }
        if let time = record["eval_duration"]?.natural { self.outputDuration = .nanoseconds(time) }
    }

    /// Reads `{"prompt_tokens", "completion_tokens"}` (OpenAI) or `{"input_tokens", "output_tokens"}` (Responses,
    /// Anthropic).
    mutating func read(usage: JSONView) {
        usage.forEachMember { key, value in
            guard let number = value.natural else { return }
            if key.equals("prompt_tokens") || key.equals("input_tokens") {
                self.promptTokens = number
            } else if key.equals("completion_tokens") || key.equals("output_tokens") {
                self.outputTokens = number
            }
        }
    }
}

extension JSONView {
    /// The number, if this is one that is not negative.
    fileprivate var natural: Int? {
        self.integer.flatMap { $0 >= 0 ? $0 : nil }
    }
}
