/// Google's own API: bodies of `models/{model}:generateContent` and `:streamGenerateContent?alt=sse` (Gemini API
/// reference; the same below `/v1` and `/v1beta`). The path names the model and says whether the answer is streamed; the
/// body does neither.
enum Gemini {
    /// Stop texts that it takes (Gemini API reference, `GenerationConfig.stopSequences`).
    static let stopsMax = 5

    /// Writes a request. What Gemini cannot say is noted.
    static func encode(
        _ request: ChatRequest, for target: TranslationTarget, _ losses: inout Losses
    ) throws(BodyRefusal) -> [UInt8] {
        let family = GeminiFamily(model: target.model)
        let contents = try GeminiContents(request.turns, family, &losses)
        let schemas = request.tools.reduce(0) { $0 + ($1.parameters?.count ?? 0) + 256 }
        let settings = GeminiSettings(request, family, target, &losses)
        let choice = Self.choice(request, &losses)
        if request.tools.contains(where: { $0.isStrict == true }) { losses.note("tools[].strict", .hint) }
        var writer = JSONWriter(capacity: contents.bytesExpected + schemas + 1_024)
        writer.object { writer in
            contents.write(into: &writer)
            if !request.tools.isEmpty { Self.write(request.tools, into: &writer) }
            if let choice { choice.write(into: &writer) }
            settings.write(into: &writer)
        }
        return writer.bytes
    }

    /// Writes the member `tools`. `parametersJsonSchema` takes a JSON Schema as it is, where `parameters` knows a part of
    /// OpenAPI's (Gemini API reference, `FunctionDeclaration`).
    private static func write(_ tools: [ChatTool], into writer: inout JSONWriter) {
        writer.key("tools")
        writer.array { writer in
            writer.object { writer in
                writer.key("functionDeclarations")
                writer.array { writer in
                    for tool in tools { Self.write(tool, into: &writer) }
                }
            }
        }
    }

    private static func write(_ tool: ChatTool, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("name")
            writer.string(tool.name)
            if let description = tool.description {
                writer.key("description")
                writer.string(description)
            }
            if let parameters = tool.parameters {
                writer.key("parametersJsonSchema")
                writer.raw(parameters)
            }
        }
    }

    /// Whether a function must be called (Gemini API reference, `FunctionCallingConfig`).
    private struct Choice {
        var mode: String
        var only: String?

        /// Writes the member `toolConfig`.
        func write(into writer: inout JSONWriter) {
            writer.key("toolConfig")
            writer.object { writer in
                writer.key("functionCallingConfig")
                writer.object { writer in
                    writer.key("mode")
                    writer.string(self.mode)
                    guard let only = self.only else { return }
                    writer.key("allowedFunctionNames")
                    writer.array { $0.string(only) }
                }
            }
        }
    }

    private static func choice(_ request: ChatRequest, _ losses: inout Losses) -> Choice? {
        if request.callsInParallel == false, !request.tools.isEmpty { losses.note("parallel_tool_calls", .hint) }
        guard let wish = request.toolChoice else { return nil }
        // Without functions Gemini refuses every wish about them.
        if request.tools.isEmpty {
            switch wish {
            case .auto, .none: break
            case .required, .tool: losses.note("tool_choice", .demand)
            }
            return nil
        }
        switch wish {
        case .auto: return Choice(mode: "AUTO")
        case .none: return Choice(mode: "NONE")
        case .required: return Choice(mode: "ANY")
        case .tool(let name): return Choice(mode: "ANY", only: name)
        }
    }
}
