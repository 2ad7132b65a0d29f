import Foundation

/// What the body of an error says, in whichever of the three shapes: `{"error": {"message", "code", "type"}}` (OpenAI;
/// Anthropic adds members around it), `{"error": "text"}` (Ollama), `{"message": "text"}`.
struct ServerError: Decodable {
    let message: String?
    let code: String?

    private enum Keys: String, CodingKey { case error, message, code, type, detail }

    init(from decoder: any Decoder) throws {
        let top = try decoder.container(keyedBy: Keys.self)
        if let inner = try? top.nestedContainer(keyedBy: Keys.self, forKey: .error) {
            self.message = try? inner.decode(String.self, forKey: .message)
            // Some servers repeat the status as a number; that is no word for it.
            self.code =
                (try? inner.decode(String.self, forKey: .code)) ?? (try? inner.decode(String.self, forKey: .type))
        } else {
            let words = [Keys.error, .message, .detail].lazy.compactMap { try? top.decode(String.self, forKey: $0) }
            self.message = words.first
            self.code = try? top.decode(String.self, forKey: .code)
        }
    }
}

extension LLMError {
    /// The most that is told of an error's text.
    private static let messageMax = 2048

    /// An answer that says that there is none.
    init(answer head: AnswerHead, body: Data, now: Date) {
        let said = try? JSONDecoder().decode(ServerError.self, from: body)
        let text = said?.message ?? String(decoding: body, as: UTF8.self)
        let message = String(text.prefix(Self.messageMax)).trimmingCharacters(in: .whitespacesAndNewlines)
        self.init(
            Self.kind(ofStatus: head.status),
            message.isEmpty ? "the server answered with status \(head.status)" : message,
            status: head.status, code: head["x-gatehouse-reason"] ?? said?.code, requestID: head.origin.requestID,
            retryAfter: head.retryAfter(now: now))
        if (300...399).contains(head.status) {
            self.message =
                "the server answered with a redirect, which is not followed since it would carry the request elsewhere; "
                + "give the final address"
        }
    }

    /// An error in the middle of an answer.
    init(withinAnswer record: Data) {
        let said = try? JSONDecoder().decode(ServerError.self, from: record)
        let text = said?.message ?? "the server ended its answer with an error"
        self.init(.unavailable, String(text.prefix(Self.messageMax)), code: said?.code)
    }

    private static func kind(ofStatus status: Int) -> Kind {
        switch status {
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 408, 504: .timeout
        case 429: .rateLimited
        case 400...499: .invalidRequest
        case 500...599: .unavailable
        default: .malformedAnswer
        }
    }
}
