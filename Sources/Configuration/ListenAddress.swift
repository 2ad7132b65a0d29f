import Vocabulary

/// Where this process listens: a TCP address or a Unix socket.
public enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// An address and a port; port 0 lets the system choose.
    case tcp(SocketAddress)
    /// The absolute path of a Unix socket.
    case unix(path: String)

    /// Why a text is no such address.
    struct Fault: Error {
        let message: String
    }

    /// The longest path that `sockaddr_un` holds on Linux, its NUL not counted.
    private static let socketPathMax = 107

    /// Reads `127.0.0.1:11430`, `[::1]:11430` or `unix:/path`.
    init(parsing text: String) throws(Fault) {
        if text.hasPrefix("unix:") {
            self = .unix(path: try Self.path(text.dropFirst("unix:".count)))
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Self.port(text[text.index(after: colon)...]) else {
            throw Fault(message: "found `\(text)`, expected an address and a port, as in `127.0.0.1:11430`")
        }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(host) else {
            throw Fault(message: Self.advice(text, host, port))
        }
        guard address.isV4 != isBracketed else {
            throw Fault(
                message: address.isV4
                    ? "found `\(text)`, an IPv4 address has no brackets, write `\(address):\(port)`"
                    : "found `\(text)`, an IPv6 address has brackets, write `[\(address)]:\(port)`")
        }
        self = .tcp(SocketAddress(address, port: port))
    }

    private static func advice(_ text: String, _ host: Substring, _ port: UInt16) -> String {
        switch host {
        case "localhost":
            "found `\(text)`, expected an address, not a name: write `127.0.0.1:\(port)` or `[::1]:\(port)`"
        case "", "*":
            "found `\(text)`, write `0.0.0.0:\(port)` to listen on every IPv4 address of this host, "
                + "`127.0.0.1:\(port)` for this host alone"
        default:
            "found `\(text)`, `\(host)` is no IP address in its usual form, expected one as in `127.0.0.1:\(port)`"
        }
    }

    private static func port(_ text: Substring) -> UInt16? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.first != "0"
        else { return nil }
        return UInt16(text)
    }

    private static func path(_ path: Substring) throws(Fault) -> String {
        guard path.hasPrefix("/") else {
            throw Fault(message: "found `unix:\(path)`, expected an absolute path, as in `unix:/run/gatehouse.sock`")
        }
        guard path.utf8.count <= Self.socketPathMax else {
            throw Fault(
                message:
                    "found a Unix socket's path of \(path.utf8.count) bytes, the system takes \(Self.socketPathMax)")
        }
        return String(path)
    }

    /// As it is written in a file.
    public var description: String {
        switch self {
        case .tcp(let address): address.description
        case .unix(let path): "unix:\(path)"
        }
    }
}
