import Vocabulary

/// How a transfer ended.
public enum AttemptEnd: Equatable, Sendable {
    /// The HTTP answer is complete. What the reader saw only now (an answer in one piece is judged at its end), and
    /// for an error answer what it says, in words fit for a client, and how long to wait if its body says so.
    case completed(AnswerSigns, detail: String?, retryAfter: Duration? = nil)
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
