import COpenSSL
import Vocabulary

/// What the connections of a listener have in common: its certificate, its key, whom it trusts. It never changes: a reload
/// makes another one, and connections that are open keep theirs.
///
/// `SSL_CTX` may be used from several threads as long as none changes it (openssl-threads(7)); nothing does after `init`.
@safe
public final class TLSContext: @unchecked Sendable {
    /// Suites of TLS 1.2: forward secrecy and authenticated encryption alone (RFC 9325 section 4.2). Those of 1.3 are all
    /// of that kind.
    static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"
    /// Groups for the key exchange, the cheapest first.
    static let groups = "X25519:P-256:P-384"
    /// OpenSSL's level with 112 bits: no RSA key under 2,048 bits, no SHA-1 (SSL_CTX_set_security_level(3)).
    static let securityLevel: Int32 = 2
    /// Bytes of a client's certificates; more fails the handshake.
    static let clientChainMax = 64 << 10

    let raw: OpaquePointer
    /// When the server's certificate ends.
    public let expiry: WallTime

    /// Reads certificate and key, and checks that they belong together.
    public init(_ options: TLSOptions) throws(TLSProblem) {
        ERR_clear_error()
        guard let raw = unsafe SSL_CTX_new(TLS_server_method()) else { throw .found(doing: "no memory for TLS") }
        do throws(TLSProblem) {
            try unsafe Self.set(raw, from: options)
            self.expiry = try unsafe Self.own(raw, options)
            try unsafe Self.trust(raw, options)
        } catch {
            unsafe SSL_CTX_free(raw)
            throw error
        }
        unsafe self.raw = raw
    }

    deinit { unsafe SSL_CTX_free(self.raw) }

    private static func set(_ raw: OpaquePointer, from options: TLSOptions) throws(TLSProblem) {
        let minimum = options.minimum == .v13 ? TLS1_3_VERSION : TLS1_2_VERSION
        unsafe SSL_CTX_set_security_level(raw, Self.securityLevel)
        unsafe _ = SSL_CTX_set_options(raw, gatehouse_server_options())
        // An idle connection gives its buffers of 34 KiB back.
        unsafe _ = SSL_CTX_ctrl(raw, SSL_CTRL_MODE, Int(SSL_MODE_RELEASE_BUFFERS), nil)
        // Sessions live in tickets that clients keep. They are sealed by keys of this context: a new one ends them all.
        unsafe _ = SSL_CTX_ctrl(raw, SSL_CTRL_SET_SESS_CACHE_MODE, Int(SSL_SESS_CACHE_OFF), nil)
        unsafe _ = SSL_CTX_set_num_tickets(raw, 1)
        unsafe _ = SSL_CTX_ctrl(raw, SSL_CTRL_SET_MAX_CERT_LIST, Self.clientChainMax, nil)
        let isSet =
            unsafe SSL_CTX_ctrl(raw, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(minimum), nil) == 1
            && SSL_CTX_set_cipher_list(raw, Self.ciphers) == 1 && Self.setGroups(raw)
            && SSL_CTX_set_session_id_context(raw, "gatehouse", 9) == 1
        if !isSet { throw .found(doing: "OpenSSL does not know what is wanted of it") }
        unsafe SSL_CTX_set_alpn_select_cb(raw, chooseProtocol, nil)
    }

    private static func setGroups(_ raw: OpaquePointer) -> Bool {
        var groups = Array(Self.groups.utf8CString)
        return unsafe groups.withUnsafeMutableBytes {
            unsafe SSL_CTX_ctrl(raw, SSL_CTRL_SET_GROUPS_LIST, 0, $0.baseAddress) == 1
        }
    }

    /// The server's own certificate, what leads to its authority, and the key.
    private static func own(_ raw: OpaquePointer, _ options: TLSOptions) throws(TLSProblem) -> WallTime {
        var expiry = WallTime(microseconds: 0)
        try unsafe PEM.forEachCertificate(in: options.certificates) { certificate, place throws(TLSProblem) in
            if place == 0 {
                guard unsafe SSL_CTX_use_certificate(raw, certificate) == 1 else {
                    throw .found(doing: "the certificate cannot be used")
                }
                unsafe expiry = Self.expiry(of: certificate)
            } else {
                unsafe _ = SSL_CTX_ctrl(raw, SSL_CTRL_CHAIN_CERT, 1, UnsafeMutableRawPointer(certificate))
            }
        }
        let key = try unsafe PEM.privateKey(in: options.key)
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe SSL_CTX_use_PrivateKey(raw, key) == 1, unsafe SSL_CTX_check_private_key(raw) == 1 else {
            throw .found(doing: "the key is not the certificate's")
        }
        return expiry
    }

    private static func expiry(of certificate: OpaquePointer) -> WallTime {
        var days: Int32 = 0
        var seconds: Int32 = 0
        let epoch = unsafe ASN1_TIME_set(nil, 0)
        defer { unsafe ASN1_STRING_free(epoch) }
        guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)) == 1 else {
            return WallTime(microseconds: 0)
        }
        return WallTime(microseconds: (Int64(days) * 86_400 + Int64(seconds)) * 1_000_000)
    }

    /// Who vouches for clients, and whether they must show a certificate.
    private static func trust(_ raw: OpaquePointer, _ options: TLSOptions) throws(TLSProblem) {
        let mode: Int32
        switch options.clientCertificate {
        case .none: return
        case .optional: mode = SSL_VERIFY_PEER
        case .required: mode = SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
        }
        unsafe SSL_CTX_set_verify(raw, mode, nil)
        let store = unsafe SSL_CTX_get_cert_store(raw)
        try unsafe PEM.forEachCertificate(in: options.clientAuthorities) { certificate, place throws(TLSProblem) in
            guard unsafe X509_STORE_add_cert(store, certificate) == 1,
                unsafe SSL_CTX_add_client_CA(raw, certificate) == 1
            else { throw .found(doing: "authority \(place + 1) cannot be used") }
        }
        guard let revoked = options.revoked else { return }
        // A certificate whose authority has no list here, or one that has run out, is refused (X509_V_FLAG_CRL_CHECK).
        unsafe _ = X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK))
        try unsafe PEM.forEachRevocationList(in: revoked) { list, place throws(TLSProblem) in
            guard unsafe X509_STORE_add_crl(store, list) == 1 else {
                throw .found(doing: "revocation list \(place + 1) cannot be used")
            }
        }
    }
}

/// HTTP/1.1 is what is spoken here; a client that offers others alone is told so (RFC 7301 section 3.2).
private func chooseProtocol(
    _ ssl: OpaquePointer?, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ chosenCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?, _ offeredCount: UInt32,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    var rest = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))[...]
    while let count = unsafe rest.popFirst() {
        let name = unsafe rest.prefix(Int(count))
        if unsafe name.elementsEqual("http/1.1".utf8) {
            unsafe chosen?.pointee = UnsafeBufferPointer(rebasing: name).baseAddress
            unsafe chosenCount?.pointee = count
            return SSL_TLSEXT_ERR_OK
        }
        unsafe rest = rest.dropFirst(Int(count))
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
