/// How one request is sent to one Ollama backend: what the manifest and the backend decide, not the caller.
public struct RewritePlan: Equatable, Sendable {
    /// What becomes of `keep_alive`, which would let any client pin or throw out a model (`ollama.md` 7).
    public enum KeepAlive: Equatable, Sendable {
        /// Left out: the server's own setting holds.
        case backend
        /// So many seconds after each answer; negative is for ever.
        case seconds(Int)
        /// As the caller asks.
        case caller
    }

    /// The name that the backend knows the model by.
    public var servedModel: String
    /// Is `:local` added, so that the server itself refuses to ask elsewhere (`ollama.md` 9)? Known from 0.17.6 on.
    public var appendsLocal: Bool
    /// What becomes of `keep_alive`.
    public var keepAlive: KeepAlive
    /// The most tokens of one answer; `nil` leaves the caller's bound as it is, even if there is none.
    public var outputTokensMax: Int?

    /// A plan with all its parts.
    public init(
        servedModel: String, appendsLocal: Bool = false, keepAlive: KeepAlive = .backend, outputTokensMax: Int? = nil
    ) {
        self.servedModel = servedModel
        self.appendsLocal = appendsLocal
        self.keepAlive = keepAlive
        self.outputTokensMax = outputTokensMax
    }

    /// The name as it is sent, which is how Ollama's answers will call the model.
    public var sentModel: String { self.appendsLocal ? self.servedModel + ":local" : self.servedModel }
}
