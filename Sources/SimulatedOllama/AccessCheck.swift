import Vocabulary

/// Who may talk to a server that listens on loopback: the check of `Host`, and of `Origin` (`ollama.md` 8).
enum AccessCheck {
    /// The value of `Host`, port and all.
    static func allowsHost(_ host: String) -> Bool {
        let name = Self.withoutPort(host).lowercased()
        if name.isEmpty || name == "localhost" { return true }
        if let address = IPAddress(name) { return Self.isNear(address) }
        return [".localhost", ".local", ".internal"].contains { name.hasSuffix($0) }
    }

    static func allowsOrigin(_ origin: String, host: String?) -> Bool {
        if let host, origin == "http://\(host)" || origin == "https://\(host)" { return true }
        let schemes = ["app://", "file://", "tauri://", "vscode-webview://", "vscode-file://"]
        if schemes.contains(where: { origin.hasPrefix($0) }) { return true }
        guard let scheme = ["http://", "https://"].first(where: { origin.hasPrefix($0) }) else { return false }
        return ["localhost", "127.0.0.1", "0.0.0.0"].contains(Self.withoutPort(String(origin.dropFirst(scheme.count))))
    }

    private static func withoutPort(_ host: String) -> String {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            return String(host[host.index(after: host.startIndex)..<end])
        }
        return String(host.prefix { $0 != ":" })
    }

    /// Loopback, private or unspecified.
    private static func isNear(_ address: IPAddress) -> Bool {
        let octets = address.octets
        if address.isV4 {
            return octets[0] == 127 || octets[0] == 10 || octets[0] == 0 || (octets[0] == 192 && octets[1] == 168)
                || (octets[0] == 172 && (16...31).contains(octets[1]))
        }
        return octets.dropLast().allSatisfy { $0 == 0 } && octets[15] <= 1 || octets[0] & 0xFE == 0xFC
    }

    /// The headers of a preflight answer (`ollama.md` 8).
    static let preflight: [(StaticString, String)] = [
        (
            "Access-Control-Allow-Headers",
            "Authorization,Content-Type,User-Agent,Accept,X-Requested-With,Openai-Beta,X-Stainless-Arch,"
                + "X-Stainless-Async,X-Stainless-Custom-Poll-Interval,X-Stainless-Helper-Method,X-Stainless-Lang,"
                + "X-Stainless-Os,X-Stainless-Package-Version,X-Stainless-Poll-Helper,X-Stainless-Retry-Count,"
                + "X-Stainless-Runtime,X-Stainless-Runtime-Version,X-Stainless-Timeout"
        ),
        ("Access-Control-Allow-Methods", "GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS"),
        ("Access-Control-Max-Age", "43200"),
    ]
}
