import Accounting
import Dialects
import HTTPServer
import Residency

/// What a caller asks for beside the body: the values of the headers that count, as they came. Whoever reads a request
/// that came by no wire fills them in.
struct RequestWishes: Equatable, Sendable {
    /// `x-gatehouse-project`
    var project: String?
    /// `x-gatehouse-feature`
    var feature: String?
    /// The header that the key names.
    var principal: String?
    /// `x-gatehouse-sensitivity`
    var sensitivity: String?
    /// `x-gatehouse-external`
    var external: String?
    /// `x-gatehouse-priority`
    var priority: String?
    /// `x-request-timeout`
    var timeout: String?
    /// `x-gatehouse-conversation`
    var conversation: [UInt8]?
    /// `anthropic-version` and `anthropic-beta`; `nil` in other dialects.
    var anthropic: AnthropicWishes?
}

/// What an Anthropic client says of the API that it was written for, as far as it may be told to Anthropic.
struct AnthropicWishes: Equatable, Sendable {
    /// `anthropic-version`
    var version: OutboundHeader?
    /// `anthropic-beta`
    var beta: OutboundHeader?
}

extension RequestWishes {
    /// Those of a request that has come to `endpoint` with `key`.
    init(_ head: RequestHead, _ endpoint: Endpoint, _ key: Key? = nil) {
        self.init(
            project: head.text("x-gatehouse-project"), feature: head.text("x-gatehouse-feature"),
            principal: key?.principalHeader.flatMap { head.list(head.headers(withName: $0)) },
            sensitivity: head.text("x-gatehouse-sensitivity"), external: head.text("x-gatehouse-external"),
            priority: head.text("x-gatehouse-priority"), timeout: head.text("x-request-timeout"),
            conversation: head.text("x-gatehouse-conversation").map { Array($0.utf8) },
            anthropic: endpoint != .anthropicMessages
                ? nil
                : AnthropicWishes(
                    version: head.text("anthropic-version").flatMap { .anthropicVersion($0) },
                    beta: head.text("anthropic-beta").flatMap { .anthropicBeta($0) }))
    }
}

extension RequestHead {
    /// A header's value as text. Several lines of one name are one list (RFC 9110 section 5.3), which none of our headers
    /// takes: what a proxy adds to a caller's own value must not be lost behind it.
    fileprivate func text(_ name: StaticString) -> String? {
        if self.header(name) == nil { return nil }  // The rule: no list is made for it.
        return self.list(self.headers(named: name))
    }

    fileprivate func list(_ values: [ArraySlice<UInt8>]) -> String? {
        values.isEmpty ? nil : values.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
    }
}
