import Vocabulary

/// What became of an intent. It names its intent by request and attempt, not by the number of its record: an intent that
/// nobody waited for any longer may still get a record, and then needs an outcome although its number was never told.
public struct AuditOutcome: Hashable, Sendable {
    /// How it ended.
    public enum Result: String, Hashable, Sendable, CaseIterable {
        /// The backend's answer came whole.
        case completed
        /// It was sent, or sending it was begun, and no whole answer came.
        case failed
        /// It was sent, or sending it was begun, and the caller left or an operator ended it.
        case cancelled
        /// Nothing was sent.
        case notSent = "not_sent"
        /// The node was killed before it could tell: any part of it may have been sent.
        case unknownAfterCrash = "unknown_after_crash"
    }

    /// The request.
    public var request: RequestID
    /// The number of the send, from 1.
    public var attempt: Int
    /// The backend that it was meant for.
    public var backend: BackendID
    /// How it ended.
    public var result: Result
    /// Why, unless it was completed.
    public var reason: Reason?
    /// The HTTP status of the backend's answer, if one came.
    public var status: Int?
    /// Bytes of the body that were sent; `nil` if that is not known, as the next ones.
    public var bytesOut: Int?
    /// Bytes of the answer's body that came.
    public var bytesIn: Int?
    /// Tokens of the prompt, as the backend counts them.
    public var promptTokens: Tokens?
    /// Tokens of the answer, as the backend counts them.
    public var outputTokens: Tokens?
    /// From the durable intent to the end.
    public var total: Duration?

    /// An outcome of these values.
    public init(
        request: RequestID, attempt: Int, backend: BackendID, result: Result, reason: Reason? = nil,
        status: Int? = nil, bytesOut: Int? = nil, bytesIn: Int? = nil, promptTokens: Tokens? = nil,
        outputTokens: Tokens? = nil, total: Duration? = nil
    ) {
        self.request = request
        self.attempt = attempt
        self.backend = backend
        self.result = result
        self.reason = reason
        self.status = status
        self.bytesOut = bytesOut
        self.bytesIn = bytesIn
        self.promptTokens = promptTokens
        self.outputTokens = outputTokens
        self.total = total
    }

    /// The outcome of an intent of which nothing was sent.
    public init(notSent intent: AuditIntent, reason: Reason) {
        self.init(
            request: intent.verdict.request, attempt: intent.attempt, backend: intent.verdict.backend,
            result: .notSent, reason: reason, bytesOut: 0, bytesIn: 0)
    }

    var body: CanonicalJSON {
        var members: [String: CanonicalJSON] = [
            "attempt": .integer(Int64(self.attempt)), "backend": .string(self.backend.rawValue),
            "request_id": .string("\(self.request)"), "result": .string(self.result.rawValue),
        ]
        members["bytes_in"] = self.bytesIn.map { .integer(Int64($0)) }
        members["bytes_out"] = self.bytesOut.map { .integer(Int64($0)) }
        members["ms"] = self.total.map { .integer($0.milliseconds) }
        members["output_tokens"] = self.outputTokens.map { .integer(Int64($0.count)) }
        members["prompt_tokens"] = self.promptTokens.map { .integer(Int64($0.count)) }
        members["reason"] = self.reason.map { .string($0.rawValue) }
        members["status"] = self.status.map { .integer(Int64($0)) }
        return .object(members)
    }
}
