/// What Ollama's chat and generate have in common (`ollama.md` 3, "Requests").
///
/// | Member | Neutral form |
/// |---|---|
/// | `stream` | `streams`; `true` if it is missing |
/// | `options` | `sampling`; `num_predict` is `outputTokensMax` if it is above 0; others are hints |
/// | `format` | `format`: `"json"` or a schema |
/// | `think` | `reasoning` |
/// | `logprobs`, `top_logprobs` | `logProbabilities` |
/// | `keep_alive`, `truncate`, `shift` | hints; `true` is what holds anyway for the last two |
/// | `_debug_render_only` | a demand |
enum OllamaRequest {
    /// Reads the members that are shared, and notes all that are left.
    static func read(
        _ members: inout ObjectReader, into request: inout ChatRequest, _ losses: inout Losses
    ) throws(BodyRefusal) {
        _ = members.take("model")
        request.streams = try members.bool("stream") ?? true
        if let format = members.take("format") { request.format = try Self.format(format) }
        if let think = members.take("think") { request.reasoning = try Self.reasoning(think) }
        let top = try members.integer("top_logprobs") ?? 0
        if try members.bool("logprobs") ?? false {
            guard (0...20).contains(top) else { throw .field("top_logprobs", "must be between 0 and 20") }
            request.logProbabilities = LogProbabilities(top: top)
        }
        if let options = try members.object("options") { try Self.read(options, into: &request, &losses) }
        if try members.bool("truncate") == false { losses.note("truncate", .hint) }
        if try members.bool("shift") == false { losses.note("shift", .hint) }
        members.lose("_debug_render_only", .demand, &losses)
        members.loseRest(.hint, &losses)
    }

    private static func read(
        _ value: JSONView, into request: inout ChatRequest, _ losses: inout Losses
    ) throws(BodyRefusal) {
        var options = try ObjectReader(value, at: "options.")
        // 0 and less mean no bound (`ollama.md` 1.9).
        request.outputTokensMax = try options.integer("num_predict").flatMap { $0 > 0 ? $0 : nil }
        request.sampling.temperature = try options.number("temperature")
        request.sampling.topP = try options.number("top_p")
        request.sampling.topK = try options.integer("top_k")
        request.sampling.minP = try options.number("min_p")
        request.sampling.frequencyPenalty = try options.number("frequency_penalty")
        request.sampling.presencePenalty = try options.number("presence_penalty")
        // Less than 0 is none.
        request.sampling.seed = try options.integer("seed").flatMap { $0 >= 0 ? $0 : nil }
        request.sampling.stop = try options.strings("stop") ?? []
        options.loseRest(.hint, &losses)
    }

    private static func format(_ value: JSONView) throws(BodyRefusal) -> AnswerFormat? {
        if value.kind == .object { return .schema(AnswerSchema(schema: Array(value.bytes))) }
        switch value.string {
        case "json": return .jsonObject
        case "": return nil
        default: throw .field("format", "must be \"json\" or a JSON Schema")
        }
    }

    private static func reasoning(_ value: JSONView) throws(BodyRefusal) -> Reasoning {
        if let flag = value.bool { return flag ? .on : .off }
        guard let effort = value.string.flatMap(Reasoning.Effort.init(rawValue:)) else {
            throw .field("think", "must be true, false, \"low\", \"medium\", \"high\" or \"max\"")
        }
        return .effort(effort)
    }

    /// Pictures in base64, whose type nobody says.
    static func images(_ members: inout ObjectReader, at path: String) throws(BodyRefusal) -> [ChatPart] {
        guard let images = members.take("images") else { return [] }
        guard images.kind == .array else { throw .field(path, "must be an array") }
        var parts: [ChatPart] = []
        try images.eachElement { (value) throws(BodyRefusal) in
            let base64 = try ChatImage.base64(of: value, at: "\(path)[]")
            // `https:` is no base64; the server would refuse it too.
            guard !base64.prefix(16).contains(UInt8(ascii: ":")) else {
                throw .field("\(path)[]", "must be base64 of the picture itself, not a place to fetch it from")
            }
            parts.append(.image(ChatImage(mediaType: nil, base64: base64)))
        }
        return parts
    }
}
