import Foundation
import GRDB
import Vocabulary

/// Opens files of one form.
struct StoreFile {
    /// What its commits outlive (https://www.sqlite.org/pragma.html#pragma_synchronous).
    enum Durability: String {
        /// The process being killed; a power cut may take the last ones.
        case normal = "NORMAL"
        /// A power cut too.
        case full = "FULL"
    }

    let schema: StoreSchema
    let durability: Durability

    func openForWriting(_ path: String, patience: Patience) throws(StorageProblem) -> DatabaseQueue {
        self.create(path)
        do {
            let queue = try DatabaseQueue(path: path, configuration: self.configuration(readOnly: false, patience))
            try queue.inDatabase { db in
                // https://www.sqlite.org/wal.html: the mode is kept in the file; NORMAL never harms it.
                try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = \(self.durability.rawValue)")
                // After a long reader the log is cut back, and does not keep its greatest length for ever.
                try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
                try self.schema.migrate(db, path: path)
            }
            return queue
        } catch {
            throw StorageProblem(error, deed: "open", path: path)
        }
    }

    func openForReading(_ path: String) throws(StorageProblem) -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StorageProblem(.cannotOpen, "cannot open \(path): there is no such file")
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: self.configuration(readOnly: true, Patience()))
            _ = try queue.read { try self.schema.check($0, path: path) }
            return queue
        } catch {
            throw StorageProblem(error, deed: "open", path: path)
        }
    }

    /// Who calls whom is nobody else's business: the file is its owner's. SQLite gives its log the same rights
    /// (https://www.sqlite.org/wal.html). A failure shows when the file is opened.
    private func create(_ path: String) {
        if FileManager.default.fileExists(atPath: path) { return }
        _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
    }

    private func configuration(readOnly: Bool, _ patience: Patience) -> Configuration {
        var configuration = Configuration()
        configuration.label = self.schema.label + (readOnly ? ".reader" : ".writer")
        configuration.readonly = readOnly
        configuration.busyMode = .timeout(patience.lock.inSeconds)
        configuration.foreignKeysEnabled = false
        return configuration
    }
}
