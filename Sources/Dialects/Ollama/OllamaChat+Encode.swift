/// Requests for an Ollama server, all of them to `/api/chat`.
///
/// What it cannot be told: that a tool must be called, or one only at a time (hints); what sealed thinking holds, a
/// seal, and that a tool failed (hints). A tool that must not be called is not declared. Whoever leaves it to the model
/// whether it thinks need not say so, which spares models that cannot think: Ollama refuses the wish then.
extension OllamaChat {
    /// Writes a request. `stream` is always said, since it is on where nobody says anything.
    static func encode(
        _ request: ChatRequest, for target: TranslationTarget, _ losses: inout Losses
    ) throws(BodyRefusal) -> [UInt8] {
        var told = losses
        let bound = target.bound(request.outputTokensMax, named: "max_tokens", &told)
        let think = Self.think(request.reasoning, target, &told)
        let tools = Self.tools(request, &told)
        var json = JSONWriter(capacity: 512 + Self.weight(request))
        json.object { body in
            body.member("model", target.model)
            body.key("messages")
            body.array { list in
                for turn in request.turns { Self.write(turn, &list, &told) }
            }
            Self.write(tools, &body)
            body.member("stream", request.streams)
            Self.write(request.format, &body, &told)
            Self.write(think, &body)
            if let probabilities = request.logProbabilities {
                body.member("logprobs", true)
                if probabilities.top > 0 { body.member("top_logprobs", probabilities.top) }
            }
            Self.write(request.sampling, bound, &body)
        }
        losses = told
        return json.bytes
    }

    private static func weight(_ request: ChatRequest) -> Int {
        let tools = request.tools.reduce(0) {
            $0 + 128 + ($1.parameters?.count ?? 0) + ($1.description?.utf8.count ?? 0)
        }
        return request.turns.reduce(tools) { sum, turn in
            turn.parts.reduce(sum + 48) { $0 + Self.weight($1) }
        }
    }

    private static func weight(_ part: ChatPart) -> Int {
        switch part {
        case .text(let text), .thinking(let text, _), .refusal(let text): 16 + text.utf8.count
        case .image(let image): 16 + image.base64.count
        case .sealedThinking: 0
        case .toolCall(let call): 96 + call.arguments.count
        case .toolResult(let result): result.parts.reduce(96) { $0 + Self.weight($1) }
        }
    }

    // MARK: What it takes

    /// A tool's name and schema; none if the model must not call any.
    private static func tools(_ request: ChatRequest, _ losses: inout Losses) -> [ChatTool] {
        switch request.toolChoice {
        case nil, .auto: break
        case ToolChoice.none?: return []
        case .required, .tool: losses.note("tool_choice", .hint)
        }
        if request.callsInParallel == false { losses.note("parallel_tool_calls", .hint) }
        if request.tools.contains(where: { $0.isStrict == true }) { losses.note("tools[].strict", .hint) }
        return request.tools
    }

    private enum Think {
        case unsaid
        case flag(Bool)
        case word(String)
    }

    /// Ollama knows `low`, `medium`, `high` and `max` (`ollama.md` 3).
    private static func think(_ asked: Reasoning?, _ target: TranslationTarget, _ losses: inout Losses) -> Think {
        guard let asked else { return .unsaid }
        if target.thinks == false {
            if asked != .off { losses.note(asked.name, .hint) }
            return .unsaid
        }
        switch asked {
        case .off: return .flag(false)
        case .on: return target.thinks == true ? .flag(true) : .unsaid
        case .budget:
            losses.note(asked.name, .hint)
            return target.thinks == true ? .flag(true) : .unsaid
        case .effort(let effort):
            switch effort {
            case .low, .medium, .high, .max: return .word(effort.rawValue)
            case .minimal, .xhigh:
                losses.note(asked.name, .hint)
                return .word(effort == .minimal ? "low" : "high")
            }
        }
    }

    // MARK: Messages

