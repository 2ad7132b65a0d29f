import Foundation

/// What Anthropic's API is asked. (Anthropic API reference, Create a message.)
struct AnthropicDialect: Dialect {
    typealias Reading = AnthropicReading

    static let framing = Framing.events
    let outputTokensMax: Int

    func headers(key: String?) -> [String: String] {
        var headers = ["anthropic-version": "2023-06-01"]
        headers["x-api-key"] = key
        return headers
    }

    func chat(_ request: ChatRequest, streams: Bool) throws(LLMError) -> WireRequest {
        let system = request.messages.prefix { $0.role == .system }
        var messages: [JSON] = []
        for message in request.messages.dropFirst(system.count) { messages.append(try Self.message(message)) }
        let body = JSON.members([
            "model": .string(request.model),
            "max_tokens": .integer(request.outputTokensMax ?? self.outputTokensMax),
            "system": system.isEmpty ? nil : .string(system.map(\.text).joined(separator: "\n\n")),
            "messages": .array(messages),
            "stream": .bool(streams),
            "tools": request.tools.isEmpty ? nil : .array(request.tools.map(Self.tool)),
            "tool_choice": request.tools.isEmpty ? nil : Self.choice(request.toolChoice),
            "thinking": request.reasoning.map { .members(["type": .string($0 == .off ? "disabled" : "adaptive")]) },
            "output_config": try Self.output(request),
            "temperature": request.sampling.temperature.map(JSON.number),
            "top_p": request.sampling.topP.map(JSON.number),
            "stop_sequences": request.sampling.stop.isEmpty ? nil : .array(request.sampling.stop.map(JSON.string)),
        ])
        return WireRequest(
            path: "/v1/messages", body: body, dropped: request.sampling.seed == nil ? [] : ["seed"])
    }

    private static func message(_ message: ChatMessage) throws(LLMError) -> JSON {
        guard message.role != .system else {
            throw LLMError(
                .invalidRequest, "a system message behind others has no place in the Messages API; put it first")
        }
        // Results stand before all else of a message (Anthropic API reference, Tool use).
        var results: [JSON] = []
        var others: [JSON] = []
        for part in message.parts {
            if case .toolResult = part {
                results.append(try Self.block(part))
            } else {
                others.append(try Self.block(part))
            }
        }
        return .members(["role": .string(message.role.rawValue), "content": .array(results + others)])
    }

    private static func block(_ part: ChatMessage.Part) throws(LLMError) -> JSON {
        switch part {
        case .text(let text): return .members(["type": .string("text"), "text": .string(text)])
        case .image(let image):
            let source = JSON.members([
                "type": .string("base64"), "media_type": .string(image.mediaType),
                "data": .string(image.data.base64EncodedString()),
            ])
            return .members(["type": .string("image"), "source": source])
        case .thinking(let text, let signature):
            return .members([
                "type": .string("thinking"), "thinking": .string(text), "signature": .string(signature ?? ""),
            ])
        case .sealedThinking(let data):
            return .members(["type": .string("redacted_thinking"), "data": .string(data)])
        case .toolCall(let call):
            return .members([
                "type": .string("tool_use"), "id": .string(call.id), "name": .string(call.name),
                "input": try call.object(),
            ])
        case .toolResult(let result):
            return .members([
                "type": .string("tool_result"), "tool_use_id": .string(result.call.id),
                "content": .string(result.text), "is_error": result.isError ? .bool(true) : nil,
            ])
        }
    }

    private static func tool(_ tool: ChatTool) -> JSON {
        .members([
            "name": .string(tool.name), "description": .string(tool.description),
            "input_schema": tool.parameters.json,
        ])
    }

    private static func choice(_ choice: ToolChoice) -> JSON? {
        switch choice {
        case .auto: nil
        case .none: .members(["type": .string("none")])
        case .required: .members(["type": .string("any")])
        case .tool(let name): .members(["type": .string("tool"), "name": .string(name)])
        }
    }

    /// How much is thought, and the form (Anthropic API reference, `output_config`).
    private static func output(_ request: ChatRequest) throws(LLMError) -> JSON? {
        let effort: JSON? = request.reasoning.flatMap { $0 == .off ? nil : .string($0.rawValue) }
        let format: JSON?
        switch request.format {
        case .text: format = nil
        case .json:
            throw LLMError(.invalidRequest, "the Messages API has no JSON without a schema; give `ReplyFormat.schema`")
        case .schema(let schema, _):
            format = .members(["type": .string("json_schema"), "schema": schema.json])
        }
        return effort == nil && format == nil ? nil : .members(["effort": effort, "format": format])
    }

    func embedding(_ request: EmbeddingRequest) throws(LLMError) -> WireRequest {
        throw LLMError(.invalidRequest, "the Messages API has no vectors; ask another service for them")
    }

    func embeddings(in data: Data) throws -> EmbeddingReply {
        throw LLMError(.malformedAnswer, "the Messages API has no vectors")
    }
}

extension ToolCall {
    /// The arguments, where the API wants an object.
    func object() throws(LLMError) -> JSON {
        guard let object = JSON.object(parsing: self.arguments) else {
            throw LLMError(
                .invalidRequest,
                "the arguments of the call of `\(self.name)` are no JSON object, and this API takes nothing else")
        }
        return object
    }
}
