import Vocabulary

/// Whether a caller may speak to the data plane at all, before any key is looked at. Pure: what it judges is handed in.
struct CallerRules: Equatable, Sendable {
    /// Pages of these origins may call from a browser.
    let origins: [String]
    /// No keys are configured, so that only this machine is served.
    let servesLoopbackOnly: Bool

    /// What is known of a caller.
    struct Caller {
        /// Its address; none over a Unix socket.
        var address: IPAddress?
        /// `Host`, port included.
        var host: ArraySlice<UInt8>?
        /// `Origin`, if a browser sent one.
        var origin: ArraySlice<UInt8>?
        /// It sent one of `forwardingHeaders`.
        var isForwarded: Bool
        /// It came through TLS, so that its own pages do.
        var isSecure = false
    }

    /// Headers by which proxies tell for whom they speak, or that they are one (RFC 9110 section 7.6.3 has them send
    /// `Via`; the others are usage). A proxy on this machine may speak for anybody.
    static let forwardingHeaders: [StaticString] = [
        "x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host", "x-forwarded-proto",
    ]

    /// Why a caller is refused, or nothing.
    func refusal(of caller: Caller) -> (reason: Reason, message: String)? {
        if let origin = caller.origin, !self.allows(origin: origin, of: caller) {
            return (
                .originForbidden,
                "pages of this origin may not call here; name it in `listeners.origins` of gatehouse.yaml if they may"
            )
        }
        guard self.servesLoopbackOnly else { return nil }
        guard let address = caller.address, Self.isLoopback(address), !caller.isForwarded else {
            return (
                .loopbackOnly,
                "no keys are configured, so only programs on this machine are served; make keys with `gatehouse keys add`"
            )
        }
        // Another name that resolves here is how a web page reaches a local server (DNS rebinding).
        if let host = caller.host, !Self.isLoopback(host: host) {
            return (
                .hostForbidden,
                "no keys are configured, so only `localhost`, `127.0.0.1` and `[::1]` are served as `Host`"
            )
        }
        return nil
    }

    /// An origin that is listed, or the node's own.
    func allows(origin: ArraySlice<UInt8>, of caller: Caller) -> Bool {
        if self.origins.contains(where: { origin.elementsEqual($0.utf8) }) { return true }
        guard let host = caller.host else { return false }
        let scheme: StaticString = caller.isSecure ? "https://" : "http://"
        return origin.elementsEqual(Array("\(scheme)".utf8) + host)
    }

    private static func isLoopback(_ address: IPAddress) -> Bool {
        address.isV4
            ? address.octets[0] == 127
            : address.octets == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
                || address.octets.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127])
    }

    private static func isLoopback(host: ArraySlice<UInt8>) -> Bool {
        // What nearly every local caller sends, without making a text of it.
        let name = host.prefix { $0 != UInt8(ascii: ":") }
        if name.elementsEqual("127.0.0.1".utf8) || name.elementsEqual("localhost".utf8) { return true }
        let text = String(decoding: host, as: UTF8.self).lowercased()
        guard text.hasPrefix("[") else {
            let bare = text.prefix { $0 != ":" }
            return bare == "localhost" || IPAddress(bare).map(Self.isLoopback) ?? false
        }
        guard let end = text.firstIndex(of: "]") else { return false }
        return IPAddress(text[..<end].dropFirst()).map(Self.isLoopback) ?? false
    }
}
