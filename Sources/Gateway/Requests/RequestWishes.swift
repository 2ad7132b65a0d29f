import HTTPServer

/// What a caller asks for beside the body: the values of the headers that count, as they came. Whoever reads a request
/// that came by no wire fills them in.
struct RequestWishes: Equatable, Sendable {
    /// `x-gatehouse-project`
    var project: String?
    /// `x-gatehouse-feature`
    var feature: String?
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
}

extension RequestWishes {
    /// Those of a request that has come.
    init(_ head: RequestHead) {
        self.init(
            project: head.text("x-gatehouse-project"), feature: head.text("x-gatehouse-feature"),
            sensitivity: head.text("x-gatehouse-sensitivity"), external: head.text("x-gatehouse-external"),
            priority: head.text("x-gatehouse-priority"), timeout: head.text("x-request-timeout"),
            conversation: head.text("x-gatehouse-conversation").map { Array($0.utf8) })
    }
}

extension RequestHead {
    /// A header's value as text. Several lines of one name are one list (RFC 9110 section 5.3), which none of our headers
    /// takes: what a proxy adds to a caller's own value must not be lost behind it.
    fileprivate func text(_ name: StaticString) -> String? {
        if self.header(name) == nil { return nil }  // The rule: no list is made for it.
        return self.headers(named: name).map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
    }
}
