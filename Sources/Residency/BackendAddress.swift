import Vocabulary

/// Where a backend is reached, as a person writes it: `gpu1:11434`, `http://10.0.0.5:11434`, `https://gpu1`,
/// `[fd12::5]:11434`, `unix:/run/ollama.sock`.
public struct BackendAddress: Hashable, Sendable {
    /// The host and port, or the socket.
    public let endpoint: Endpoint
    /// Whether `https://` was written.
    public let tls: Bool

    /// `endpoint`, over TLS or not.
    public init(_ endpoint: Endpoint, tls: Bool = false) {
        self.endpoint = endpoint
        self.tls = tls
    }

    /// Ollama's own port.
    public static let portDefault: UInt16 = 11434

    /// Reads one of the forms above. A missing port is `portDefault` for an Ollama server, else that of the scheme; a
    /// path, a query and a user are refused, as is any spelling that `HostSpelling` refuses.
    public init(parsing text: String, of api: ProviderAPI = .ollama) throws(Refusal) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst("unix:".count))
            if let problem = Self.problem(withSocketPath: path) { throw Self.refusal(problem) }
            self.init(.unix(path: path))
            return
        }
        // Before anything is said of `text`: what stands there may be a password.
        if text.contains("@") { throw Self.refusal(HostSpelling.problemOfUser) }
        var rest = text[...]
        var tls = false
        if let scheme = text.firstRange(of: "://") {
            switch text[..<scheme.lowerBound].lowercased() {
            case "http": tls = false
            case "https": tls = true
            case let other: throw Self.refusal("scheme `\(other)` is not known, expected `http` or `https`")
            }
            rest = text[scheme.upperBound...]
            if rest.hasSuffix("/") { rest.removeLast() }
        }
        if rest.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") })
        {
            throw Self.refusal("`\(text)` has a path or a query, expected a host and a port only")
        }
        // RFC 9110 sections 4.2.1 and 4.2.2.
        let portDefault = api == .ollama ? Self.portDefault : tls ? 443 : 80
        let (host, port) = try Self.split(rest, of: text, portDefault: portDefault)
        let spelling = try HostSpelling.check(String(host))
        self.init(.tcp(host: spelling.text, port: port), tls: tls)
    }

    /// The name of this server in an inspection gate.
    public var inspectionID: BackendID { BackendID(self.endpoint.description) }

    /// Host and port of `rest`, which stands in `text`.
    static func split(
        _ rest: Substring, of text: String, portDefault: UInt16 = Self.portDefault
    ) throws(Refusal) -> (host: Substring, port: UInt16) {
        if rest.hasPrefix("[") {
            guard let end = rest.firstIndex(of: "]") else {
                throw Self.refusal("`\(text)` has no `]` after its address")
            }
            let host = rest[rest.index(after: rest.startIndex)..<end]
            guard IPAddress(host)?.isV4 == false || host.contains("%") else {
                throw Self.refusal("`\(text)` has no IPv6 address between its brackets")
            }
            return (host, try Self.port(rest[rest.index(after: end)...], of: text, portDefault))
        }
        guard let colon = rest.firstIndex(of: ":") else { return (rest, portDefault) }
        if rest[rest.index(after: colon)...].contains(":") {
            throw Self.refusal(
                "`\(text)` has more than one colon, write an IPv6 address in brackets: `[fd12::5]:11434`")
        }
        return (rest[..<colon], try Self.port(rest[colon...], of: text, portDefault))
    }

    /// What follows the host: nothing, or a colon and 1 to 65535 in plain decimal.
    private static func port(
        _ rest: Substring, of text: String, _ portDefault: UInt16
    ) throws(Refusal) -> UInt16 {
        if rest.isEmpty { return portDefault }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), digits.utf8.first != 0x30,
            let port = UInt16(digits)
        else {
            throw Self.refusal("`\(text)` has no valid port, expected a number from 1 to 65535")
        }
        return port
    }

    /// The longest path that `sockaddr_un` holds on Linux, its NUL not counted.
    private static let socketPathMax = 107

    /// Why `path` cannot be a Unix socket's, or `nil`.
    static func problem(withSocketPath path: String) -> String? {
        guard path.hasPrefix("/") else {
            return "the Unix socket `\(path)` has a relative path, expected one that begins with `/`"
        }
        guard path.utf8.count <= Self.socketPathMax else {
            return "the Unix socket `\(path)` has a path of \(path.utf8.count) bytes, the system takes "
                + "\(Self.socketPathMax)"
        }
        guard !path.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            return "the path of the Unix socket has a control character in it"
        }
        return nil
    }

    private static func refusal(_ message: String) -> Refusal { Refusal(.addressForbidden, message) }
}