    private static func write(_ turn: ChatTurn, _ list: inout JSONWriter, _ losses: inout Losses) {
        var rest: [ChatPart] = []
        for part in turn.parts {
            guard case .toolResult(let result) = part else {
                rest.append(part)
                continue
            }
            if result.isError { losses.note("messages[].content[].is_error", .hint) }
            list.object { message in
                message.member("role", "tool")
                Self.write(content: result.parts, between: "\n\n", &message, &losses)
                if let name = result.name { message.member("tool_name", name) }
                if !result.id.isEmpty { message.member("tool_call_id", result.id) }
            }
        }
        if rest.isEmpty, !turn.parts.isEmpty { return }
        list.object { message in
            switch turn.role {
            case .system: message.member("role", "system")
            case .user: message.member("role", "user")
            case .assistant: message.member("role", "assistant")
            }
            // An answer's pieces follow each other as they were said; what others wrote in several blocks stays apart.
            Self.write(content: rest, between: turn.role == .assistant ? "" : "\n\n", &message, &losses)
        }
    }

    /// A message has one place for each kind of part.
    private static func write(
        content parts: [ChatPart], between: String, _ message: inout JSONWriter, _ losses: inout Losses
    ) {
        var texts: [String] = []
        var thoughts: [String] = []
        var images: [ChatImage] = []
        var calls: [ToolCall] = []
        for part in parts {
            switch part {
            case .text(let text), .refusal(let text): texts.append(text)
            case .thinking(let text, let seal):
                if seal != nil { losses.note("messages[].content[].signature", .hint) }
                thoughts.append(text)
            case .sealedThinking: losses.note("messages[].thinking", .hint)
            case .image(let image): images.append(image)
            case .toolCall(let call): calls.append(call)
            // Results stand in messages of their own, and hold none themselves.
            case .toolResult: break
            }
        }
        message.member("content", texts.joined(separator: between))
        if !thoughts.isEmpty { message.member("thinking", thoughts.joined()) }
        if !images.isEmpty {
            message.key("images")
            message.array { list in
                for image in images { list.string(escaped: image.base64) }
            }
        }
        if !calls.isEmpty { message.ollamaCalls(calls) }
    }

    // MARK: The rest

    private static func write(_ tools: [ChatTool], _ body: inout JSONWriter) {
        guard !tools.isEmpty else { return }
        body.key("tools")
        body.array { list in
            for tool in tools {
                list.object { entry in
                    entry.member("type", "function")
                    entry.key("function")
                    entry.object { function in
                        function.member("name", tool.name)
                        if let description = tool.description { function.member("description", description) }
                        function.key("parameters")
                        function.raw(tool.parameters ?? Array(#"{"type":"object","properties":{}}"#.utf8))
                    }
                }
            }
        }
    }

    private static func write(_ format: AnswerFormat?, _ body: inout JSONWriter, _ losses: inout Losses) {
        switch format {
        case nil: return
        case .jsonObject: body.member("format", "json")
        case .schema(let schema):
            if schema.description != nil { losses.note("response_format.description", .hint) }
            body.key("format")
            body.raw(schema.schema)
        }
    }

    private static func write(_ think: Think, _ body: inout JSONWriter) {
        switch think {
        case .unsaid: return
        case .flag(let flag): body.member("think", flag)
        case .word(let word): body.member("think", word)
        }
    }

    private static func write(_ sampling: Sampling, _ bound: Int?, _ body: inout JSONWriter) {
        guard bound != nil || sampling != Sampling() else { return }
        body.key("options")
        body.object { options in
            if let bound { options.member("num_predict", bound) }
            if let temperature = sampling.temperature { options.member("temperature", temperature) }
            if let topP = sampling.topP { options.member("top_p", topP) }
            if let topK = sampling.topK { options.member("top_k", topK) }
            if let minP = sampling.minP { options.member("min_p", minP) }
            if let penalty = sampling.frequencyPenalty { options.member("frequency_penalty", penalty) }
            if let penalty = sampling.presencePenalty { options.member("presence_penalty", penalty) }
            if let seed = sampling.seed { options.member("seed", seed) }
            guard !sampling.stop.isEmpty else { return }
            options.key("stop")
            options.array { list in
                for text in sampling.stop { list.string(text) }
            }
        }
    }
}

extension JSONWriter {
    /// The member `tool_calls`, in requests and answers. Arguments are an object here (`ToolCall.argumentsObject`).
    mutating func ollamaCalls(_ calls: [ToolCall]) {
        self.key("tool_calls")
        self.array { list in
            for (index, call) in calls.enumerated() {
                list.object { entry in
                    if !call.id.isEmpty { entry.member("id", call.id) }
                    entry.key("function")
                    entry.object { function in
                        function.member("index", index)
                        function.member("name", call.name)
                        function.key("arguments")
                        function.line(call.argumentsObject)
                    }
                }
            }
        }
    }
}
