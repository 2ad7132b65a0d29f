import Foundation
import Residency
import Storage
import Vocabulary

/// Where audit chains are kept.
enum AuditFiles {
    /// The last hash of the file before, for the first record of a new one. Whoever begins a new file moves the old one
    /// to `audit-SOMETHING.sqlite` in the same folder; of several the last by name is the one before. `nil` if there is
    /// none, or it cannot be read: the chain of such a file ends without a successor, which shows.
    static func previousHash(in folder: String) -> AuditHash? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard let name = names.filter({ $0.hasPrefix("audit-") && $0.hasSuffix(".sqlite") }).max() else { return nil }
        return try? AuditReader(path: "\(folder)/\(name)").head()?.hash
    }

    /// The file that a command means: `file`, else the one in the state folder of the node.
    static func path(file: String?, configurationPath: String?) throws -> String {
        if let file { return file }
        return try StateFolder.find(configurationPath: configurationPath, orBy: "--file") + "/" + Defaults.auditDatabase
    }

    /// The usage file beside an audit file, if there is one.
    static func usage(beside path: String) -> String? {
        let usage = Paths.folder(of: path) + "/" + Defaults.usageDatabase
        return FileManager.default.fileExists(atPath: usage) ? usage : nil
    }
}
