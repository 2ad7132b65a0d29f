import Foundation

/// Why there is no answer.
public struct LLMError: Error, Hashable, Sendable {
    /// What to branch on.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The server does not know the key (401).
        case unauthorized
        /// The key, or the policy of the server, does not allow it (403). `code` says which rule of Gatehouse's.
        case forbidden
        /// No such model, or no such place (404).
        case notFound
        /// The request cannot be answered as it is (the other 4xx), or cannot be said to this service at all.
        case invalidRequest
        /// Too much at once (429). `retryAfter` may tell how long to wait.
        case rateLimited
        /// The server cannot answer now, or failed (5xx). `retryAfter` may tell how long to wait.
        case unavailable
        /// The time was up: ours, the caller's, or the server's (408, 504).
        case timeout
        /// The task was cancelled, or the stream left.
        case cancelled
        /// The server's answer is not what its protocol allows, is too long, or leads elsewhere (3xx).
        case malformedAnswer
        /// The model answered, but not with the value that was asked for. `text` is what it said.
        case unreadableOutput
        /// The server was not reached, or the connection ended inside the answer.
        case transport
    }

    /// What to branch on.
    public var kind: Kind
    /// What happened and what would help, for a person. It may quote the server, and so the request.
    public var message: String
    /// The HTTP status, if the server answered with one that says so.
    public var status: Int?
    /// The server's own word for it: Gatehouse's reason code (`no_matching_allow`), or what the dialect calls `code` or
    /// `type`.
    public var code: String?
    /// What the server calls the request, to be looked up there (`gatehouse requests show ID`).
    public var requestID: String?
    /// How long the server wishes to be left alone.
    public var retryAfter: Duration?
    /// What the model said, for `unreadableOutput` only.
    public var text: String?

    /// An error of this kind.
    public init(
        _ kind: Kind, _ message: String, status: Int? = nil, code: String? = nil, requestID: String? = nil,
        retryAfter: Duration? = nil, text: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.status = status
        self.code = code
        self.requestID = requestID
        self.retryAfter = retryAfter
        self.text = text
    }

    /// Whether the same request may do better a little later: nobody has refused it for what it is, and the caller's
    /// time is not up.
    public var mayPass: Bool {
        switch self.kind {
        case .rateLimited, .unavailable, .transport: true
        case .unauthorized, .forbidden, .notFound, .invalidRequest, .timeout, .cancelled, .malformedAnswer,
            .unreadableOutput:
            false
        }
    }

    /// Any error as one of ours: what `Task.sleep` and the like throw is `cancelled`, all else is `transport`.
    public init(wrapping error: any Error) {
        switch error {
        case let error as LLMError: self = error
        case is CancellationError: self.init(.cancelled, "the task was cancelled")
        default: self.init(.transport, "\(error)")
        }
    }

    /// The same without anything that may quote a request or an answer: for logs and metrics.
    public var withoutContent: LLMError {
        var error = self
        error.message = self.kind.rawValue
        error.text = nil
        return error
    }
}

extension LLMError: CustomStringConvertible, LocalizedError {
    /// One line: kind, facts, message; not what the model said.
    public var description: String {
        let facts = [self.status.map(String.init), self.code, self.requestID.map { "request \($0)" }].compactMap { $0 }
        return self.kind.rawValue + (facts.isEmpty ? "" : " (\(facts.joined(separator: ", ")))") + ": " + self.message
    }

    /// The same, where Foundation asks.
    public var errorDescription: String? { self.description }
}
