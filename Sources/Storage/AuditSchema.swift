/// The table of the audit file.
enum AuditSchema {
    /// "GHau".
    static let applicationID = 0x4748_6175

    /// `time` is microseconds since the epoch. The triggers guard against mistakes, not against whoever owns the file:
    /// against that stand the hashes.
    private static let migrations = [
        """
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            body BLOB NOT NULL,
            body_sha256 BLOB NOT NULL,
            previous BLOB NOT NULL,
            hash BLOB NOT NULL
        );
        CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;
        CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit records are never deleted'); END;
        CREATE TRIGGER audit_goes_on BEFORE INSERT ON audit
        WHEN NEW.seq <> (SELECT ifnull(max(seq), 0) + 1 FROM audit)
        BEGIN SELECT RAISE(ABORT, 'audit records follow each other without gaps'); END;
        """
    ]

    /// The form of the file.
    static let schema = StoreSchema(
        label: "audit", name: "an audit file", applicationID: Self.applicationID, migrations: Self.migrations)
}
