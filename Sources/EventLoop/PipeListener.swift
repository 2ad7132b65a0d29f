import CShim
import Glibc

/// Accepts connections at a Unix socket that only its owner (and root) may connect to: mode 0600.
@LoopActor
public final class PipeListener {
    /// The socket's path.
    public let path: String
    private let acceptor: Acceptor
    private let file: FileIdentity?

    /// Listens at once. A socket that was left behind at `path` is replaced if nobody answers on it; anything else
    /// there is an error. Each connection knows its peer's user, group and process.
    ///
    /// - Parameters:
    ///   - path: At most 107 bytes, in a folder that exists.
    ///   - backlog: Connections the kernel completes before they are accepted.
    ///   - isUrgent: Puts its connections before all others: see `UrgentLane`.
    ///   - onTrouble: Told when accepting has to rest for 100 ms, as without descriptors.
    ///   - onConnection: Given each connection.
    public init(
        path: String, backlog: Int = 128, isUrgent: Bool = false,
        onTrouble: @escaping @LoopActor (SocketError) -> Void = { _ in },
        onConnection: @escaping @LoopActor (StreamConnection) -> Void
    ) throws(SocketError) {
        try Self.removeStale(path)
        let descriptor = unsafe gatehouse_listen_unix(path, Int32(clamping: backlog))
        guard descriptor >= 0 else { throw SocketError(descriptor, doing: "listening on \(path)") }
        self.path = path
        self.file = FileIdentity(path)
        do throws(SocketError) {
            self.acceptor = try Acceptor(
                descriptor: descriptor, label: path, isUrgent: isUrgent, onTrouble: onTrouble
            ) { descriptor, _ in
                // Only a connection that has died already cannot be taken over.
                guard let connection = try? StreamConnection(unix: descriptor, isUrgent: isUrgent) else { return }
                onConnection(connection)
            }
        } catch {
            _ = unsafe unlink(path)
            throw error
        }
    }

    /// Stops listening and removes the socket's file, unless another has taken its place. May be called again.
    public func close() {
        guard !self.acceptor.isClosing else { return }
        if let file = self.file, file == FileIdentity(self.path) { _ = unsafe unlink(self.path) }
        self.acceptor.close()
    }

    private static func removeStale(_ path: String) throws(SocketError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw SocketError(
                code: .pathUnusable, message: "listening on a Unix socket: the path is empty or has a NUL")
        }
        let status = unsafe gatehouse_probe_unix(path)
        switch -status {
        case 0:
            throw SocketError(-EADDRINUSE, doing: "listening on \(path)")
        case ENOENT:
            return
        case ECONNREFUSED:
            guard unsafe unlink(path) == 0 else {
                throw SocketError(-errno, doing: "removing the stale socket \(path)")
            }
        case ENOTSOCK:
            throw SocketError(
                code: .pathUnusable,
                message: "listening on \(path): something else than a socket is there; remove it or choose another path"
            )
        default:
            throw SocketError(status, doing: "looking for another process on \(path)")
        }
    }
}

/// Which file a path leads to.
private struct FileIdentity: Equatable {
    let device: UInt64
    let number: UInt64

    init?(_ path: String) {
        var found = stat()
        guard unsafe lstat(path, &found) == 0 else { return nil }
        self.device = UInt64(found.st_dev)
        self.number = UInt64(found.st_ino)
    }
}
