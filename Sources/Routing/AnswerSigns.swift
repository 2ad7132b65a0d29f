import Vocabulary

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
}

/// How a transfer ended.
public enum AttemptEnd: Equatable, Sendable {
    /// The HTTP answer is complete. What the reader saw only now (an answer in one piece is judged at its end), and
    /// for an error answer what it says, in words fit for a client.
    case completed(AnswerSigns, detail: String?)
    /// It broke off. `detail` is for the client's message: no secrets, no paths of the backend's host.
    case failed(Reason, detail: String)
}

/// How an answer is held back until the client gets the first of it. Before that another backend can still answer
/// without anybody noticing.
public enum Holding: Hashable, Sendable {
    /// A stream: until the first content, or `Bounds.eventsHeld` chunks, or `Bounds.eventBytesHeld`.
    case stream
    /// An answer in one piece: until it is whole, or `Bounds.answerHeld`.
    case whole

    var chunksMax: Int {
        switch self {
        case .stream: Bounds.eventsHeld
        case .whole: .max
        }
    }

    var bytesMax: Int {
        switch self {
        case .stream: Bounds.eventBytesHeld.count
        case .whole: Bounds.answerHeld.count
        }
    }
}
