import Vocabulary

/// Where a backend outside is reached, as a person writes it: `https://api.example.com`, `https://api.example.com/api/v1`,
/// `https://203.0.113.5:8443/v1`.
public struct ExternalAddress: Hashable, Sendable {
    /// HTTPS's own port.
    public static let portDefault: UInt16 = 443

    /// The host and port.
    public let endpoint: Endpoint
    /// What stands in front of its paths; `nil` if nothing is said.
    public let basePath: String?

    /// Reads one of the forms above. A missing port is `portDefault`, a missing path is told as none; a
    /// query and a user are refused, as is every spelling that `HostSpelling` refuses.
    public init(parsing text: String) throws(Refusal) {
        // Before anything is said of `text`: what stands there may be a password.
        if text.contains("@") { throw Self.refusal(HostSpelling.problemOfUser) }
        guard let scheme = text.firstRange(of: "://"), text[..<scheme.lowerBound].lowercased() == "https" else {
            throw Self.refusal("`\(text)` is not reached over TLS, expected `https://` and a host")
        }
        var rest = text[scheme.upperBound...]
        if rest.contains("?") || rest.contains("#") {
            // A query is where some providers take their key.
            throw Self.refusal("the address has a query or a fragment, expected a host, perhaps a port and a path")
        }
        var path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? ""
        rest = rest.prefix { $0 != "/" }
        if path.hasSuffix("/") { path.removeLast() }
        self.basePath = path.isEmpty ? nil : path
        let (host, port) = try BackendAddress.split(rest, of: text, portDefault: Self.portDefault)
        self.endpoint = .tcp(host: try HostSpelling.check(String(host)).text, port: port)
    }

    private static func refusal(_ message: String) -> Refusal { Refusal(.addressForbidden, message) }
}

extension ForwardProxy {
    /// Reads where a proxy is: `http://10.0.0.5:3128`, by address and port. A name could lead elsewhere, and a proxy that
    /// asks for a password would be told one in the clear.
    public static func address(parsing text: String) throws(Refusal) -> SocketAddress {
        if text.contains("@") {
            throw Refusal(.addressForbidden, "the proxy has a user before its `@`, and none is ever told to a proxy")
        }
        guard let scheme = text.firstRange(of: "://"), text[..<scheme.lowerBound].lowercased() == "http" else {
            throw Refusal(.addressForbidden, "`\(text)` is no HTTP proxy, expected one as in `http://10.0.0.5:3128`")
        }
        var rest = text[scheme.upperBound...]
        if rest.hasSuffix("/") { rest.removeLast() }
        let (host, port) = try BackendAddress.split(rest, of: text, portDefault: 0)
        guard let address = IPAddress(host), port != 0 else {
            throw Refusal(
                .addressForbidden, "`\(text)` is no address and port, expected them as in `http://10.0.0.5:3128`")
        }
        return SocketAddress(address, port: port)
    }
}
