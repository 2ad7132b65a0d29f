import Foundation

/// How one API says what is asked, and reads what is answered.
protocol Dialect: Sendable {
    associatedtype Reading: AnswerReading

    /// How its streams are cut.
    static var framing: Framing { get }

    /// The headers that carry the key, and those that the API wants.
    func headers(key: String?) -> [String: String]

    /// A chat. Throws `invalidRequest` for what the API cannot say and cannot do without.
    func chat(_ request: ChatRequest, streams: Bool) throws(LLMError) -> WireRequest

    /// A wish for vectors.
    func embedding(_ request: EmbeddingRequest) throws(LLMError) -> WireRequest

    /// The vectors in an answer; throws whatever the decoder does.
    func embeddings(in data: Data) throws -> EmbeddingReply
}

/// A request in the words of an API.
struct WireRequest: Sendable {
    /// Below the service's address.
    var path: String
    var body: JSON
    /// What of the request the API has no word for, and the answer can do without.
    var dropped: [String] = []
}

/// Reads one answer; throws `LLMError`, or whatever the decoder does.
protocol AnswerReading: Sendable {
    init()

    /// What has been read.
    var draft: ReplyDraft { get set }

    /// A whole answer.
    mutating func whole(_ data: Data) throws

    /// One record of a stream. True: it says that the stream is over.
    mutating func record(_ data: Data) throws -> Bool
}

extension LLMError {
    /// What a dialect's reader throws, as one of ours.
    init(reading error: any Error) {
        if let error = error as? LLMError {
            self = error
        } else {
            self.init(
                .malformedAnswer, "the server's answer cannot be read: \(ModelOutput.words(for: error) ?? "no JSON")")
        }
    }
}
