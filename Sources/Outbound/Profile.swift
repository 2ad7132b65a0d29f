import CLibcurl
import EventLoop
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

    /// Whether the backend is reached over TLS.
    let tls: Bool
    /// The socket, if the backend is reached by one.
    let unixPath: String?

    /// Sets the profile on `handle`, whose sockets are closed by `closing` (a pointer to the pool).
    @LoopActor
    func apply(to handle: EasyHandle, closing: UnsafeMutableRawPointer) throws(OutboundProblem) {
        try unsafe self.setCallbacks(on: handle, closing: closing)
        try self.setWaysOut(on: handle)
        try self.setMemory(on: handle)
        try self.setConnections(on: handle)
        if self.tls { try self.setTrust(on: handle) }
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

    /// No proxy, no other scheme, no other host.
    @LoopActor
    private func setWaysOut(on handle: EasyHandle) throws(OutboundProblem) {
        let scheme = self.tls ? "https" : "http"
        // The empty string, not NULL: with NULL libcurl asks the environment.
        try handle.set(CURLOPT_PROXY, "")
        try handle.set(CURLOPT_NOPROXY, "*")
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

    /// Nothing is remembered from one transfer to the next, read from files or made up.
    @LoopActor
    private func setMemory(on handle: EasyHandle) throws(OutboundProblem) {
        try handle.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        try unsafe handle.set(CURLOPT_SHARE, nil)
        try handle.set(CURLOPT_UNRESTRICTED_AUTH, 0)
        try handle.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try handle.set(CURLOPT_PATH_AS_IS, 1)
        try handle.set(CURLOPT_USERAGENT, Self.userAgent)
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

    /// The certificate must lead to one of the system's authorities (libcurl's built-in bundle; the folder of
    /// certificates beside it would be a second list) and be for the configured name.
    @LoopActor
    private func setTrust(on handle: EasyHandle) throws(OutboundProblem) {
        try handle.set(CURLOPT_SSL_VERIFYPEER, 1)
        try handle.set(CURLOPT_SSL_VERIFYHOST, 2)
        try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try unsafe handle.set(CURLOPT_CAPATH, nil)
        try handle.set(CURLOPT_SSL_ENABLE_ALPN, 0)
    }
}
