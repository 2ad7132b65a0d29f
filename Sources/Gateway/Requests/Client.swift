import Dialects
import EventLoop
import HTTPServer
import Routing
import Vocabulary

/// The caller of one request: everything that is written to it goes through here, so that every answer carries the
/// same headers and every error has the caller's own shape.
@LoopActor
struct Client {
    let exchange: HTTPExchange
    let id: RequestID
    let endpoint: Endpoint?
    /// Whose shapes its answers have.
    let dialect: Dialect
    /// `x-gatehouse-verbose: 1`
    let isVerbose: Bool
    /// The allowed `Origin` it came from.
    let origin: [UInt8]?

    init(_ exchange: HTTPExchange, id: RequestID, endpoint: Endpoint?, origin: [UInt8]?) {
        self.exchange = exchange
        self.id = id
        self.endpoint = endpoint
        self.dialect = Self.dialect(endpoint, exchange.head)
        self.origin = origin
        self.isVerbose = exchange.head.header("x-gatehouse-verbose")?.elementsEqual("1".utf8) ?? false
    }

    /// `/v1/models` is OpenAI's and Anthropic's alike: there Anthropic's clients are known by the header that their API
    /// demands (Anthropic API reference, "Versioning"). So it is with paths that are not served; those below `/api/` are
    /// Ollama's, whose programs show its errors alone as words.
    private static func dialect(_ endpoint: Endpoint?, _ head: RequestHead) -> Dialect {
        if let endpoint, endpoint != .openAIModels, endpoint != .openAIModel { return endpoint.dialect }
        if endpoint == nil, head.path.starts(with: "/api/".utf8) { return .ollama }
        return head.header("anthropic-version") == nil ? .openAI : .anthropic
    }

    // MARK: A backend's answer

    /// A whole answer of a backend.
    func answer(_ body: [UInt8], _ record: RequestRecord) {
        let headers = self.headers(record.route, Self.allowed(record), Self.json, record)
        self.exchange.respond(status: 200, headers: headers, body: body)
    }

    /// The beginning of an answer that comes in pieces.
    func begin(streamed: Bool, _ record: RequestRecord) {
        self.exchange.beginStream(
            status: 200,
            headers: self.headers(
                record.route, Self.allowed(record), streamed ? self.streamType : Self.json, record))
    }

    private static func allowed(_ record: RequestRecord) -> Reason { record.isExternal ? .allowRule : .allowLocal }

    /// A backend's own refusal of the request, as it came.
    func passOn(status: Int, _ body: [UInt8], _ record: RequestRecord) {
        self.exchange.respond(
            status: status, headers: self.headers(record.route, .upstreamRefused, Self.json, record), body: body)
    }

    // MARK: Our own answers

    /// An answer that needs no backend.
    func answerHere(_ body: [UInt8], type: HTTPHeader = Client.json, dropped: [String] = []) {
        var headers = self.headers("none", .answeredHere, type, nil)
        if !dropped.isEmpty { headers.append(Self.dropped(dropped)) }
        self.exchange.respond(status: 200, headers: headers, body: body)
    }

    private static func dropped(_ names: [String]) -> HTTPHeader {
        HTTPHeader("x-gatehouse-dropped", names.joined(separator: ", "))
    }

    /// A reply that somebody has written.
    func reply(_ body: [UInt8], streamed: Bool, _ record: RequestRecord) {
        let type = streamed ? self.streamType : Self.json
        self.exchange.respond(
            status: Reason.fallbackReply.status, headers: self.headers("fallback", .fallbackReply, type, record),
            body: body)
    }

    /// An error; nothing has been sent before.
    func refuse(_ failure: RequestMachine.Failure, _ record: RequestRecord? = nil) {
        self.refuse(failure.reason, failure.message, retryAfter: failure.retryAfter, record)
    }

    /// An error in the caller's own shape. This is the one place where a reason becomes a status.
    func refuse(
        _ reason: Reason, _ message: String, parameter: String? = nil, retryAfter: Duration? = nil,
        allow: String? = nil, _ record: RequestRecord? = nil
    ) {
        var headers = self.headers("none", reason, Self.json, record)
        if let retryAfter { headers.append(HTTPHeader("Retry-After", String(max(1, retryAfter.wholeSecondsUp)))) }
        if let allow { headers.append(HTTPHeader("Allow", allow)) }
        if reason == .keyMissing || reason == .keyInvalid {
            headers.append(HTTPHeader("WWW-Authenticate", "Bearer"))  // RFC 9110 section 11.6.1 demands one with 401.
        }
        let body = ErrorShape.body(
            dialect: self.dialect, reason: reason, message: message, requestID: self.id,
            parameter: parameter)
        self.exchange.respond(status: reason.status, headers: headers, body: body)
    }

