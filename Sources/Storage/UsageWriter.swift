import Accounting
import Foundation
import GRDB
import Vocabulary

/// The thread that owns the writing connection: takes what the queue gives, commits it, tries again what failed.
struct UsageWriter: Sendable {
    /// Rows deleted in one transaction: some milliseconds, so that new rows need not wait.
    private static let purgeRows = 1000

    let queue: UsageQueue
    let database: DatabaseQueue
    let path: String
    let patience: Patience

    func start() {
        let thread = Thread { self.run() }
        thread.name = "usage-writer"
        thread.start()
    }

    private func run() {
        while true {
            switch self.queue.next() {
            case .write(let rows):
                self.write(rows)
            case .purge(let moment):
                self.purge(before: moment)
            case .end:
                // Closing the last connection also empties the log into the file.
                try? self.database.close()
                self.queue.end()
                return
            }
        }
    }

    /// Commits the rows group by group, each as often as it takes.
    private func write(_ rows: [UsageRow]) {
        var rest = rows[...]
        while !rest.isEmpty {
            let group = rest.prefix(UsageStore.groupRows)
            let isCommitted = self.persist("write to") { try UsageInsert.write(group, to: $0) }
            guard isCommitted else {
                self.queue.gaveUp(rest.count)
                return
            }
            self.queue.committed(group.count)
            rest = rest.dropFirst(group.count)
        }
    }

    /// Deletes one batch; the queue gives the rest again, after the rows that came meanwhile.
    private func purge(before moment: WallTime) {
        var deleted = 0
        _ = self.persist("delete old rows of") { db in
            try db.execute(
                sql: """
                    DELETE FROM usage WHERE id IN (SELECT id FROM usage WHERE time < ? ORDER BY time LIMIT ?)
                    """,
                arguments: [moment.microseconds, Self.purgeRows])
            deleted = db.changesCount
        }
        if deleted < Self.purgeRows { self.queue.purged(before: moment) }
    }

    /// Does `work` until it succeeds, resting in between; `false` if the store was closed meanwhile.
    private func persist(_ deed: String, _ work: (Database) throws -> Void) -> Bool {
        var rest = self.patience.restMin
        while true {
            do {
                try self.database.writeWithoutTransaction(work)
                self.queue.conditionChanged(to: .writing)
                return true
            } catch {
                self.queue.conditionChanged(to: .failing(StorageProblem(error, deed: deed, path: self.path)))
            }
            guard self.queue.rest(rest) else { return false }
            rest = min(rest * 2, self.patience.restMax)
        }
    }
}
