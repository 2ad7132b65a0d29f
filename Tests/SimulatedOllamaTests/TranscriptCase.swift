import Foundation

@testable import SimulatedOllama

/// One recorded exchange, reduced. In `TranscriptFacts` each is a few lines:
///
/// ```
/// ## group/name
/// > METHOD TARGET          the request; `>h` its unusual headers, `>b` its body (`%LONG%` is a very long text)
/// < STATUS FRAMING RECORDS the answer; RECORDS: how many records each chunk held, repetitions left out
/// <h NAME: VALUE           its headers, those that speak of time, length and connection left out
/// <b SIGNATURE             its records; repetitions left out
/// ```
struct TranscriptCase: Sendable {
    var name = ""
    var method = ""
    var target = ""
    var requestHeaders: [String] = []
    var requestBody: String?
    var expected = AnswerFacts()

    static let long = Array(repeating: "the people may come over the water and find the old house", count: 200)
        .joined(separator: " ")

    static func parse(_ text: String) -> [TranscriptCase] {
        var cases: [TranscriptCase] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let (mark, rest) = Self.divided(line)
            switch mark {
            case "##": cases.append(TranscriptCase(name: rest))
            case ">":
                (cases[cases.count - 1].method, cases[cases.count - 1].target) = Self.divided(rest[...])
            case ">h": cases[cases.count - 1].requestHeaders.append(rest)
            case ">b":
                cases[cases.count - 1].requestBody = rest.replacingOccurrences(of: "%LONG%", with: Self.long)
            case "<": cases[cases.count - 1].expected.first = rest
            case "<h": cases[cases.count - 1].expected.headers.append(rest)
            case "<b": cases[cases.count - 1].expected.records.append(rest)
            default: break
            }
        }
        return cases
    }

    private static func divided(_ line: some StringProtocol) -> (String, String) {
        guard let blank = line.firstIndex(of: " ") else { return (String(line), "") }
        return (String(line[..<blank]), String(line[line.index(after: blank)...]))
    }
}

/// What of an answer does not change from run to run.
struct AnswerFacts: Equatable, Sendable, CustomStringConvertible {
    /// Status, framing, and how many records each chunk held.
    var first = ""
    var headers: [String] = []
    var records: [String] = []

    var description: String {
        ([self.first] + self.headers.map { "<h " + $0 } + self.records.map { "<b " + $0 }).joined(separator: "\n")
    }

    init() {}

    init(of answer: WireAnswer) {
        let unsteady = ["date", "content-length", "transfer-encoding", "connection"]
        self.headers = answer.headers.filter { !unsteady.contains($0.name.lowercased()) }
            .map { "\($0.name): \($0.value)" }.sorted()
        self.first = "\(answer.status) \(answer.framing)"
        let type = answer.header("Content-Type") ?? ""
        if type.hasPrefix("text/event-stream") || type.hasPrefix("application/x-ndjson") {
            let separator = type.hasPrefix("text/event-stream") ? "\n\n" : "\n"
            self.readStream(answer, separator)
        } else if answer.body.first == UInt8(ascii: "{") {
            self.records = [Signature.of(answer.text) + (answer.body.last == 0x0A ? " NL" : "")]
        } else if !answer.body.isEmpty {
            self.records = ["text " + answer.text.replacingOccurrences(of: "\n", with: "\\n")]
        }
    }

    private mutating func readStream(_ answer: WireAnswer, _ separator: String) {
        let records = answer.text.components(separatedBy: separator).filter { !$0.isEmpty }
        self.records = Self.withoutRepetitions(records.map(Self.signature))
        guard answer.framing == "chunked" else { return }
        var start = 0
        var counts: [String] = []
        for length in answer.chunks {
            let chunk = String(decoding: answer.body[start..<start + length], as: UTF8.self)
            counts.append("\(chunk.components(separatedBy: separator).count - 1)")
            start += length
        }
        self.first += " " + Self.withoutRepetitions(counts).joined(separator: ",")
    }

    private static func signature(ofRecord record: String) -> String {
        guard let data = record.range(of: "data: ") else { return Signature.of(record) }
        let event = record.hasPrefix("event: ") ? record.dropFirst(7).prefix { $0 != "\n" } + " " : ""
        let text = String(record[data.upperBound...])
        return event + (text == "[DONE]" ? text : Signature.of(text))
    }

    static func withoutRepetitions(_ items: [String]) -> [String] {
        items.reduce(into: []) { result, item in
            if result.last != item { result.append(item) }
        }
    }
}

/// The shape of a JSON text: names of members in their order, kinds of values; words only where they have a meaning.
enum Signature {
    private static let telling: Set<String> = [
        "done_reason", "role", "object", "type", "finish_reason", "stop_reason", "owned_by", "status",
        "system_fingerprint", "source", "tool_choice", "truncation", "service_tier", "error", "message", "error_code",
        "name",
    ]
    private static let tellingNames: Set<String> = ["get_weather", "web_search"]
    private static let opaque: Set<String> = ["model_info", "tensors"]

    static func of(_ text: String) -> String {
        // Read by two readers: ours keeps the order, Foundation's is nobody's invention here.
        guard (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil,
            let value = try? JSONReader.read(Array(text.utf8))
        else { return "not JSON: \(text)" }
        return Self.of(value, key: "")
    }

    private static func of(_ value: JSONValue, key: String) -> String {
        if Self.opaque.contains(key) { return "*" }
        switch value {
        case .null: return "null"
        case .bool(let bool): return "\(bool)"
        case .number: return "#"
        case .string(let text): return Self.of(text, key: key)
        case .array(let items):
            var kinds: [String] = []
            for kind in items.map({ Self.of($0, key: "") }) where !kinds.contains(kind) { kinds.append(kind) }
            return "[\(kinds.joined(separator: "|"))]"
        case .object(let object):
            return "{"
                + object.members.map { "\($0.key.string):\(Self.of($0.value, key: $0.key.string))" }
                .joined(separator: ",") + "}"
        }
    }

    /// Which of the two ends of a text was met depends on the model's words, numbers in errors on its tokens.
    private static func of(_ text: JSONText, key: String) -> String {
        let string = text.string
        guard Self.telling.contains(key), key != "name" || Self.tellingNames.contains(string) else { return "$" }
        switch string {
        case "length" where key != "error": return "=stop"
        case "max_tokens": return "=end_turn"
        default: break
        }
        var escaped = ""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case _ where scalar.properties.numericType == .decimal: escaped += escaped.last == "N" ? "" : "N"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return "=" + escaped
    }
}
