/// Anthropic's Messages: `POST /v1/messages` (Anthropic API reference, "Create a Message").
///
/// What is read and where it goes, member by member; everything else is noted as a loss, never dropped silently.
///
/// | Member | Neutral form |
/// |---|---|
/// | `system` | the first turn, one part for each block |
/// | `messages` | turns; a block that no other dialect has is a demand |
/// | `max_tokens` | `outputTokensMax`; the API demands it, here it may be missing |
/// | `temperature`, `top_p`, `top_k`, `stop_sequences` | `sampling` |
/// | `tools`, `tool_choice` | `tools`, `toolChoice`, `callsInParallel`; tools that the provider defines stay behind |
/// | `thinking`, `output_config.effort` | `reasoning`: a budget before an effort, an effort before "on" |
/// | `output_config.format`, `output_format` (its name in the beta) | `format` |
/// | `cache_control`, `metadata`, `service_tier`, `speed`, `container`, `mcp_servers`, others | hints |
/// | `inference_geo` | a demand: where an answer is made is not ours to change |
enum AnthropicMessages {
    /// Reads a client's request.
    static func decode(_ body: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> ChatRequest {
        var members = try ObjectReader(body)
        var request = ChatRequest()
        _ = members.take("model")
        request.streams = try members.bool("stream") ?? false
        request.outputTokensMax = try members.integer("max_tokens")
        if let most = request.outputTokensMax, most <= 0 { throw .field("max_tokens", "must be above 0") }
        if let system = members.take("system") {
            request.turns.append(try Self.systemTurn(system, &losses))
        }
        request.turns += try Self.turns(&members, &losses)
        try Self.readTools(&members, into: &request, &losses)
        request.sampling.temperature = try members.number("temperature")
        request.sampling.topP = try members.number("top_p")
        request.sampling.topK = try members.integer("top_k")
        request.sampling.stop = try members.strings("stop_sequences") ?? []
        try Self.readThinking(&members, into: &request, &losses)
        members.eachRest { AnthropicLosses.note($0, $1, &losses) }
        return request
    }

    /// `thinking` and `output_config`, which say together how much is thought and what form the answer has.
    private static func readThinking(
        _ members: inout ObjectReader, into request: inout ChatRequest, _ losses: inout Losses
    ) throws(BodyRefusal) {
        if let thinking = try members.object("thinking") {
            request.reasoning = try Self.reasoning(thinking, &losses)
        }
        // The beta's name for `output_config.format`.
        if let format = try members.object("output_format") { request.format = try Self.format(format, &losses) }
        guard let config = try members.object("output_config") else { return }
        var output = try ObjectReader(config, at: "output_config.")
        if let format = try output.object("format") { request.format = try Self.format(format, &losses) }
        if let word = try output.string("effort") {
            let effort = Reasoning.Effort(rawValue: word)
            guard let effort, effort != .minimal else {
                throw output.refusal("effort", "must be low, medium, high, xhigh or max")
            }
            switch request.reasoning {
            case nil, .on: request.reasoning = .effort(effort)
            case .off, .budget, .effort: losses.note("output_config.effort", .hint)
            }
        }
        output.loseRest(.hint, &losses)
    }

    /// `between_tools` is thinking turned off, with words between calls told as thinking.
    private static func reasoning(_ value: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> Reasoning {
        var thinking = try ObjectReader(value, at: "thinking.")
        let type = try thinking.requiredString("type")
        let budget = try thinking.integer("budget_tokens")
        thinking.loseRest(.hint, &losses)
        switch type {
        case "enabled":
            guard let budget else { return .on }
            guard budget > 0 else { throw thinking.refusal("budget_tokens", "must be above 0") }
            return .budget(budget)
        case "adaptive": return .on
        case "disabled": return .off
        case "between_tools":
            losses.note("thinking.type", .hint)
            return .off
        default: throw thinking.refusal("type", "must be enabled, adaptive or disabled")
        }
    }

    private static func format(_ value: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> AnswerFormat {
        var format = try ObjectReader(value, at: "output_config.format.")
        guard try format.string("type") == "json_schema" else { throw format.refusal("type", "must be json_schema") }
        guard let schema = try format.object("schema") else { throw format.refusal("schema", "must be an object") }
        format.loseRest(.hint, &losses)
        return .schema(AnswerSchema(schema: Array(schema.bytes)))
    }
}
