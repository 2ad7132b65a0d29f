/// What an answer cost, in the words of chat, completions and embeddings, and in those of responses.
///
/// Sources: OpenAI API reference, "The chat completion object", "The response object".
enum OpenAIUsage {
    /// Takes over what a `usage` of chat tells.
    static func read(_ value: JSONView, into usage: inout AnswerUsage) {
        value.forEachMember { key, value in
            switch key {
            case "prompt_tokens": usage.promptTokens = value.count ?? usage.promptTokens
            case "completion_tokens": usage.outputTokens = value.count ?? usage.outputTokens
            case "prompt_tokens_details":
                usage.cachedTokens = value["cached_tokens"]?.count ?? usage.cachedTokens
                usage.cacheWriteTokens = value["cache_write_tokens"]?.count ?? usage.cacheWriteTokens
            case "completion_tokens_details":
                usage.reasoningTokens = value["reasoning_tokens"]?.count ?? usage.reasoningTokens
            // DeepSeek's API reference, "Create chat completion".
            case "prompt_cache_hit_tokens": usage.cachedTokens = usage.cachedTokens ?? value.count
            default: break
            }
        }
    }
}

extension JSONView {
    /// The number, if this is one that counts something.
    fileprivate var count: Int? {
        self.integer.flatMap { $0 >= 0 ? $0 : nil }
    }
}

extension JSONWriter {
    /// Writes the object `usage` of chat. SDKs read its three numbers without asking, so that what is not known is 0;
    /// the details stand there where they are known.
    mutating func openAIUsage(_ usage: AnswerUsage) {
        let prompt = usage.promptTokens ?? 0
        let output = usage.outputTokens ?? 0
        self.object { object in
            object.member("prompt_tokens", prompt)
            object.member("completion_tokens", output)
            object.member("total_tokens", prompt.addingReportingOverflow(output).partialValue)
            if usage.cachedTokens != nil || usage.cacheWriteTokens != nil {
                object.key("prompt_tokens_details")
                object.object { details in
                    if let tokens = usage.cachedTokens { details.member("cached_tokens", tokens) }
                    if let tokens = usage.cacheWriteTokens { details.member("cache_write_tokens", tokens) }
                }
            }
            if let tokens = usage.reasoningTokens {
                object.key("completion_tokens_details")
                object.object { $0.member("reasoning_tokens", tokens) }
            }
        }
    }

    /// Writes the object `usage` of a response, whose details its types demand.
    mutating func responsesUsage(_ usage: AnswerUsage) {
        let prompt = usage.promptTokens ?? 0
        let output = usage.outputTokens ?? 0
        self.object { object in
            object.member("input_tokens", prompt)
            object.key("input_tokens_details")
            object.object { details in
                details.member("cached_tokens", usage.cachedTokens ?? 0)
                details.member("cache_write_tokens", usage.cacheWriteTokens ?? 0)
            }
            object.member("output_tokens", output)
            object.key("output_tokens_details")
            object.object { $0.member("reasoning_tokens", usage.reasoningTokens ?? 0) }
            object.member("total_tokens", prompt.addingReportingOverflow(output).partialValue)
        }
    }
}
