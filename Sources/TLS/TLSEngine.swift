import COpenSSL
import EventLoop
import Vocabulary

/// One side of one TLS connection, without the network: encrypted bytes go in and come out, plain ones the other way.
@safe
final class TLSEngine {
    /// How far the handshake, or reading, has come.
    enum Progress {
        /// The handshake has ended well.
        case done
        /// So many plain bytes have been read.
        case read(Int)
        /// More encrypted bytes are needed.
        case wantsMore
        /// The peer has said that no more will come.
        case ended
        /// The connection is of no more use.
        case failed(TLSProblem)
    }

    private let ssl: OpaquePointer
    /// Encrypted bytes that have come, and such that are to go; both belong to `ssl`.
    private let input: OpaquePointer
    private let output: OpaquePointer

    init(_ context: TLSContext) throws(TLSProblem) {
        ERR_clear_error()
        guard let ssl = unsafe SSL_new(context.raw), let input = unsafe BIO_new(BIO_s_mem()),
            let output = unsafe BIO_new(BIO_s_mem())
        else { throw .found(doing: "no memory for a TLS connection") }
        unsafe SSL_set_bio(ssl, input, output)
        unsafe SSL_set_accept_state(ssl)
        unsafe (self.ssl, self.input, self.output) = (ssl, input, output)
    }

    deinit { unsafe SSL_free(self.ssl) }

    /// Takes encrypted bytes.
    func take(_ bytes: UnsafeRawBufferPointer) {
        unsafe _ = BIO_write(self.input, bytes.baseAddress, Int32(clamping: bytes.count))
    }

    func handshake() -> Progress {
        ERR_clear_error()
        let status = unsafe SSL_do_handshake(self.ssl)
        return status == 1 ? .done : self.progress(status, "the TLS handshake failed")
    }

    /// Reads plain bytes.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Progress {
        ERR_clear_error()
        let count = unsafe SSL_read(self.ssl, buffer.baseAddress, Int32(clamping: buffer.count))
        return count > 0 ? .read(Int(count)) : self.progress(count, "the TLS connection broke")
    }

    private func progress(_ status: Int32, _ what: String) -> Progress {
        let cause = unsafe SSL_get_error(self.ssl, status)
        return switch cause {
        case SSL_ERROR_WANT_READ: .wantsMore
        case SSL_ERROR_ZERO_RETURN: .ended
        default: .failed(.found(doing: what))
        }
    }

    /// Encrypts; memory takes it all.
    func write(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }  // OpenSSL takes nothing for a mistake.
        ERR_clear_error()
        unsafe _ = SSL_write(self.ssl, bytes.baseAddress, Int32(clamping: bytes.count))
    }

    /// Says that no more will come.
    func end() {
        ERR_clear_error()
        unsafe _ = SSL_shutdown(self.ssl)
    }

    /// Gives encrypted bytes to `body`, if there are any, and forgets them.
    func takeOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
        var start: UnsafeMutableRawPointer?
        let count = unsafe BIO_ctrl(self.output, BIO_CTRL_INFO, 0, &start)
        guard count > 0 else { return }
        unsafe body(UnsafeRawBufferPointer(start: start, count: count))
        unsafe _ = BIO_ctrl(self.output, BIO_CTRL_RESET, 0, nil)
    }

    // MARK: After the handshake

    var version: String { unsafe String(cString: SSL_get_version(self.ssl)) }

    /// The client came back with a session of an earlier connection.
    var isResumed: Bool { unsafe SSL_session_reused(self.ssl) == 1 }

    /// What the client's certificate calls it; nothing without one. Only certificates that have been verified get here.
    var peerNames: [PeerName] {
        guard let certificate = unsafe SSL_get1_peer_certificate(self.ssl) else { return [] }
        defer { unsafe X509_free(certificate) }
        guard unsafe SSL_get_verify_result(self.ssl) == X509_V_OK,
            let names = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil)
        else { return [] }
        let list = OpaquePointer(names)
        defer { unsafe GENERAL_NAMES_free(list) }
        return (0..<(unsafe gatehouse_names_count(list))).compactMap { unsafe Self.name($0, of: list) }
    }

    private static func name(_ index: Int32, of list: OpaquePointer) -> PeerName? {
        var bytes: UnsafePointer<UInt8>?
        var count: Int32 = 0
        let kind: PeerName.Kind
        switch unsafe gatehouse_name(list, index, &bytes, &count) {
        case GEN_EMAIL: kind = .email
        case GEN_DNS: kind = .dns
        case GEN_URI: kind = .uri
        default: return nil
        }
        let text = unsafe UnsafeBufferPointer(start: bytes, count: Int(count))
        guard unsafe !text.isEmpty && text.allSatisfy(PeerName.isVisible) else { return nil }
        return unsafe PeerName(kind, String(decoding: text, as: UTF8.self))
    }
}
