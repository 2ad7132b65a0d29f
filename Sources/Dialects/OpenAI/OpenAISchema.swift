/// A JSON Schema for the answer: `response_format.json_schema` of chat and `text.format` of responses, which agree.
enum OpenAISchema {
    static func read(_ value: JSONView, _ place: String) throws(BodyRefusal) -> AnswerSchema {
        var read = AnswerSchema(schema: Array("{}".utf8))
        try value.eachMember { (key, value) throws(BodyRefusal) in
            if value.isNull { return }
            switch key {
            case "name": read.name = try OpenAIField.text(value, place + ".name")
            case "description": read.description = try OpenAIField.text(value, place + ".description")
            case "strict": read.isStrict = try OpenAIField.flag(value, place + ".strict")
            case "schema":
                try OpenAIField.object(value, place + ".schema")
                read.schema = Array(value.bytes)
            default: break
            }
        }
        return read
    }
}

/// How much the model shall think, in OpenAI's words.
enum OpenAIReasoning {
    /// `reasoning_effort`, or `effort` within `reasoning`.
    static func effort(_ value: JSONView, _ name: String) throws(BodyRefusal) -> Reasoning {
        let word = try OpenAIField.text(value, name)
        if word == "none" { return .off }
        guard let effort = Reasoning.Effort(rawValue: word) else {
            throw .field(name, "must be none, minimal, low, medium, high, xhigh or max")
        }
        return .effort(effort)
    }

    /// The object `reasoning` of responses, and of chat as OpenRouter has it. What is told of the thinking is told
    /// always, so that wishes for a summary are no loss.
    static func read(_ value: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> Reasoning? {
        try OpenAIField.object(value, "reasoning")
        var reasoning: Reasoning?
        var isOn: Bool?
        try value.eachMember { (key, value) throws(BodyRefusal) in
            if value.isNull { return }
            switch key {
            case "effort": reasoning = try Self.effort(value, "reasoning.effort")
            case "enabled": isOn = try OpenAIField.flag(value, "reasoning.enabled")
            case "max_tokens":
                let tokens = try OpenAIField.integer(value, "reasoning.max_tokens")
                reasoning = reasoning ?? (tokens > 0 ? .budget(tokens) : .off)
            case "summary", "generate_summary": break
            default:
                if value.bool != false { losses.note("reasoning." + String(decoding: key, as: UTF8.self), .hint) }
            }
        }
        return isOn == false ? .off : reasoning ?? (isOn == true ? .on : nil)
    }

    /// The word for it; `nil` sends none. OpenAI has no word for "as much as you like": `medium` was its default, and
    /// newer models do not think unless asked. A number of tokens becomes the word next above of those that every server with
    /// efforts knows, and is noted.
    static func word(_ reasoning: Reasoning?, _ losses: inout Losses) -> String? {
        switch reasoning {
        case nil: return nil
        case .off: return "none"
        case .on: return "medium"
        case .effort(let effort): return effort.rawValue
        case .budget(let tokens):
            losses.note("thinking.budget_tokens", .hint)
            return min(max(Reasoning.Effort(tokens: tokens), .low), .high).rawValue
        }
    }
}
