/// `POST /v1/completions`, as a client sends it: the prompt is what a user says, as Ollama takes it too (`ollama.md` 4).
///
/// Source: OpenAI API reference, "Create completion".
enum OpenAICompletions {
    /// Reads a client's body. Prompts as numbers of tokens mean something to one model alone, and several prompts want
    /// several answers: both are refused. Probabilities have another form here than anywhere else and are lost.
    static func decode(_ body: JSONView, _ losses: inout Losses) throws(BodyRefusal) -> ChatRequest {
        var request = ChatRequest()
        var prompt: JSONView?
        var bounds: [Int] = []
        try body.eachMember { (key, value) throws(BodyRefusal) in
            if value.isNull { return }
            if try request.sampling.read(key, value) { return }
            switch key {
            case "prompt": prompt = value
            case "stream": request.streams = try OpenAIField.flag(value, "stream")
            case "max_tokens": bounds += try OpenAIField.bound(value, "max_tokens").map { [$0] } ?? []
            case "max_completion_tokens":
                bounds += try OpenAIField.bound(value, "max_completion_tokens").map { [$0] } ?? []
            case "logprobs": losses.note("logprobs", .demand)
            default: OpenAILosses.note(key, value, &losses)
            }
        }
        request.outputTokensMax = bounds.min()
        request.turns = [ChatTurn(.user, try Self.text(prompt))]
        return request
    }

    private static func text(_ prompt: JSONView?) throws(BodyRefusal) -> String {
        guard let prompt else { throw .field("prompt", "is required") }
        if let text = prompt.string { return text }
        let elements = prompt.elements
        guard prompt.kind == .array, let text = elements.first?.string else {
            throw .field("prompt", "must be a string or an array of one, not numbers of tokens")
        }
        guard elements.count == 1 else {
            throw .field("prompt", "holds several prompts; send each in a request of its own")
        }
        return text
    }
}
