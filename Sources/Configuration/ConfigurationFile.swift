import Glibc
import Vocabulary

/// Why a file could not be read or written.
public struct FileFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file as it was named to us.
    public let path: String
    /// What was done and what the system said; lower case, no full stop.
    public let message: String

    /// `path: message`.
    public var description: String { "\(self.path): \(self.message)" }

    /// `doing` failed as `errno` tells.
    init(_ path: String, _ doing: String, errno code: Int32) {
        self.path = path
        self.message = "\(doing): \(String(cString: strerror(code)).lowercased())"
    }

    /// `message` says what is wrong with the file at `path`.
    public init(_ path: String, _ message: String) {
        self.path = path
        self.message = message
    }
}

/// Files read and written whole. These calls block: at start, on a worker, or in a command.
public enum ConfigurationFile {
    /// Whether anything stands at `path`, readable or not: a file that may be left out and is there must be read.
    public static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0 || errno != ENOENT
    }

    /// The bytes of the file at `path`, at most `max`.
    public static func bytes(_ path: String, max: Bytes) throws(FileFault) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            let hint = errno == ENOENT ? "; name another one with `--config`, or let `gatehouse init` write it" : ""
            throw FileFault(path, "file cannot be opened: \(String(cString: strerror(errno)).lowercased())\(hint)")
        }
        defer { close(file) }
        return try Self.bytes(of: file, path, max: max)
    }

    private static func bytes(of file: Int32, _ path: String, max: Bytes) throws(FileFault) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault(path, "file cannot be read", errno: errno) }
            if count == 0 { return bytes }
            bytes += part[..<count]
            guard bytes.count <= max.count else {
                throw FileFault(path, "file is larger than \(max.count) bytes, no file of this kind is")
            }
        }
    }

    /// The bytes of a file with a secret, at most `max`. Refused if any of the rights `others` is given, as in `0o077` for
    /// group and others.
    public static func secret(_ path: String, max: Bytes, hiddenFrom others: UInt32) throws(FileFault) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw FileFault(path, "file cannot be opened", errno: errno) }
        defer { close(file) }
        var found = stat()
        guard fstat(file, &found) == 0 else { throw FileFault(path, "file cannot be examined", errno: errno) }
        guard found.st_mode & others == 0 else {
            let rights = String(found.st_mode & 0o777, radix: 8)
            throw FileFault(path, "file has the rights 0\(rights), so that others could use its secret; `chmod 600` it")
        }
        return try Self.bytes(of: file, path, max: max)
    }

    /// Replaces the file at `path` by `text` with the rights `mode`, all or nothing: a reader sees the old file or the
    /// new one, also after a power cut (rename(2): "there will be no point at which another process attempting to
    /// access newpath will find it missing").
    ///
    /// Written by root, the new file belongs to whom the old one did, or to the owner of the folder: a daemon of
    /// another user must still be able to read it.
    public static func write(_ text: String, to path: String, mode: UInt32) throws(FileFault) {
        try self.write(Array(text.utf8), to: path, mode: mode)
    }

    /// The same for what is no text.
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(FileFault) {
        let beside = "\(path).new"
        unlink(beside)  // Left by a run that died; nobody else writes here.
        let file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard file >= 0 else { throw FileFault(path, "file cannot be written beside it as `\(beside)`", errno: errno) }
        do throws(FileFault) {
            defer { close(file) }
            try Self.write(bytes, to: file, path)
            try Self.giveToOwner(file, path)
            guard fchmod(file, mode) == 0, fsync(file) == 0 else {
                throw FileFault(path, "file cannot be completed", errno: errno)
            }
        } catch {
            unlink(beside)
            throw error
        }
        guard rename(beside, path) == 0 else {
            let code = errno
            unlink(beside)
            throw FileFault(path, "file cannot be replaced", errno: code)
        }
        Self.synchronizeFolder(of: path)
    }

    /// Runs `change`, which reads the file at `path` and replaces it, while no other process does so. Waits for one that
    /// does, at most `patience`.
    ///
    /// Held is flock(2) on an empty file beside it, which the system lets go of when the process ends, however it does.
    /// That file stays: one who waits for a file that is removed would hold another than the next who comes.
    public static func whileLocked<Result>(
        _ path: String, patience: Duration = Bounds.fileLock, _ change: () throws -> Result
    ) throws -> Result {
        let beside = "\(path).lock"
        let file = open(beside, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw FileFault(path, "file cannot be locked with `\(beside)`", errno: errno) }
        defer { close(file) }
        var found = stat()
        // The folder's owner could have made it another name of a file that is not theirs.
        guard fstat(file, &found) == 0, found.st_nlink == 1, found.st_mode & S_IFMT == S_IFREG else {
            throw FileFault(
                path, "file cannot be locked: `\(beside)` has another name too, or is no plain file; remove it")
        }
        try Self.giveToOwner(file, path)
        var left = patience
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                throw FileFault(path, "file cannot be locked with `\(beside)`", errno: errno)
            }
            guard left > .zero else {
                throw FileFault(
                    path,
                    "file is being changed by another process, which has held `\(beside)` for "
                        + "\(patience.wholeSecondsUp) s; let it end, then try again")
            }
            usleep(20_000)
            left -= .milliseconds(20)
        }
        return try change()
    }

    private static func giveToOwner(_ file: Int32, _ path: String) throws(FileFault) {
        guard geteuid() == 0 else { return }
        var owner = stat()
        guard stat(path, &owner) == 0 || stat(Self.folder(of: path), &owner) == 0,
            fchown(file, owner.st_uid, owner.st_gid) == 0
        else { throw FileFault(path, "file cannot be given to its owner", errno: errno) }
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    private static func write(_ bytes: [UInt8], to file: Int32, _ path: String) throws(FileFault) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFault(path, "file cannot be written", errno: errno) }
            rest = rest.dropFirst(count)
        }
    }

    /// The new name is durable once its folder is. A folder that cannot be opened for this does not undo the write.
    private static func synchronizeFolder(of path: String) {
        let file = open(Self.folder(of: path), O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard file >= 0 else { return }
        fsync(file)
        close(file)
    }
}

extension ConfigurationTree {
    /// Reads the file at `path`. A file that is missing, unreadable or too large is a problem like any other.
    public static func read(path: String) throws(Problems) -> ConfigurationTree {
        let bytes: [UInt8]
        do throws(FileFault) {
            bytes = try ConfigurationFile.bytes(path, max: Bounds.configurationFile)
        } catch {
            throw Problems([Problem(file: path, error.message)])
        }
        return try Self.read(bytes, file: path)
    }
}
