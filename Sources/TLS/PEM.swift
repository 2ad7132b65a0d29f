import COpenSSL

/// Reads PEM (RFC 7468) from memory.
enum PEM {
    /// Each certificate of `bytes`, in order, given to `take`; at least one. What `take` keeps it must count
    /// (`X509_up_ref`).
    static func forEachCertificate(
        in bytes: [UInt8], _ take: (_ certificate: OpaquePointer, _ place: Int) throws(TLSProblem) -> Void
    ) throws(TLSProblem) {
        try unsafe self.forEach(
            "certificate", in: bytes, read: { unsafe PEM_read_bio_X509($0, nil, nil, nil) }, free: X509_free, take)
    }

    /// The same for lists of certificates that were revoked (RFC 5280 section 5).
    static func forEachRevocationList(
        in bytes: [UInt8], _ take: (_ list: OpaquePointer, _ place: Int) throws(TLSProblem) -> Void
    ) throws(TLSProblem) {
        try unsafe self.forEach(
            "revocation list", in: bytes, read: { unsafe PEM_read_bio_X509_CRL($0, nil, nil, nil) },
            free: X509_CRL_free,
            take)
    }

    private static func forEach(
        _ what: String, in bytes: [UInt8], read: (OpaquePointer) -> OpaquePointer?, free: (OpaquePointer?) -> Void,
        _ take: (_ found: OpaquePointer, _ place: Int) throws(TLSProblem) -> Void
    ) throws(TLSProblem) {
        let source = try unsafe self.source(bytes)
        defer { unsafe _ = BIO_free(source) }
        var place = 0
        while let found = unsafe read(source) {
            defer { unsafe free(found) }
            try unsafe take(found, place)
            place += 1
        }
        // Reading ends with an error in any case: that nothing more begins.
        let ended = ERR_peek_last_error() & 0x7F_FFFF == UInt(PEM_R_NO_START_LINE)
        if place == 0 { throw .found(doing: "no \(what) can be read, expected PEM") }
        if !ended { throw .found(doing: "\(what) \(place + 1) cannot be read") }
        ERR_clear_error()
    }

    /// The private key in `bytes`, which the caller frees.
    static func privateKey(in bytes: [UInt8]) throws(TLSProblem) -> OpaquePointer {
        let source = try unsafe self.source(bytes)
        defer { unsafe _ = BIO_free(source) }
        // Without this callback OpenSSL would ask for a password on the terminal.
        let key = unsafe PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
        guard let key = unsafe key else {
            throw .found(doing: "no private key can be read, expected PEM, not encrypted")
        }
        return unsafe key
    }

    private static func source(_ bytes: [UInt8]) throws(TLSProblem) -> OpaquePointer {
        ERR_clear_error()
        // Copied, since the array's memory is lent for one call only.
        guard let source = unsafe BIO_new(BIO_s_mem()) else { throw .found(doing: "no memory") }
        let written = unsafe bytes.withUnsafeBytes {
            unsafe BIO_write(source, $0.baseAddress, Int32(clamping: $0.count))
        }
        guard written == bytes.count else {
            unsafe _ = BIO_free(source)
            throw .found(doing: "no memory for a file of \(bytes.count) bytes")
        }
        return unsafe source
    }
}
