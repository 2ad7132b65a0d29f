import Foundation
import GRDB

/// The thread that owns the writing connection: takes what the queue gives, commits it, tries again what failed.
struct StoreWriter<Row: Sendable>: Sendable {
    /// The thread's name.
    let name: String
    let queue: WriteQueue<Row>
    let database: DatabaseQueue
    let path: String
    let patience: Patience
    /// Rows in one commit at most.
    let groupRows: Int
    /// Writes all rows or none.
    let write: @Sendable (ArraySlice<Row>, Database) throws -> Void
    /// Is told which rows a failed attempt leaves waiting, for those who do not want to wait with them.
    var onFailure: @Sendable (ArraySlice<Row>, StorageProblem) -> Void = { _, _ in }

    func start() {
        let thread = Thread { self.run() }
        thread.name = self.name
        thread.start()
    }

    private func run() {
        while true {
            switch self.queue.next() {
            case .write(let rows):
                self.commit(rows)
            case .chore(let chore):
                self.run(chore)
            case .end:
                // Closing the last connection also empties the log into the file.
                try? self.database.close()
                self.queue.end()
                return
            }
        }
    }

    /// Commits the rows group by group, each as often as it takes.
    private func commit(_ rows: [Row]) {
        var rest = rows[...]
        while !rest.isEmpty {
            let group = rest.prefix(self.groupRows)
            let isCommitted = self.persist(
                "write to", { try self.write(group, $0) }, onFailure: { self.onFailure(rest, $0) })
            guard isCommitted else {
                self.queue.gaveUp(rest.count)
                return
            }
            self.queue.committed(group.count)
            rest = rest.dropFirst(group.count)
        }
    }

    /// Does one piece; the queue gives the rest again, after the rows that came meanwhile.
    private func run(_ chore: Chore) {
        var hasMore = false
        _ = self.persist(chore.deed) { hasMore = try chore.piece($0) }
        if !hasMore { self.queue.choreDone() }
    }

    /// Does `work` until it succeeds, resting in between; `false` if the store was closed meanwhile.
    private func persist(
        _ deed: String, _ work: (Database) throws -> Void, onFailure: (StorageProblem) -> Void = { _ in }
    ) -> Bool {
        var rest = self.patience.restMin
        while true {
            do {
                try self.database.writeWithoutTransaction(work)
                self.queue.conditionChanged(to: .writing)
                return true
            } catch {
                let problem = StorageProblem(error, deed: deed, path: self.path)
                self.queue.conditionChanged(to: .failing(problem))
                onFailure(problem)
            }
            guard self.queue.rest(rest) else { return false }
            rest = min(rest * 2, self.patience.restMax)
        }
    }
}