    /// An error inside an answer that has begun, and its end. `number` is that of the next event where events have
    /// numbers.
    func breakOff(_ failure: RequestMachine.Failure, _ endpoint: Endpoint, streamed: Bool, number: Int) {
        guard streamed else { return self.exchange.abort() }  // Half a JSON text cannot say that it is half.
        self.exchange.finish(
            ErrorShape.streamEvent(
                endpoint: endpoint, reason: failure.reason, message: failure.message, requestID: self.id,
                sequenceNumber: number))
    }

    // MARK: Headers

    /// Made once: every answer has one of them.
    static let json = HTTPHeader("Content-Type", "application/json")
    static let text = HTTPHeader("Content-Type", "text/plain; charset=utf-8")
    private static let lines = HTTPHeader("Content-Type", NDJSONWriter.contentType.description)
    private static let events = HTTPHeader("Content-Type", SSEWriter.contentType.description)
    private static let allowLocal = Self.header(of: .allowLocal)
    private static let reasons = Dictionary(uniqueKeysWithValues: Reason.allCases.map { ($0, Self.header(of: $0)) })

    private static func header(of reason: Reason) -> HTTPHeader {
        HTTPHeader("x-gatehouse-reason", reason.rawValue)
    }

    private var streamType: HTTPHeader {
        self.dialect == .ollama ? Self.lines : Self.events
    }

    private func headers(
        _ route: String, _ reason: Reason, _ type: HTTPHeader?, _ record: RequestRecord?
    ) -> [HTTPHeader] {
        var headers: [HTTPHeader] = []
        headers.reserveCapacity(8)
        if let type { headers.append(type) }
        headers.append(HTTPHeader("x-gatehouse-request-id", self.id.bytes))
        headers.append(HTTPHeader("x-gatehouse-route", route))
        headers.append(reason == .allowLocal ? Self.allowLocal : Self.reasons[reason] ?? Self.header(of: reason))
        if let tier = record?.tier {
            let rule = record?.tierRule.map { "; rule=\($0)" } ?? ""
            headers.append(HTTPHeader("x-gatehouse-tier", tier + rule))
        }
        if let record, !record.dropped.isEmpty { headers.append(Self.dropped(record.dropped)) }
        if self.isVerbose, let record {
            if let model = record.model { headers.append(HTTPHeader("x-gatehouse-model", model.rawValue)) }
            headers.append(HTTPHeader("x-gatehouse-attempts", String(record.attemptsBegun)))
            headers.append(HTTPHeader("x-gatehouse-decision-id", self.id.bytes))
            if let classification = record.classification {
                headers.append(HTTPHeader("x-gatehouse-sensitivity", classification.sensitivity.rawValue))
            }
        }
        if let origin { headers += Self.crossOrigin(origin) }
        return headers
    }

    /// What a browser must read before it shows the answer to the page (Fetch standard, "CORS protocol").
    private static func crossOrigin(_ origin: [UInt8]) -> [HTTPHeader] {
        [
            HTTPHeader("Access-Control-Allow-Origin", origin), HTTPHeader("Vary", "Origin"),
            HTTPHeader(
                "Access-Control-Expose-Headers",
                "x-gatehouse-request-id, x-gatehouse-route, x-gatehouse-reason, x-gatehouse-dropped, "
                    + "x-gatehouse-tier, retry-after"),
        ]
    }

    static let preflightStatus = 204

    /// The answer to a preflight.
    func answerPreflight() {
        var headers = self.headers("none", .answeredHere, nil, nil)
        headers.append(HTTPHeader("Access-Control-Allow-Methods", "GET, HEAD, POST"))
        headers.append(HTTPHeader("Access-Control-Max-Age", "600"))
        // Whatever the page wants to send is ours to ignore: none of it reaches a backend.
        if let wanted = self.exchange.head.header("access-control-request-headers") {
            headers.append(HTTPHeader("Access-Control-Allow-Headers", Array(wanted)))
        }
        self.exchange.respond(status: Self.preflightStatus, headers: headers)
    }
}
