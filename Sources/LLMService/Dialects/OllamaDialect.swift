import Foundation

/// What Ollama's own API is asked. (`ollama.md` 3)
struct OllamaDialect: Dialect {
    typealias Reading = OllamaReading

    static let framing = Framing.lines

    func headers(key: String?) -> [String: String] {
        key.map { ["authorization": "Bearer \($0)"] } ?? [:]
    }

    func chat(_ request: ChatRequest, streams: Bool) throws(LLMError) -> WireRequest {
        var messages: [JSON] = []
        var dropped: [String] = []
        for message in request.messages { messages += try Self.messages(for: message, &dropped) }
        let body = JSON.members([
            "model": .string(request.model),
            "messages": .array(messages),
            "stream": .bool(streams),
            "tools": try Self.tools(request),
            "format": Self.format(request.format),
            "think": request.reasoning.map { $0 == .off ? .bool(false) : .string($0.rawValue) },
            "options": Self.options(request),
        ])
        return WireRequest(path: "/api/chat", body: body, dropped: dropped)
    }

    /// One message of ours: what tools returned is a message of its own for each.
    private static func messages(
        for message: ChatMessage, _ dropped: inout [String]
    ) throws(LLMError) -> [JSON] {
        var results: [JSON] = []
        var images: [JSON] = []
        var calls: [JSON] = []
        var thinking = ""
        for part in message.parts {
            switch part {
            case .text: break
            case .image(let image): images.append(.string(image.data.base64EncodedString()))
            case .thinking(let text, _): thinking += text
            case .sealedThinking: if !dropped.contains("thinking") { dropped.append("thinking") }
            case .toolCall(let call):
                let function = JSON.members(["name": .string(call.name), "arguments": try call.object()])
                calls.append(.members(["id": .string(call.id), "function": function]))
            case .toolResult(let result):
                results.append(
                    .members([
                        "role": .string("tool"), "tool_name": .string(result.call.name),
                        "tool_call_id": .string(result.call.id), "content": .string(result.text),
                    ]))
            }
        }
        let saysMore = !message.text.isEmpty || !images.isEmpty || !calls.isEmpty || !thinking.isEmpty
        guard saysMore || results.isEmpty else { return results }
        let body = JSON.members([
            "role": .string(message.role.rawValue), "content": .string(message.text),
            "thinking": thinking.isEmpty ? nil : .string(thinking),
            "images": images.isEmpty ? nil : .array(images), "tool_calls": calls.isEmpty ? nil : .array(calls),
        ])
        return results + [body]
    }

    /// The API cannot forbid a call, but a model cannot call what it does not know.
    private static func tools(_ request: ChatRequest) throws(LLMError) -> JSON? {
        switch request.toolChoice {
        case .auto: return request.tools.isEmpty ? nil : .array(request.tools.map(JSON.function))
        case .none: return nil
        case .required, .tool:
            throw LLMError(.invalidRequest, "Ollama cannot make a model call a tool; use `ToolChoice.auto`")
        }
    }

    private static func format(_ format: ReplyFormat) -> JSON? {
        switch format {
        case .text: nil
        case .json: .string("json")
        case .schema(let schema, _): schema.json
        }
    }

    private static func options(_ request: ChatRequest) -> JSON? {
        let options = JSON.members([
            "temperature": request.sampling.temperature.map(JSON.number),
            "top_p": request.sampling.topP.map(JSON.number),
            "seed": request.sampling.seed.map(JSON.integer),
            "stop": request.sampling.stop.isEmpty ? nil : .array(request.sampling.stop.map(JSON.string)),
            "num_predict": request.outputTokensMax.map(JSON.integer),
        ])
        return options == .object([]) ? nil : options
    }

    func embedding(_ request: EmbeddingRequest) throws(LLMError) -> WireRequest {
        WireRequest(
            path: "/api/embed",
            body: .members([
                "model": .string(request.model), "input": .array(request.inputs.map(JSON.string)),
                "dimensions": request.dimensions.map(JSON.integer),
            ]))
    }

    func embeddings(in data: Data) throws -> EmbeddingReply {
        struct Answer: Decodable {
            let model: String?
            let embeddings: [[Float]]
            let prompt_eval_count: Int?
        }
        let answer = try JSONDecoder().decode(Answer.self, from: data)
        return EmbeddingReply(
            vectors: answer.embeddings, model: answer.model,
            usage: TokenUsage(inputTokens: answer.prompt_eval_count))
    }
}
