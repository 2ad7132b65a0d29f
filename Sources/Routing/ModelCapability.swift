/// What a model can do, in Ollama's words (`ollama.md` 3, `/api/show`).
public enum ModelCapability: String, Hashable, Sendable, CaseIterable {
    /// Answers a prompt or a chat.
    case completion
    /// Calls functions.
    case tools
    /// Fills in between a prefix and a suffix.
    case insert
    /// Reads images.
    case vision
    /// Turns text into vectors.
    case embedding
    /// Shows its reasoning.
    case thinking
    /// Makes images.
    case image
    /// Reads sound.
    case audio
}
