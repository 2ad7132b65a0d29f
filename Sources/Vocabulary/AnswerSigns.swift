/// What the reader of an answer saw in the bytes just received.
public struct AnswerSigns: OptionSet, Hashable, Sendable {
    /// The set as bits.
    public let rawValue: UInt8
    /// The set with these bits.
    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Something the client waits for: text, reasoning, a tool call, a vector.
    public static let content = AnswerSigns(rawValue: 1)
    /// The end that the protocol demands (`ollama.md` 11): `[DONE]`, `done: true`, `message_stop`; of an answer in
    /// one piece, that it is whole and valid.
    public static let terminal = AnswerSigns(rawValue: 2)
    /// The backend reports an error inside its stream.
    public static let error = AnswerSigns(rawValue: 4)
    /// The answer comes from outside (`remote_host`, `remote_model`).
    public static let remoteModel = AnswerSigns(rawValue: 8)
    /// The bytes are not what the protocol allows.
    public static let malformed = AnswerSigns(rawValue: 16)
    /// The body of a 404 that says that the backend does not have the model.
    public static let modelMissing = AnswerSigns(rawValue: 32)
    /// The body of a 400 that says that the key sent with the request is none.
    public static let keyRefused = AnswerSigns(rawValue: 64)
}
