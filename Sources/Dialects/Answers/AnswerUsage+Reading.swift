extension AnswerUsage {
    /// Takes over what a record tells: a native record with its counts and nanoseconds beside each other
    /// (`ollama.md` 3), or the `usage` object of the other dialects.
    mutating func read(native record: JSONView) {
        record.forEachMember { key, value in
            guard let number = value.integer, number >= 0 else { return }
            if key.equals("prompt_eval_count") {
                self.promptTokens = number
            } else if key.equals("eval_count") {
                self.outputTokens = number
            } else if key.equals("total_duration") {
                self.totalDuration = .nanoseconds(number)
            } else if key.equals("load_duration") {
                self.loadDuration = .nanoseconds(number)
            } else if key.equals("prompt_eval_duration") {
                self.promptDuration = .nanoseconds(number)
            } else if key.equals("eval_duration") {
                self.outputDuration = .nanoseconds(number)
            }
        }
    }

    /// Reads `{"prompt_tokens", "completion_tokens"}` (OpenAI) or `{"input_tokens", "output_tokens"}` (Responses,
    /// Anthropic).
    mutating func read(usage: JSONView) {
        usage.forEachMember { key, value in
            guard let number = value.integer, number >= 0 else { return }
            if key.equals("prompt_tokens") || key.equals("input_tokens") {
                self.promptTokens = number
            } else if key.equals("completion_tokens") || key.equals("output_tokens") {
                self.outputTokens = number
            }
        }
    }
}
