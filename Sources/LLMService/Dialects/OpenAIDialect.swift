import Foundation

/// What OpenAI's API is asked. (OpenAI API reference, Create chat completion.)
struct OpenAIDialect: Dialect {
    typealias Reading = OpenAIReading

    static let framing = Framing.events
    let outputBound: OpenAICompatibleService.OutputBound

    func headers(key: String?) -> [String: String] {
        key.map { ["authorization": "Bearer \($0)"] } ?? [:]
    }

    func chat(_ request: ChatRequest, streams: Bool) throws(LLMError) -> WireRequest {
        var dropped: [String] = []
        var messages: [JSON] = []
        for message in request.messages { messages += Self.messages(for: message, &dropped) }
        let body = JSON.members([
            "model": .string(request.model),
            "messages": .array(messages),
            "stream": .bool(streams),
            "stream_options": streams ? .members(["include_usage": .bool(true)]) : nil,
            "tools": request.tools.isEmpty ? nil : .array(request.tools.map(JSON.function)),
            "tool_choice": request.tools.isEmpty ? nil : Self.choice(request.toolChoice),
            "response_format": Self.format(request.format),
            "temperature": request.sampling.temperature.map(JSON.number),
            "top_p": request.sampling.topP.map(JSON.number),
            "seed": request.sampling.seed.map(JSON.integer),
            "stop": request.sampling.stop.isEmpty ? nil : .array(request.sampling.stop.map(JSON.string)),
            "reasoning_effort": request.reasoning.map { .string($0 == .off ? "none" : $0.rawValue) },
            self.outputBound.rawValue: request.outputTokensMax.map(JSON.integer),
        ])
        return WireRequest(path: "/chat/completions", body: body, dropped: dropped)
    }

    /// One message of ours: what tools returned is a message of its own for each.
    private static func messages(for message: ChatMessage, _ dropped: inout [String]) -> [JSON] {
        var results: [JSON] = []
        var content: [JSON] = []
        var calls: [JSON] = []
        for part in message.parts {
            switch part {
            case .text(let text): content.append(.members(["type": .string("text"), "text": .string(text)]))
            case .image(let image):
                content.append(
                    .members(["type": .string("image_url"), "image_url": .members(["url": .string(image.dataURL)])]))
            case .toolCall(let call):
                let function = JSON.members(["name": .string(call.name), "arguments": .string(call.arguments)])
                calls.append(.members(["id": .string(call.id), "type": .string("function"), "function": function]))
            case .toolResult(let result):
                results.append(
                    .members([
                        "role": .string("tool"), "tool_call_id": .string(result.call.id),
                        "content": .string(result.text),
                    ]))
            case .thinking, .sealedThinking:
                if !dropped.contains("thinking") { dropped.append("thinking") }
            }
        }
        if content.isEmpty && calls.isEmpty { return results }
        let isText = message.parts.allSatisfy { if case .image = $0 { false } else { true } }
        let body = JSON.members([
            "role": .string(message.role.rawValue),
            // Not every server takes a list where words would do.
            "content": content.isEmpty ? .null : isText ? .string(message.text) : .array(content),
            "tool_calls": calls.isEmpty ? nil : .array(calls),
        ])
        return results + [body]
    }

    private static func choice(_ choice: ToolChoice) -> JSON? {
        switch choice {
        case .auto: nil
        case .none: .string("none")
        case .required: .string("required")
        case .tool(let name):
            .members(["type": .string("function"), "function": .members(["name": .string(name)])])
        }
    }

    private static func format(_ format: ReplyFormat) -> JSON? {
        switch format {
        case .text: nil
        case .json: .members(["type": .string("json_object")])
        case .schema(let schema, let name):
            .members([
                "type": .string("json_schema"),
                "json_schema": .members(["name": .string(name), "strict": .bool(true), "schema": schema.json]),
            ])
        }
    }

    func embedding(_ request: EmbeddingRequest) throws(LLMError) -> WireRequest {
        WireRequest(
            path: "/embeddings",
            body: .members([
                "model": .string(request.model), "input": .array(request.inputs.map(JSON.string)),
                "dimensions": request.dimensions.map(JSON.integer),
            ]))
    }

    func embeddings(in data: Data) throws -> EmbeddingReply {
        let answer = try JSONDecoder().decode(Embeddings.self, from: data)
        // Each says its place; most servers send them in order, and nobody promises it.
        let vectors = answer.data.enumerated().sorted {
            ($0.element.index ?? $0.offset) < ($1.element.index ?? $1.offset)
        }
        return EmbeddingReply(
            vectors: vectors.map(\.element.embedding), model: answer.model,
            usage: TokenUsage(inputTokens: answer.usage?.prompt_tokens))
    }

    private struct Embeddings: Decodable {
        struct Item: Decodable {
            let index: Int?
            let embedding: [Float]
        }

        let data: [Item]
        let model: String?
        let usage: OpenAIReading.Usage?
    }
}

extension JSON {
    /// A tool, as OpenAI's and Ollama's APIs have it.
    static func function(_ tool: ChatTool) -> JSON {
        .members([
            "type": .string("function"),
            "function": .members([
                "name": .string(tool.name), "description": .string(tool.description),
                "parameters": tool.parameters.json,
            ]),
        ])
    }
}

extension ChatImage {
    /// The picture as an address that holds it (RFC 2397).
    var dataURL: String { "data:\(self.mediaType);base64,\(self.data.base64EncodedString())" }
}
