import GRDB

/// Why something could not be stored or read: a closed code, a message for a person, SQLite's own name for it.
public struct StorageProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// What to branch on, and the bounded label of metrics.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The file cannot be opened or made.
        case cannotOpen = "cannot_open"
        /// The file is something else.
        case foreign
        /// The file was written by a later version of Gatehouse.
        case newerSchema = "newer_schema"
        /// The disk is full.
        case full
        /// Another process holds the file.
        case locked
        /// The file or the disk is read-only.
        case readOnly = "read_only"
        /// The file is damaged.
        case corrupt
        /// The disk does not read or write.
        case disk
        /// The question has more answers than are given at once.
        case tooMuch = "too_much"
        /// The store was closed.
        case closed
        /// Any other failure.
        case failed
    }

    /// What to branch on.
    public let code: Code
    /// What was being done, what was found, what would help.
    public let message: String
    /// SQLite's text and extended code, empty if it was not asked.
    public let cause: String

    /// The message, with the cause behind it.
    public var description: String {
        self.cause.isEmpty ? self.message : "\(self.message) (\(self.cause))"
    }

    init(_ code: Code, _ message: String, cause: String = "") {
        self.code = code
        self.message = message
        self.cause = cause
    }

    /// Names what SQLite said while `deed` was done to the file at `path`. No `SQLITE_*` number goes further up.
    init(_ error: any Error, deed: String, path: String) {
        if let problem = error as? StorageProblem {
            self = problem
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.failed, "cannot \(deed) \(path)", cause: "\(error)")
            return
        }
        let code = Self.code(of: error.resultCode)
        let found = Self.words(for: code)
        let message = found.isEmpty ? "cannot \(deed) \(path)" : "cannot \(deed) \(path): \(found)"
        self.init(code, message, cause: "SQLite \(error.extendedResultCode.rawValue): \(error.message ?? "no text")")
    }

    private static func code(of result: ResultCode) -> Code {
        switch result {
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: .cannotOpen
        case .SQLITE_NOTADB: .foreign
        case .SQLITE_FULL: .full
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: .locked
        case .SQLITE_READONLY: .readOnly
        case .SQLITE_CORRUPT: .corrupt
        case .SQLITE_IOERR: .disk
        default: .failed  // Not an enum of ours: SQLite may add to it.
        }
    }

    private static func words(for code: Code) -> String {
        switch code {
        case .cannotOpen: "the folder must exist, and this user must be allowed to write there"
        case .foreign: "the file is not a database; move it away, or name another path"
        case .full: "the disk is full; free some space"
        case .locked: "another process holds it"
        case .readOnly: "the file or its disk is read-only"
        case .corrupt: "the file is damaged; move it away, and a new one will be made"
        case .disk: "the disk does not read or write"
        case .newerSchema, .tooMuch, .closed, .failed: ""
        }
    }
}
