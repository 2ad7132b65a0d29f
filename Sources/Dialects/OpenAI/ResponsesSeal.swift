/// Seals on thinking as clients of Responses keep them between two turns (`encrypted_content`), each with its maker's
/// name before it. Such a client may have come from OpenAI with seals of OpenAI's, or from Ollama, which puts the thinking
/// itself there and reads it back as such (Ollama, `openai/responses.go`): nothing else would tell them apart.
enum ResponsesSeal {
    private static let anthropic = "anthropic:"

    /// The names as they stand at the beginning of a JSON string.
    static let marks = ["\"anthropic:", "\"gemini:"].map { Array($0.utf8) }

    /// The seal as clients see it. In the neutral form Anthropic's are base64, and all others marked.
    static func shown(_ seal: String) -> String {
        seal.utf8.contains(UInt8(ascii: ":")) ? seal : Self.anthropic + seal
    }

    /// The seal in the neutral form; `nil` if no translation has made it.
    static func neutral(_ text: String) -> String? {
        if text.hasPrefix(Self.anthropic) { return String(text.dropFirst(Self.anthropic.utf8.count)) }
        return GeminiSeal.unmarked(text) == nil ? nil : text
    }
}
