import Vocabulary

/// One model of `/v1/models`.
public struct CompatibleModel: Equatable, Sendable {
    /// The one name that the server answers to.
    public let id: String
    /// Seconds since 1970; 0 if not told. Some servers tell the time of the answer.
    public let created: Int
    /// The context that it is served with, if told.
    public let context: Int?
    /// The model's own longest context, if told.
    public let contextMax: Int?

    init(id: String, _ view: JSONView) {
        let meta = view["meta"]
        self.id = id
        self.created = min(max(0, view["created"]?.integer ?? 0), Self.createdMax)
        self.context = Self.positive(view["max_model_len"]) ?? Self.positive(meta?["n_ctx"])
        self.contextMax = Self.positive(meta?["n_ctx_train"]) ?? self.context
    }

    /// The end of the year 9999: RFC 3339 has no later one.
    private static let createdMax = 253_402_300_799

    private static func positive(_ value: JSONView?) -> Int? { value?.integer.flatMap { $0 > 0 ? $0 : nil } }
}

/// Reads what a server with OpenAI's API says of itself, for probes.
public enum CompatibleAnswers {
    /// `GET /v1/models` (OpenAI API reference, "List models"): the models in the server's order. Beside the name two kinds
    /// of servers tell of contexts: vLLM in `max_model_len` (vLLM, `ModelCard`), llama.cpp in `meta.n_ctx_train`
    /// (llama.cpp server, `GET /v1/models`).
    public static func models(_ bytes: [UInt8]) throws(AnswerProblem) -> [CompatibleModel] {
        guard let data = try OllamaAnswers.object(bytes)["data"], data.kind == .array else {
            throw AnswerProblem(message: "the answer has no list of models in \"data\"")
        }
        let models = data.elements
        // Ollama's own list (`ollama.md` 4). Such a server may pass prompts on to its cloud, which nobody would ask it here.
        guard !models.contains(where: { $0["owned_by"]?.string == "library" }) else {
            throw AnswerProblem(message: "this is an Ollama server, which is a backend of kind `ollama`")
        }
        return models.compactMap { view in
            view["id"]?.string.map { CompatibleModel(id: $0, view) }
        }
    }
}
