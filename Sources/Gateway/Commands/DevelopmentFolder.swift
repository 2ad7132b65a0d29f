import Foundation

/// Where `dev` keeps its admin socket and database: a folder of this user alone, known to the other commands. Its name
/// can be guessed and it lies where anybody may write, so that another user could have put something there before.
enum DevelopmentFolder {
    static var path: String {
        let temporary = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        return "\(temporary)/gatehouse-dev-\(geteuid())"
    }

    /// Makes the folder, or finds that the one that is there can be trusted.
    static func make(at path: String = Self.path) throws(StartFailure) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw StartFailure("cannot make the folder \(path): \(String(cString: strerror(errno)).lowercased())")
        }
        if let fault = Self.fault(at: path) { throw StartFailure(fault) }
    }

    /// What keeps the folder from being trusted; `nil` if nothing does. Once it is a folder of this user that only this
    /// user may enter, nobody else can put a socket into it.
    static func fault(at path: String = Self.path) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            return "cannot look at \(path): \(String(cString: strerror(errno)).lowercased())"
        }
        let found: String
        if status.st_mode & S_IFMT != S_IFDIR {
            found = "is no folder"
        } else if status.st_uid != geteuid() {
            found = "belongs to user \(status.st_uid)"
        } else if status.st_mode & 0o7777 != 0o700 {
            found = "has the rights 0\(String(status.st_mode & 0o7777, radix: 8))"
        } else {
            return nil
        }
        return "\(path) \(found), expected a folder of this user alone, with the rights 0700; "
            + "remove it, or set TMPDIR to a folder of your own"
    }
}
