extension AnthropicMessages {
    /// Writes a request for Anthropic's API, or one like it.
    ///
    /// What the API cannot be told: `seed`, `min_p` and the penalties (hints), `logprobs` (a demand), "any JSON object"
    /// (a demand: it knows schemas only), stop texts of white space alone (demands: it refuses them), and what the
    /// model does not take (`AnthropicModel`, `AnthropicThinking`).
    static func encode(
        _ request: ChatRequest, for target: TranslationTarget, _ losses: inout Losses
    ) throws(BodyRefusal) -> [UInt8] {
        let model = AnthropicModel(target.model)
        let turns = try AnthropicTurns(request.turns, &losses)
        let thinking = AnthropicThinking(request, model, for: target, turns, &losses)
        let sampling = Self.sampling(request.sampling, model, thinking, &losses)
        let schema = Self.schema(request.format, &losses)
        Self.noteUnsayable(request, &losses)
        let schemas = request.tools.map { Self.inputSchema(of: $0, &losses) }
        let tools = request.tools.reduce(0) {
            $0 + 128 + ($1.parameters?.count ?? 0) + ($1.description?.utf8.count ?? 0)
        }
        var json = JSONWriter(capacity: 512 + turns.weight + tools)
        json.object { body in
            body.member("model", target.model)
            body.member("max_tokens", thinking.outputTokensMax)
            Self.write(turns, &body)
            Self.write(sampling, &body)
            Self.writeTools(request, schemas, &body)
            Self.write(thinking.form, &body)
            Self.writeConfig(thinking.effort, schema, &body)
            if request.streams { body.member("stream", true) }
        }
        return json.bytes
    }

    // MARK: What cannot be said

    private static func noteUnsayable(_ request: ChatRequest, _ losses: inout Losses) {
        let sampling = request.sampling
        if sampling.seed != nil { losses.note("seed", .hint) }
        if sampling.minP != nil { losses.note("min_p", .hint) }
        if sampling.frequencyPenalty ?? 0 != 0 { losses.note("frequency_penalty", .hint) }
        if sampling.presencePenalty ?? 0 != 0 { losses.note("presence_penalty", .hint) }
        if request.logProbabilities != nil { losses.note("logprobs", .demand) }
        // Without tools there is nothing to choose; the API refuses a choice then.
        if request.tools.isEmpty, request.toolChoice?.isForced == true { losses.note("tool_choice", .demand) }
    }

    /// What of `asked` the model takes. While it thinks, the API takes neither `top_k` nor a temperature other than 1,
    /// and `top_p` from 0.95 only ("Extended thinking", feature compatibility).
    private static func sampling(
        _ asked: Sampling, _ model: AnthropicModel, _ thinking: AnthropicThinking, _ losses: inout Losses
    ) -> Sampling {
        var sampling = Sampling()
        sampling.stop = asked.stop.filter { !$0.allSatisfy(\.isWhitespace) }
        if sampling.stop.count < asked.stop.count { losses.note("stop", .demand) }
        sampling.temperature = asked.temperature.map { min(max($0, 0), 1) }
        sampling.topP = asked.topP
        sampling.topK = asked.topK
        let isFree = model.takesSampling && !thinking.isOn
        if !isFree, sampling.temperature != 1 { sampling.temperature = nil }
        if !isFree, !(model.takesSampling && sampling.topP ?? 0 >= 0.95) { sampling.topP = nil }
        if !isFree { sampling.topK = nil }
        if !model.takesSampling { sampling.temperature = nil }
        if !model.takesBothSamplings, sampling.temperature != nil, sampling.topP != nil {
            // 1 is what holds anyway, of both.
            if sampling.temperature == 1 { sampling.temperature = nil } else { sampling.topP = nil }
        }
        if sampling.temperature != asked.temperature, asked.temperature != 1 { losses.note("temperature", .hint) }
        if sampling.topP != asked.topP, asked.topP != 1 { losses.note("top_p", .hint) }
        if sampling.topK != asked.topK { losses.note("top_k", .hint) }
        return sampling
    }

