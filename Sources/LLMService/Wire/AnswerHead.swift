import Foundation

/// Status and headers of an answer.
struct AnswerHead: Equatable, Sendable {
    let status: Int
    /// By their names in lower case.
    private let headers: [String: String]

    init(status: Int, headers: [String: String]) {
        self.status = status
        self.headers = Dictionary(headers.map { ($0.lowercased(), $1) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(name: String) -> String? { self.headers[name] }

    /// Gatehouse's own headers; `x-request-id` is OpenAI's word, `request-id` Anthropic's.
    var origin: ReplyOrigin {
        ReplyOrigin(
            requestID: self["x-gatehouse-request-id"] ?? self["x-request-id"] ?? self["request-id"],
            route: self["x-gatehouse-route"], reason: self["x-gatehouse-reason"],
            dropped: (self["x-gatehouse-dropped"] ?? "").split(separator: ",").map {
                String($0.trimmingPrefix(while: \.isWhitespace))
            })
    }

    /// RFC 9110 section 10.2.3: seconds, or a date, which is read against our own clock.
    func retryAfter(now: Date) -> Duration? {
        guard let text = self["retry-after"] else { return nil }
        if let seconds = Double(text), (0...86_400).contains(seconds) { return .seconds(seconds) }
        let reader = DateFormatter()
        reader.locale = Locale(identifier: "en_US_POSIX")
        reader.timeZone = TimeZone(secondsFromGMT: 0)
        reader.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return reader.date(from: text).map { .seconds(min(max($0.timeIntervalSince(now), 0), 86_400)) }
    }
}
