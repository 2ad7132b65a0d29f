@testable import Dialects

/// Reads requests of Google's own API back into the neutral form: nobody but a test does, since no caller speaks it.
enum GeminiReader {
    static func read(_ body: JSONView) -> ChatRequest {
        var request = ChatRequest()
        if let words = body["systemInstruction"]?["parts"]?.elements {
            request.turns.append(ChatTurn(.system, words.map { .text($0["text"]?.string ?? "") }))
        }
        for content in body["contents"]?.elements ?? [] {
            let role: ChatTurn.Role = content["role"]?.string == "model" ? .assistant : .user
            request.turns.append(ChatTurn(role, self.parts(content["parts"]?.elements ?? [])))
        }
        request.tools = (body["tools"]?.first?["functionDeclarations"]?.elements ?? []).map { tool in
            ChatTool(
                name: tool["name"]?.string ?? "", description: tool["description"]?.string,
                parameters: tool["parametersJsonSchema"].map { Array($0.bytes) })
        }
        request.toolChoice = body["toolConfig"]?["functionCallingConfig"].map(Self.choice)
        if let settings = body["generationConfig"] { self.read(settings, &request) }
        return request
    }

    private static func choice(_ config: JSONView) -> ToolChoice {
        if let name = config["allowedFunctionNames"]?.first?.string { return .tool(name) }
        switch config["mode"]?.string {
        case "NONE": return .none
        case "ANY": return .required
        default: return .auto
        }
    }

    private static func parts(_ views: [JSONView]) -> [ChatPart] {
        var parts: [ChatPart] = []
        for view in views {
            if let call = view["functionCall"] {
                if let seal = view["thoughtSignature"]?.string, seal != GeminiSeal.none {
                    self.put(GeminiSeal.marked(seal), &parts)
                }
                parts.append(
                    .toolCall(
                        ToolCall(
                            id: call["id"]?.string ?? "", name: call["name"]?.string ?? "",
                            arguments: call["args"].map { Array($0.bytes) } ?? [])))
            } else if let result = view["functionResponse"] {
                parts.append(.toolResult(self.result(result)))
            } else if let data = view["inlineData"] {
                parts.append(.image(self.picture(data)))
            } else if view["thought"]?.bool == true {
                let seal = view["thoughtSignature"]?.string.map(GeminiSeal.marked)
                parts.append(.thinking(view["text"]?.string ?? "", signature: seal))
            } else {
                parts.append(.text(view["text"]?.string ?? ""))
            }
        }
        return parts
    }

    /// A call's seal belongs to the thought before it, as the events of an answer tell it.
    private static func put(_ seal: String, _ parts: inout [ChatPart]) {
        if case .thinking(let text, nil)? = parts.last {
            parts[parts.count - 1] = .thinking(text, signature: seal)
        } else {
            parts.append(.thinking("", signature: seal))
        }
    }

    private static func picture(_ data: JSONView) -> ChatImage {
        ChatImage(mediaType: data["mimeType"]?.string, base64: (data["data"]?.stringBytes ?? [])[...])
    }

    private static func result(_ view: JSONView) -> ToolResult {
        var result = ToolResult(id: view["id"]?.string ?? "", name: view["name"]?.string, parts: [])
        if let response = view["response"] {
            let said = response["output"] ?? response["error"] ?? response
            result.isError = response["error"] != nil
            result.parts = [.text(said.string ?? text(said.bytes))]
        }
        for part in view["parts"]?.elements ?? [] {
            if let data = part["inlineData"] { result.parts.append(.image(self.picture(data))) }
        }
        return result
    }

    private static func read(_ settings: JSONView, _ request: inout ChatRequest) {
        request.sampling.temperature = settings["temperature"]?.double
        request.sampling.topP = settings["topP"]?.double
        request.sampling.topK = settings["topK"]?.integer
        request.sampling.presencePenalty = settings["presencePenalty"]?.double
        request.sampling.frequencyPenalty = settings["frequencyPenalty"]?.double
        request.sampling.seed = settings["seed"]?.integer
        request.sampling.stop = (settings["stopSequences"]?.elements ?? []).compactMap(\.string)
        request.outputTokensMax = settings["maxOutputTokens"]?.integer
        if settings["responseLogprobs"]?.bool == true {
            request.logProbabilities = LogProbabilities(top: settings["logprobs"]?.integer ?? 0)
        }
        if settings["responseMimeType"] != nil {
            request.format =
                settings["responseJsonSchema"].map { .schema(AnswerSchema(schema: Array($0.bytes))) } ?? .jsonObject
        }
        if let thinking = settings["thinkingConfig"] { request.reasoning = Self.reasoning(thinking) }
    }

    private static func reasoning(_ config: JSONView) -> Reasoning {
        if let level = config["thinkingLevel"]?.string?.lowercased() {
            return Reasoning.Effort(rawValue: level).map { .effort($0) } ?? .on
        }
        switch config["thinkingBudget"]?.integer {
        case nil, -1: return .on
        case 0: return .off
        case .some(let tokens): return .budget(tokens)
        }
    }
}
