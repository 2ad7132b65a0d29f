import GRDB

/// The tables of the usage file and how earlier forms become the present one.
///
/// The form's number stands in `PRAGMA user_version`, whose file it is in `PRAGMA application_id`
/// (https://www.sqlite.org/pragma.html). Migrations are only ever added at the end.
enum UsageSchema {
    /// "GHus": a file with tables and without this number is somebody else's.
    static let applicationID = 0x4748_7573

    /// Times are microseconds since the epoch, durations microseconds; `NULL` means not told. No table is rebuilt for a
    /// new column, so most are optional.
    private static let migrations = [
        """
        CREATE TABLE usage (
            id INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            request BLOB NOT NULL,
            key TEXT,
            project TEXT,
            feature TEXT,
            model TEXT,
            model_asked TEXT,
            backend TEXT,
            route TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            prompt_tokens INTEGER,
            output_tokens INTEGER,
            queued INTEGER,
            loading INTEGER,
            first_token INTEGER,
            total INTEGER NOT NULL,
            status INTEGER NOT NULL,
            reason TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            streamed INTEGER NOT NULL
        );
        CREATE INDEX usage_by_time ON usage (time);
        """
    ]

    /// The number of the present form.
    static var number: Int { self.migrations.count }

    /// Brings the file to the present form, in one transaction: another process that opens it meanwhile waits.
    static func migrate(_ db: Database, path: String) throws {
        try db.inTransaction(.immediate) {
            let found = try self.check(db, path: path)
            if found == self.number { return .commit }
            for sql in self.migrations[found...] { try db.execute(sql: sql) }
            try db.execute(sql: "PRAGMA application_id = \(self.applicationID); PRAGMA user_version = \(self.number)")
            return .commit
        }
    }

    /// The form's number, if it is one that this program knows.
    static func check(_ db: Database, path: String) throws -> Int {
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
        if !isEmpty, owner != self.applicationID {
            throw StorageProblem(
                .foreign, "\(path) is not a usage file of Gatehouse; move it away, or name another path")
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
