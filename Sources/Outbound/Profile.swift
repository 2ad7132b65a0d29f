import CLibcurl
import EventLoop
import Residency
import Vocabulary

/// What every transfer is bound to, whatever it is for (`residency.md` A3). Set whole on every handle when it is made:
/// a handle serves one pool, and so one destination, for all its life.
struct Profile {
    /// How old a kept connection may be to be used again.
    static let connectionAge = Duration.seconds(60)
    /// How long a connection may be used at all.
    static let connectionLife = Duration.seconds(600)
    /// What a backend reads as `User-Agent`: it names the product and nothing of the caller.
    static let userAgent = "gatehouse"

    /// Who vouches for the server's certificate; `nil` if the backend is not reached over TLS.
    let trust: Trust?
    /// The socket, if the backend is reached by one.
    let unixPath: String?
    /// The proxy that every connection must pass.
    let proxy: SocketAddress?

    /// One of each kind, with every option that there is: what a door tries at its beginning.
    static let tried = [
        Profile(trust: .system, unixPath: nil, proxy: nil),
        Profile(trust: nil, unixPath: "/probe", proxy: nil),
        Profile(
            trust: Trust(roots: .bundle([0x2D]), pins: [String(repeating: "A", count: 43) + "="]), unixPath: nil,
            proxy: SocketAddress(IPAddress(octets: [127, 0, 0, 1]), port: 3128)),
    ]

    /// Sets the profile on `handle`, whose sockets are closed by `closing` (a pointer to the pool).
    @LoopActor
    func apply(to handle: EasyHandle, closing: UnsafeMutableRawPointer) throws(OutboundProblem) {
        try unsafe self.setCallbacks(on: handle, closing: closing)
        try self.setWaysOut(on: handle)
        try self.setMemory(on: handle)
        try self.setConnections(on: handle)
        if let trust { try self.setTrust(trust, on: handle) }
    }

    @LoopActor
    private func setCallbacks(on handle: EasyHandle, closing: UnsafeMutableRawPointer) throws(OutboundProblem) {
        try handle.setHooks()
        try unsafe handle.set(CURLOPT_OPENSOCKETDATA, handle.opaque)
        try unsafe handle.set(CURLOPT_CLOSESOCKETDATA, closing)
        try unsafe handle.set(CURLOPT_PREREQDATA, handle.opaque)
        try unsafe handle.set(CURLOPT_PRIVATE, handle.opaque)
        try unsafe handle.set(CURLOPT_HEADERFUNCTION, onHeaderLine)
        try unsafe handle.set(CURLOPT_HEADERDATA, handle.opaque)
        try unsafe handle.set(CURLOPT_WRITEFUNCTION, onBody)
        try unsafe handle.set(CURLOPT_WRITEDATA, handle.opaque)
    }

    /// No proxy but the configured one, no other scheme, no other host.
    @LoopActor
    private func setWaysOut(on handle: EasyHandle) throws(OutboundProblem) {
        let scheme = self.trust == nil ? "http" : "https"
        if let proxy {
            try self.setProxy(proxy, on: handle)
        } else {
            // The empty string, not NULL: with NULL libcurl asks the environment.
            try handle.set(CURLOPT_PROXY, "")
            try handle.set(CURLOPT_NOPROXY, "*")
        }
        try handle.set(CURLOPT_PROTOCOLS_STR, scheme)
        try handle.set(CURLOPT_REDIR_PROTOCOLS_STR, scheme)
        try handle.set(CURLOPT_FOLLOWLOCATION, 0)
        try handle.set(CURLOPT_MAXREDIRS, 0)
        try unsafe handle.set(CURLOPT_DOH_URL, nil)
        // Alt-Svc stays off by not being set: libcurl refuses 0 for its switch.
        try handle.set(CURLOPT_HSTS_CTRL, 0)
        try handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        if let unixPath { try handle.set(CURLOPT_UNIX_SOCKET_PATH, unixPath) }
    }

    /// Every connection is a tunnel through `proxy`, whatever the environment says: `no_proxy` would pass it by
    /// (`residency.md` A6, L02). It is told the address and nothing else: no key, no header of the request.
    @LoopActor
    private func setProxy(_ proxy: SocketAddress, on handle: EasyHandle) throws(OutboundProblem) {
        try handle.set(CURLOPT_PROXY, "http://\(proxy)")
        try handle.set(CURLOPT_NOPROXY, "")
        try handle.set(CURLOPT_HTTPPROXYTUNNEL, 1)
        try handle.set(CURLOPT_PROXYAUTH, 0)
        // Read by the proxy; a backend reads the line in the pool's list of headers.
        try handle.set(CURLOPT_USERAGENT, Self.userAgent)
        try handle.set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
        // The head of the proxy's answer is not the backend's.
        try handle.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    }

    /// Nothing is remembered from one transfer to the next, read from files or made up.
    @LoopActor
    private func setMemory(on handle: EasyHandle) throws(OutboundProblem) {
        try handle.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try unsafe handle.set(CURLOPT_SHARE, nil)
        try handle.set(CURLOPT_UNRESTRICTED_AUTH, 0)
        try handle.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try handle.set(CURLOPT_PATH_AS_IS, 1)
        try unsafe handle.set(CURLOPT_ACCEPT_ENCODING, nil)
        try handle.set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        try handle.set(CURLOPT_TRANSFER_ENCODING, 0)
        try handle.set(CURLOPT_HTTP09_ALLOWED, 0)
        try handle.set(CURLOPT_VERBOSE, 0)
        try handle.set(CURLOPT_NOPROGRESS, 1)
        try handle.set(CURLOPT_NOSIGNAL, 1)
    }

    @LoopActor
    private func setConnections(on handle: EasyHandle) throws(OutboundProblem) {
        try handle.set(CURLOPT_TCP_NODELAY, 1)
        // A model may be silent for minutes; a peer that has vanished shall be noticed before that.
        try handle.set(CURLOPT_TCP_KEEPALIVE, 1)
        try handle.set(CURLOPT_TCP_KEEPIDLE, 30)
        try handle.set(CURLOPT_TCP_KEEPINTVL, 15)
        try handle.set(CURLOPT_MAXAGE_CONN, Int(Self.connectionAge.components.seconds))
        try handle.set(CURLOPT_MAXLIFETIME_CONN, Int(Self.connectionLife.components.seconds))
        try handle.set(CURLOPT_PIPEWAIT, 0)
    }

    /// The certificate must lead to one of the authorities, be for the configured name, and of one of the pinned keys
    /// if there are any. The system's authorities are libcurl's built-in bundle; the folder of certificates beside it
    /// would be a second list. A bundle of our own stands instead of the system's: a company's own authority does not
    /// count as the provider's (`residency.md` A3).
    @LoopActor
    private func setTrust(_ trust: Trust, on handle: EasyHandle) throws(OutboundProblem) {
        try handle.set(CURLOPT_SSL_VERIFYPEER, 1)
        try handle.set(CURLOPT_SSL_VERIFYHOST, 2)
        try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try unsafe handle.set(CURLOPT_CAPATH, nil)
        try handle.set(CURLOPT_SSL_ENABLE_ALPN, 0)
        if case .bundle(let pem) = trust.roots {
            try unsafe handle.set(CURLOPT_CAINFO, nil)
            try handle.setBlob(CURLOPT_CAINFO_BLOB, pem)
        }
        if !trust.pins.isEmpty {
            let pins = trust.pins.map { "sha256//\($0)" }.joined(separator: ";")
            try handle.set(CURLOPT_PINNEDPUBLICKEY, pins)
        }
    }
}
