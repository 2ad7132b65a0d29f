import Vocabulary

/// `keep_alive` as Ollama reads it: seconds as a number, or a Go duration string such as `1h30m` (`ollama.md` 7).
enum GoDuration {
    struct Problem: Error, Equatable {
        let text: String
    }

    /// Longer than this is for ever: Go's own largest duration, 292 years.
    static let forever = Duration.nanoseconds(Int64.max)

    static func keepAlive(_ value: JSONValue) throws(Problem) -> Duration {
        switch value {
        case .number:
            guard let seconds = value.double else { throw Problem(text: "invalid duration") }
            return seconds < 0 || seconds >= 9.2e9 ? Self.forever : .nanoseconds(Int64(seconds * 1e9))
        case .string(let text):
            let duration = try Self.parse(text.string)
            return duration < .zero ? Self.forever : duration
        case .null, .bool, .array, .object:
            throw Problem(text: "Unsupported type: '\(value.kind)'")
        }
    }

    /// Go's `time.ParseDuration`, with its messages.
    static func parse(_ text: String) throws(Problem) -> Duration {
        var rest = text[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        if rest == "0" { return .zero }
        guard !rest.isEmpty else { throw Problem(text: "time: invalid duration \"\(text)\"") }
        var nanoseconds = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits), digits.last != nil else {
                throw Problem(text: "time: invalid duration \"\(text)\"")
            }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !($0.isNumber || $0 == ".") }
            guard !unit.isEmpty else { throw Problem(text: "time: missing unit in duration \"\(text)\"") }
            guard let factor = Self.units[String(unit)] else {
                throw Problem(text: "time: unknown unit \"\(unit)\" in duration \"\(text)\"")
            }
            nanoseconds += number * factor
            rest = rest.dropFirst(unit.count)
        }
        guard nanoseconds < 9.2e18 else { throw Problem(text: "time: invalid duration \"\(text)\"") }
        return .nanoseconds(Int64(isNegative ? -nanoseconds : nanoseconds))
    }

    private static let units = [
        "ns": 1.0, "us": 1e3, "\u{B5}s": 1e3, "\u{3BC}s": 1e3, "ms": 1e6, "s": 1e9, "m": 6e10, "h": 3.6e12,
    ]
}
