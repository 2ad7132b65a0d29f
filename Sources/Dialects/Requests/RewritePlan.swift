/// How one request is sent to one backend: what the manifest and the backend decide, not the caller.
public struct RewritePlan: Equatable, Sendable {
    /// Who reads the body.
    public enum Reader: Equatable, Sendable {
        /// An Ollama server, inside.
        case ollama
        /// A server with OpenAI's API, outside.
        case openAIOutside
    }

    /// What becomes of `keep_alive`, which would let any client pin or throw out a model (`ollama.md` 7).
    public enum KeepAlive: Equatable, Sendable {
        /// Left out: the server's own setting holds.
        case backend
        /// So many seconds after each answer; negative is for ever.
        case seconds(Int)
        /// As the caller asks.
        case caller
    }

    /// Who reads it: which of the two lists of changes is made, `Splice` or `ExternalSplice`.
    public let reader: Reader
    /// The name that the backend knows the model by.
    public var servedModel: String
    /// Is `:local` added, so that the server itself refuses to ask elsewhere (`ollama.md` 9)? Known from 0.17.6 on.
    public var appendsLocal: Bool
    /// What becomes of `keep_alive`.
    public var keepAlive: KeepAlive
    /// The most tokens of one answer; `nil` leaves the caller's bound as it is, even if there is none.
    public var outputTokensMax: Int?

    /// A plan for an Ollama server, with all its parts.
    public init(
        servedModel: String, appendsLocal: Bool = false, keepAlive: KeepAlive = .backend, outputTokensMax: Int? = nil
    ) {
        self.reader = .ollama
        self.servedModel = servedModel
        self.appendsLocal = appendsLocal
        self.keepAlive = keepAlive
        self.outputTokensMax = outputTokensMax
    }

    /// A plan for a server outside, which knows the model as `model`.
    public init(outside model: String, outputTokensMax: Int? = nil) {
        self.reader = .openAIOutside
        self.servedModel = model
        self.appendsLocal = false
        self.keepAlive = .backend
        self.outputTokensMax = outputTokensMax
    }

    /// The name as it is sent, which is how Ollama's answers will call the model.
    public var sentModel: String { self.appendsLocal ? self.servedModel + ":local" : self.servedModel }
}
