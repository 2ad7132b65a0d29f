/// The body for a server with OpenAI's API.
extension OpenAIChat {
    /// Writes a request. A stream asks for its usage, which else is told nowhere.
    ///
    /// Left out and noted: the thinking of earlier turns, which the API has no place for, and `top_k` and `min_p` unless
    /// the server is said to know them.
    static func encode(
        _ request: ChatRequest, for target: TranslationTarget, _ losses: inout Losses
    ) throws(BodyRefusal) -> [UInt8] {
        var json = JSONWriter(capacity: Self.size(of: request))
        var messages = OpenAIMessages(losses: losses)
        json.object { body in
            body.member("model", target.model)
            body.key("messages")
            body.array { list in
                for turn in request.turns { messages.write(turn, to: &list) }
            }
            Self.writeTools(request, to: &body, &messages.losses)
            Self.writeForm(request, for: target, to: &body, &messages.losses)
            Self.writeSampling(request.sampling, for: target, to: &body, &messages.losses)
            if request.streams {
                body.key("stream")
                body.bool(true)
                body.key("stream_options")
                body.object { options in
                    options.key("include_usage")
                    options.bool(true)
                }
            }
        }
        losses = messages.losses
        return json.bytes
    }

    /// Room for the whole, so that images are not moved while it grows.
    private static func size(of request: ChatRequest) -> Int {
        var size = 1_024
        for turn in request.turns {
            for part in turn.parts { size += Self.size(of: part) }
        }
        for tool in request.tools {
            size += (tool.parameters?.count ?? 0) + (tool.description?.utf8.count ?? 0) + 128
        }
        return size
    }

    private static func size(of part: ChatPart) -> Int {
        switch part {
        case .text(let text), .refusal(let text): text.utf8.count + text.utf8.count / 8 + 64
        case .image(let image): image.base64.count + 128
        case .toolCall(let call): call.arguments.count * 5 / 4 + 192
        case .toolResult(let result): result.parts.reduce(128) { $0 + Self.size(of: $1) }
        case .thinking, .sealedThinking: 0
        }
    }

    /// Tools and their use. Without tools nothing is said of their use, which OpenAI would refuse.
    private static func writeTools(_ request: ChatRequest, to body: inout JSONWriter, _ losses: inout Losses) {
        guard !request.tools.isEmpty else {
            switch request.toolChoice {
            case .some(.required), .some(.tool): losses.note("tool_choice", .hint)
            case nil, .some(.auto), .some(.none): break
            }
            return
        }
        body.key("tools")
        body.array { list in
            for tool in request.tools { list.openAITool(tool) }
        }
        if let choice = request.toolChoice {
            body.key("tool_choice")
            body.openAIChoice(choice)
        }
        if let isParallel = request.callsInParallel {
            body.key("parallel_tool_calls")
            body.bool(isParallel)
        }
    }

    /// The name that a schema goes by where the caller gave it none: OpenAI demands one.
    static let schemaName = "answer"

    /// Form and length of the answer, and the thinking before it.
    private static func writeForm(
        _ request: ChatRequest, for target: TranslationTarget, to body: inout JSONWriter, _ losses: inout Losses
    ) {
        if let format = request.format {
            body.key("response_format")
            body.openAIFormat(format)
        }
        let name = target.traits.takesNewerBound ? "max_completion_tokens" : "max_tokens"
        if let bound = target.bound(request.outputTokensMax, named: name, &losses) {
            if target.traits.takesNewerBound {
                body.member("max_completion_tokens", bound)
            } else {
                body.member("max_tokens", bound)
            }
        }
        if let word = OpenAIReasoning.word(request.reasoning, &losses) { body.member("reasoning_effort", word) }
        if let probabilities = request.logProbabilities {
            body.key("logprobs")
            body.bool(true)
            if probabilities.top > 0 { body.member("top_logprobs", probabilities.top) }
        }
    }

    private static func writeSampling(
        _ sampling: Sampling, for target: TranslationTarget, to body: inout JSONWriter, _ losses: inout Losses
    ) {
        if let value = sampling.temperature { body.member("temperature", value) }
        if let value = sampling.topP { body.member("top_p", value) }
        if let value = sampling.frequencyPenalty { body.member("frequency_penalty", value) }
        if let value = sampling.presencePenalty { body.member("presence_penalty", value) }
        if let value = sampling.seed { body.member("seed", value) }
        if target.traits.takesTopK {
            if let value = sampling.topK { body.member("top_k", value) }
            if let value = sampling.minP { body.member("min_p", value) }
        } else {
            if sampling.topK != nil { losses.note("top_k", .hint) }
            if sampling.minP != nil { losses.note("min_p", .hint) }
        }
        if !sampling.stop.isEmpty {
            body.key("stop")
            body.array { list in
                for text in sampling.stop { list.string(text) }
            }
        }
    }
}

extension JSONWriter {
    /// One element of `tools`.
    fileprivate mutating func openAITool(_ tool: ChatTool) {
        self.object { object in
            object.member("type", "function")
            object.key("function")
            object.object { function in
                function.member("name", tool.name)
                if let description = tool.description { function.member("description", description) }
                if let parameters = tool.parameters {
                    function.key("parameters")
                    function.raw(parameters)
                }
                if let isStrict = tool.isStrict {
                    function.key("strict")
                    function.bool(isStrict)
                }
            }
        }
    }

    fileprivate mutating func openAIChoice(_ choice: ToolChoice) {
        switch choice {
        case .auto: self.string("auto")
        case .none: self.string("none")
        case .required: self.string("required")
        case .tool(let name):
            self.object { object in
                object.member("type", "function")
                object.key("function")
                object.object { $0.member("name", name) }
            }
        }
    }

    fileprivate mutating func openAIFormat(_ format: AnswerFormat) {
        self.object { object in
            switch format {
            case .jsonObject: object.member("type", "json_object")
            case .schema(let schema):
                object.member("type", "json_schema")
                object.key("json_schema")
                object.object { inner in
                    inner.member("name", schema.name ?? OpenAIChat.schemaName)
                    if let description = schema.description { inner.member("description", description) }
                    inner.key("schema")
                    inner.raw(schema.schema)
                    if let isStrict = schema.isStrict {
                        inner.key("strict")
                        inner.bool(isStrict)
                    }
                }
            }
        }
    }
}
