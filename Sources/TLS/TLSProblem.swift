import COpenSSL

/// Why a certificate, a key or a handshake is no good: what was found, and what to do where that is clear.
public struct TLSProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence for a person.
    public let message: String

    /// The message.
    public var description: String { self.message }

    /// A problem of our own finding.
    public init(_ message: String) {
        self.message = message
    }

    /// A problem that OpenSSL has found: its earliest error is the cause of the others. Takes them all.
    static func found(doing what: String) -> TLSProblem {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let reason = unsafe ERR_reason_error_string(code) else { return TLSProblem(what) }
        return TLSProblem("\(what): \(unsafe String(cString: reason))")
    }
}
