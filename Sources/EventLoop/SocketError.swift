import CLibuv

/// What went wrong with a socket, a handle or a name: a code to branch on, and a sentence for a person.
public struct SocketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The closed set of causes; also a label for metrics.
    public enum Code: String, Sendable, CaseIterable {
        /// Somebody else uses the address.
        case addressInUse = "address_in_use"
        /// No interface of this machine has the address.
        case addressNotHere = "address_not_here"
        /// The system does not permit it.
        case notPermitted = "not_permitted"
        /// A folder of the path is missing.
        case pathMissing = "path_missing"
        /// The path is too long for a Unix socket, or something else than a socket is there.
        case pathUnusable = "path_unusable"
        /// The process or the machine has no descriptor or memory left.
        case outOfResources = "out_of_resources"
        /// The peer has ended the connection without a goodbye.
        case connectionLost = "connection_lost"
        /// The network gave up.
        case timedOut = "timed_out"
        /// The name does not exist, or has no address.
        case nameUnknown = "name_unknown"
        /// The name service did not answer, or not usefully.
        case nameServiceFailed = "name_service_failed"
        /// What was to be encrypted could not be agreed on, or was damaged.
        case tlsFailed = "tls_failed"
        /// Anything else; the message has the system's name of it.
        case other
    }

    /// What to branch on.
    public let code: Code
    /// What we were doing, what we found, and the way out if there is one.
    public let message: String

    /// The message.
    public var description: String { self.message }

    /// An error that others than the system have found.
    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// Names `status`, a negative number of libuv (the negated `errno` on Linux).
    init(_ status: Int32, doing what: String) {
        self.code = Self.code(of: status)
        var text = "\(what): \(Self.systemText(of: status)) (\(Self.systemName(of: status)))"
        if let wayOut = Self.wayOut(self.code) { text += "; \(wayOut)" }
        self.message = text
    }

    private static func code(of status: Int32) -> Code {
        switch uv_errno_t(status) {
        case UV_EADDRINUSE: .addressInUse
        case UV_EADDRNOTAVAIL: .addressNotHere
        case UV_EACCES, UV_EPERM, UV_EROFS: .notPermitted
        case UV_ENOENT, UV_ENOTDIR: .pathMissing
        case UV_ENAMETOOLONG, UV_ENOTSOCK: .pathUnusable
        case UV_EMFILE, UV_ENFILE, UV_ENOBUFS, UV_ENOMEM: .outOfResources
        case UV_ECONNRESET, UV_EPIPE, UV_ECONNABORTED, UV_ENOTCONN: .connectionLost
        case UV_ETIMEDOUT: .timedOut
        case UV_EAI_NONAME, UV_EAI_NODATA, UV_EAI_ADDRFAMILY: .nameUnknown
        case UV_EAI_AGAIN, UV_EAI_FAIL, UV_EAI_MEMORY, UV_EAI_CANCELED: .nameServiceFailed
        default: .other
        }
    }

    private static func wayOut(_ code: Code) -> String? {
        switch code {
        case .addressInUse: "another process listens there: stop it, or choose another address"
        case .addressNotHere: "choose an address of this machine (ip address)"
        case .notPermitted: "check the rights of the path, or choose a port from 1024 up"
        case .pathMissing: "create the folder first"
        case .outOfResources: "raise the limit of open files (LimitNOFILE, ulimit -n)"
        case .nameUnknown: "check the spelling, and that this machine resolves it (getent ahosts)"
        case .nameServiceFailed: "check the name servers of this machine (/etc/resolv.conf)"
        case .pathUnusable, .connectionLost, .timedOut, .tlsFailed, .other: nil
        }
    }

    /// `EADDRINUSE` and the like.
    static func systemName(of status: Int32) -> String {
        unsafe withCText { buffer, size in unsafe uv_err_name_r(status, buffer, size) }
    }

    private static func systemText(of status: Int32) -> String {
        unsafe withCText { buffer, size in unsafe uv_strerror_r(status, buffer, size) }
    }

    /// The variants with `_r`: the plain ones leak memory for a number that they do not know.
    private static func withCText(
        _ fill: (UnsafeMutablePointer<CChar>, Int) -> UnsafeMutablePointer<CChar>?
    ) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress else { return "" }
            _ = unsafe fill(start, buffer.count)
            return unsafe String(cString: start)
        }
    }
}
