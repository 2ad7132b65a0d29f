import Vocabulary

/// Our errors, shaped as the caller's dialect shapes them, so that its SDK raises its own class (`ollama.md` 3 to 5).
/// `code` is our reason code in all of them.
public enum ErrorShape {
    /// The body of an error answer; its kind follows `status`, which is the reason's own unless a
    /// backend has said another.
    public static func body(
        dialect: Dialect, reason: Reason, status: Int? = nil, message: String, requestID: RequestID?,
        parameter: String? = nil
    ) -> [UInt8] {
        let status = status ?? reason.status
        var json = JSONWriter()
        switch dialect {
        case .openAI:
            json.object { $0.openAIError(reason, status, message, parameter) }
        case .anthropic:
            json.object { object in
                object.anthropicError(reason, status, message)
                object.requestID(requestID)
            }
        case .ollama:
            json.object { object in
                object.ollamaError(reason, message)
                object.requestID(requestID)
            }
        }
        return json.bytes
    }

    /// An error event for a stream that has begun; nothing may follow it. `sequenceNumber` is for Responses streams.
    ///
    /// OpenAI's SDKs raise for any event whose data has an `error` member, so `/v1/responses` carries one beside the
    /// members of its own `error` event.
    public static func streamEvent(
        endpoint: Endpoint, reason: Reason, message: String, requestID: RequestID? = nil, sequenceNumber: Int = 0
    ) -> [UInt8] {
        var json = JSONWriter()
        switch endpoint.dialect {
        case .ollama:
            return self.body(dialect: .ollama, reason: reason, message: message, requestID: requestID) + [0x0A]
        case .anthropic:
            json.object { $0.anthropicError(reason, reason.status, message) }
            return Array("event: error\ndata: ".utf8) + json.bytes + [0x0A, 0x0A]
        case .openAI where endpoint == .openAIResponses:
            json.object { object in
                object.key("type")
                object.string("error")
                object.key("code")
                object.string(reason.rawValue)
                object.key("message")
                object.string(message)
                object.key("param")
                object.null()
                object.key("sequence_number")
                object.integer(sequenceNumber)
                object.openAIError(reason, reason.status, message, nil)
            }
            return Array("event: error\ndata: ".utf8) + json.bytes + [0x0A, 0x0A]
        case .openAI:
            json.object { $0.openAIError(reason, reason.status, message, nil) }
            return Array("data: ".utf8) + json.bytes + [0x0A, 0x0A]
        }
    }

    /// The `type` that OpenAI and Anthropic use for a status; they agree on all but 5xx.
    static func type(_ status: Int, _ dialect: Dialect) -> String {
        switch status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413 where dialect == .anthropic: "request_too_large"
        case 400..<429: "invalid_request_error"
        case 429: "rate_limit_error"
        case 503 where dialect == .anthropic: "overloaded_error"
        default: "api_error"
        }
    }
}

extension JSONWriter {
    fileprivate mutating func openAIError(
        _ reason: Reason, _ status: Int, _ message: String, _ parameter: String?
    ) {
        self.key("error")
        self.object { error in
            error.key("message")
            error.string(message)
            error.key("type")
            error.string(ErrorShape.type(status, .openAI))
            error.key("param")
            if let parameter { error.string(parameter) } else { error.null() }
            error.key("code")
            error.string(reason.rawValue)
        }
    }

    fileprivate mutating func anthropicError(_ reason: Reason, _ status: Int, _ message: String) {
        self.key("type")
        self.string("error")
        self.key("error")
        self.object { error in
            error.key("type")
            error.string(ErrorShape.type(status, .anthropic))
            error.key("message")
            error.string(message)
            error.key("code")
            error.string(reason.rawValue)
        }
    }

    fileprivate mutating func ollamaError(_ reason: Reason, _ message: String) {
        self.key("error")
        self.string(message)
        self.key("code")
        self.string(reason.rawValue)
    }

    fileprivate mutating func requestID(_ id: RequestID?) {
        guard let id else { return }
        self.key("request_id")
        self.string(id.description)
    }
}
