/// Ollama's `POST /api/generate` (`ollama.md` 3): one prompt, which becomes a turn of the user behind one of the
/// system.
///
/// What speaks of the model's own template or tokens means something to one model only: `raw`, `template`, `context`
/// and `suffix` are demands, and so are the measures of a picture to be painted.
enum OllamaGenerate {
    /// Reads a client's request. One without a prompt loads a model and never comes here.
    static func decode(_ body: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> ChatRequest {
        var members = try ObjectReader(body)
        var request = ChatRequest()
        if let system = try members.string("system"), !system.isEmpty {
            request.turns.append(ChatTurn(.system, system))
        }
        var parts: [ChatPart] = []
        if let prompt = try members.string("prompt"), !prompt.isEmpty { parts.append(.text(prompt)) }
        parts += try OllamaRequest.images(&members, at: "images")
        request.turns.append(ChatTurn(.user, parts))
        for name: StaticString in ["raw", "template", "context", "suffix", "width", "height", "steps"] {
            members.lose(name, .demand, &losses)
        }
        try OllamaRequest.read(&members, into: &request, &losses)
        return request
    }
}
