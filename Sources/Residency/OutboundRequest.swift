import Vocabulary

/// What is to be sent to a backend, before a gate has agreed to it.
public struct OutboundRequest: Hashable, Sendable {
    /// The methods that any allowed path takes.
    public enum Method: String, Hashable, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
    }

    /// The method.
    public let method: Method
    /// The path in its canonical form, without a query; one of `BackendPath`.
    public let path: String
    /// A fresh set, never the client's. `Host` and `Content-Length` are not among them: the grant has the one, the
    /// transfer makes the other.
    public let headers: [OutboundHeader]
    /// The body, complete; empty for GET.
    public let body: [UInt8]
    /// The model that the body names, as the backend will read it. The gate does not read bodies: whoever wrote the
    /// body says it here, and the gate refuses a model that would be answered from outside.
    public let model: String?

    /// A request that a gate can judge.
    public init(method: Method, path: String, headers: [OutboundHeader], body: [UInt8] = [], model: String? = nil) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.model = model
    }

    /// A GET without a body: probes and inventories.
    public static func get(_ path: BackendPath) -> OutboundRequest {
        OutboundRequest(method: .get, path: path.rawValue, headers: [.acceptJSON])
    }

    /// Asks a server to unload a model, once those that use it are done (`ollama.md` 7, `keep_alive`).
    public static func unload(_ model: String) -> OutboundRequest {
        // The guard lets no name through that would need escapes.
        .post(.generate, body: Array(#"{"model":"\#(model)","keep_alive":0,"stream":false}"#.utf8), model: model)
    }

    /// A POST of the JSON `body`, in which `model` is named.
    public static func post(_ path: BackendPath, body: [UInt8], model: String) -> OutboundRequest {
        OutboundRequest(
            method: .post, path: path.rawValue, headers: [.contentTypeJSON, .acceptJSON], body: body, model: model)
    }
}

/// One header line towards a backend. The names are a closed list, so that nothing of the client's (cookies, keys,
/// `X-Forwarded-For`, trace baggage) can travel on: Ollama passes every header it gets to its own cloud (`ollama.md` 9).
public struct OutboundHeader: Hashable, Sendable {
    /// The names that may be sent.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        case accept = "Accept"
        case contentType = "Content-Type"
        case anthropicVersion = "anthropic-version"
        case anthropicBeta = "anthropic-beta"
    }

    /// Which header.
    public let name: Name
    /// Its value; the gate accepts only what the name's rule says.
    public let value: String

    /// The header `name` with `value`.
    public init(_ name: Name, _ value: String) {
        self.name = name
        self.value = value
    }

    /// `Content-Type: application/json`.
    public static let contentTypeJSON = OutboundHeader(.contentType, "application/json")
    /// `Accept: application/json`.
    public static let acceptJSON = OutboundHeader(.accept, "application/json")
    /// `Accept: text/event-stream`.
    public static let acceptEventStream = OutboundHeader(.accept, "text/event-stream")
    /// `Accept: application/x-ndjson`.
    public static let acceptNDJSON = OutboundHeader(.accept, "application/x-ndjson")

    /// `anthropic-version` of those who say nothing: the one that the API's reference has examples of.
    public static let anthropicVersionDefault = OutboundHeader(.anthropicVersion, "2023-06-01")

    /// `anthropic-version` as a client sent it; `nil` if it is no date.
    public static func anthropicVersion(_ text: String) -> OutboundHeader? {
        Self.isDate(text[...]) ? OutboundHeader(.anthropicVersion, text) : nil
    }

    /// `anthropic-beta` as a client sent it, without the words that are none of Anthropic's; `nil` if none is.
    public static func anthropicBeta(_ text: String) -> OutboundHeader? {
        let betas = text.split(separator: ",").map { $0.drop { $0 == " " } }.filter { Self.isBetas(String($0)) }
        return betas.isEmpty ? nil : OutboundHeader(.anthropicBeta, betas.prefix(16).joined(separator: ","))
    }

    /// Why this line may not be sent, or `nil`. Values are closed too, since a value is a channel: a media type of
    /// three, a date, or a few dated words.
    var problem: String? {
        if self.value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return "header `\(self.name.rawValue)` has a control character in its value"
        }
        let isAllowed =
            switch (self.name, self.value) {
            case (.accept, "application/json"), (.accept, "text/event-stream"), (.accept, "application/x-ndjson"): true
            case (.contentType, "application/json"): true
            case (.anthropicVersion, let value): Self.isDate(value[...])
            case (.anthropicBeta, let value): Self.isBetas(value)
            case (.accept, _), (.contentType, _): false
            }
        return isAllowed ? nil : "header `\(self.name.rawValue)` has a value that is not sent to backends"
    }

    /// `2023-06-01`, by shape alone.
    private static func isDate(_ text: Substring) -> Bool {
        text.utf8.count == 10
            && zip(text.utf8, 0...).allSatisfy { byte, index in
                index == 4 || index == 7 ? byte == UInt8(ascii: "-") : (0x30...0x39).contains(byte)
            }
    }

    /// `interleaved-thinking-2025-05-14,claude-code-20250219`: at most 16 words of letters, digits and dashes that end in a
    /// date, with dashes or without, as all of Anthropic's do (Anthropic API reference, "Beta headers").
    private static func isBetas(_ text: String) -> Bool {
        let betas = text.split(separator: ",", omittingEmptySubsequences: false)
        return betas.count <= 16
            && betas.allSatisfy { beta in
                (10...64).contains(beta.utf8.count) && Self.endsInDate(beta)
                    && beta.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
            }
    }

    private static func endsInDate(_ beta: Substring) -> Bool {
        let digits = beta.suffix(8)
        return Self.isDate(beta.suffix(10)) && beta.dropLast(10).last == "-"
            || digits.utf8.allSatisfy { (0x30...0x39).contains($0) } && beta.dropLast(8).last == "-"
    }
}
