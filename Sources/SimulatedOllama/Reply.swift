import HTTPServer

/// The content types that Ollama answers with, made once.
struct ContentType: Sendable {
    let header: HTTPHeader

    private init(_ value: String) {
        self.header = HTTPHeader("Content-Type", value)
    }

    /// JSON as gin writes it.
    static let gin = ContentType("application/json; charset=utf-8")
    /// JSON as the writers that translate to other dialects write it.
    static let json = ContentType("application/json")
    static let ndjson = ContentType("application/x-ndjson")
    static let events = ContentType("text/event-stream")
    static let text = ContentType("text/plain")
    static let textUTF8 = ContentType("text/plain; charset=utf-8")
    static let html = ContentType("text/html; charset=utf-8")
}

/// Answers as Go's HTTP server frames them.
extension HTTPExchange {
    /// What Go holds back before it must begin to send: an answer no longer than this has a `Content-Length`, a longer
    /// one is chunked, in one piece.
    static let lengthKnownMax = 2048

    func reply(
        _ status: Int, _ type: ContentType, _ body: [UInt8], headers: [HTTPHeader] = [],
        chunked: Bool = false
    ) {
        let headers = headers.isEmpty ? [type.header] : headers + [type.header]
        if chunked || body.count > Self.lengthKnownMax {
            self.beginStream(status: status, headers: headers, first: body)
            self.finish()
        } else {
            self.respond(status: status, headers: headers, body: body)
        }
    }

    func replyJSON(_ body: [UInt8], status: Int = 200) {
        self.reply(status, .gin, body)
    }

    func reply(_ status: Int, _ text: StaticString, headers: [HTTPHeader] = []) {
        self.reply(status, .text, Array(text.description.utf8), headers: headers)
    }
}

extension [HTTPHeader] {
    /// What the streams of `/v1/messages` and `/v1/responses` say of themselves. (Ollama also says
    /// `Connection: keep-alive`; here the server alone speaks of the connection.)
    static let eventStream = [HTTPHeader("Cache-Control", "no-cache")]
}
