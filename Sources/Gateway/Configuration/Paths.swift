import Foundation

/// Folders and files by name, as POSIX has them.
enum Paths {
    /// The folder that `path` is in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// `path`, or if it is relative, its place in `folder`.
    static func absolute(_ path: String, in folder: String) -> String {
        path.isEmpty || path.hasPrefix("/") ? path : "\(folder)/\(path)"
    }

    /// `path` from the root, if it is relative to the folder in which the process works: a socket is named so.
    static func fromRoot(_ path: String) -> String {
        if path.isEmpty || path.hasPrefix("/") { return path }
        let bare = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        return "\(FileManager.default.currentDirectoryPath)/\(bare)"
    }
}