    /// The API knows schemas, and enforces each of them; a name says nothing to it.
    private static func schema(_ format: AnswerFormat?, _ losses: inout Losses) -> [UInt8]? {
        switch format {
        case nil: return nil
        case .jsonObject:
            losses.note("response_format", .demand)
            return nil
        case .schema(let schema):
            if schema.description != nil { losses.note("response_format.description", .hint) }
            return AnthropicSchema.written(schema.schema, at: "response_format.", &losses)
        }
    }

    // MARK: Writing

    private static func write(_ sampling: Sampling, _ body: inout JSONWriter) {
        if let temperature = sampling.temperature { body.member("temperature", temperature) }
        if let topP = sampling.topP { body.member("top_p", topP) }
        if let topK = sampling.topK { body.member("top_k", topK) }
        guard !sampling.stop.isEmpty else { return }
        body.key("stop_sequences")
        body.array { list in
            for text in sampling.stop { list.string(text) }
        }
    }

    private static func write(_ form: AnthropicThinking.Form, _ body: inout JSONWriter) {
        let type: String
        var budget: Int?
        switch form {
        case .unsaid: return
        case .disabled: type = "disabled"
        case .adaptive: type = "adaptive"
        case .enabled(let tokens): (type, budget) = ("enabled", tokens)
        }
        body.key("thinking")
        body.object { thinking in
            thinking.member("type", type)
            if let budget { thinking.member("budget_tokens", budget) }
        }
    }

    private static func writeConfig(_ effort: Reasoning.Effort?, _ schema: [UInt8]?, _ body: inout JSONWriter) {
        guard effort != nil || schema != nil else { return }
        body.key("output_config")
        body.object { config in
            if let effort { config.member("effort", effort.rawValue) }
            guard let schema else { return }
            config.key("format")
            config.object { format in
                format.member("type", "json_schema")
                format.key("schema")
                format.raw(schema)
            }
        }
    }

    private static func writeTools(_ request: ChatRequest, _ schemas: [[UInt8]], _ body: inout JSONWriter) {
        guard !request.tools.isEmpty else { return }
        body.key("tools")
        body.array { list in
            for (tool, schema) in zip(request.tools, schemas) { list.object { Self.write(tool, schema, &$0) } }
        }
        guard request.toolChoice != nil || request.callsInParallel != nil else { return }
        body.key("tool_choice")
        body.object { choice in
            var takesParallel = true
            switch request.toolChoice {
            case nil, .auto: choice.member("type", "auto")
            case .required: choice.member("type", "any")
            case .tool(let name):
                choice.member("type", "tool")
                choice.member("name", name)
            case ToolChoice.none?:
                choice.member("type", "none")
                takesParallel = false
            }
            if takesParallel, let parallel = request.callsInParallel {
                choice.member("disable_parallel_tool_use", !parallel)
            }
        }
    }

    private static func write(_ tool: ChatTool, _ schema: [UInt8], _ json: inout JSONWriter) {
        json.member("name", tool.name)
        if let description = tool.description { json.member("description", description) }
        json.key("input_schema")
        json.raw(schema)
        if let isStrict = tool.isStrict { json.member("strict", isStrict) }
    }

    /// A strict tool's schema is enforced as an answer's is.
    private static func inputSchema(of tool: ChatTool, _ losses: inout Losses) -> [UInt8] {
        let schema = Self.inputSchema(tool.parameters)
        return tool.isStrict == true ? AnthropicSchema.written(schema, at: "tools[].parameters.", &losses) : schema
    }

    /// The API wants a schema, and in it `"type":"object"`; others allow neither, or `{}`.
    private static func inputSchema(_ parameters: [UInt8]?) -> [UInt8] {
        let type = Array(#"{"type":"object""#.utf8)
        guard let parameters else { return type + [UInt8(ascii: "}")] }
        let view = JSONView(checked: parameters[...])
        guard view.kind == .object, view["type"] == nil else { return parameters }
        return type + (view.isEmpty ? [] : [UInt8(ascii: ",")]) + parameters.dropFirst()
    }
}
