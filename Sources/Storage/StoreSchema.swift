import GRDB

/// The form of a file: its tables, and how earlier forms become the present one.
///
/// The form's number stands in `PRAGMA user_version`, whose file it is in `PRAGMA application_id`
/// (https://www.sqlite.org/pragma.html). Migrations are only ever added at the end.
struct StoreSchema: Sendable {
    /// One word for threads and connections.
    let label: String
    /// As messages name the file: `a usage file`.
    let name: String
    /// A file with tables and without this number is somebody else's.
    let applicationID: Int
    /// What makes each form of the one before.
    let migrations: [String]

    /// The number of the present form.
    var number: Int { self.migrations.count }

    /// Brings the file to the present form, in one transaction: another process that opens it meanwhile waits.
    func migrate(_ db: Database, path: String) throws {
        try db.inTransaction(.immediate) {
            let found = try self.check(db, path: path)
            if found == self.number { return .commit }
            for sql in self.migrations[found...] { try db.execute(sql: sql) }
            try db.execute(sql: "PRAGMA application_id = \(self.applicationID); PRAGMA user_version = \(self.number)")
            return .commit
        }
    }

    /// The form's number, if it is one that this program knows.
    @discardableResult
    func check(_ db: Database, path: String) throws -> Int {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
        if !isEmpty, owner != self.applicationID {
            throw StorageProblem(
                .foreign, "\(path) is not \(self.name) of Gatehouse; move it away, or name another path")
        }
        if found > self.number {
            throw StorageProblem(
                .newerSchema,
                "\(path) has schema \(found), this version of Gatehouse knows \(self.number); install the version that "
                    + "wrote it, or move the file away and a new one will be made")
        }
        return found
    }
}
