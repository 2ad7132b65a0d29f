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
}
