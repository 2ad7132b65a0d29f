import Vocabulary

/// Reads vectors as a provider gives them and writes them as the caller's endpoint does.
struct VectorTranslation: Sendable {
    let api: ProviderAPI
    let endpoint: Endpoint
    let encoding: OpenAIEmbeddings.Encoding
    let context: AnswerContext

    /// The caller's answer, and what was learnt; `nil` if `body` is no answer, or its vectors are none.
    func translate(_ body: JSONView) -> (bytes: [UInt8], answer: EmbeddingAnswer)? {
        guard let answer = self.read(body), let bytes = self.write(answer) else { return nil }
        return (bytes, answer)
    }

    private func read(_ body: JSONView) -> EmbeddingAnswer? {
        switch self.api {
        case .openAI: OpenAIEmbeddings.decodeAnswer(body)
        case .gemini: GeminiEmbeddings.decode(body)
        case .ollama: OllamaEmbed.answer(body)
        case .anthropic: nil
        }
    }

    private func write(_ answer: EmbeddingAnswer) -> [UInt8]? {
        self.endpoint == .openAIEmbeddings
            ? OpenAIEmbeddings.encodeAnswer(answer, as: self.encoding, model: self.context.model)
            : OllamaEmbed.encode(answer, self.endpoint, self.context)
    }
}
