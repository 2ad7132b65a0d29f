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
        """,
        // An index over intents and outcomes, made from the records in the same transaction: what is open after a crash
        // and what left today is found without reading a body. The chain alone is evidence; no verifier looks here.
        // `seq` is the intent's record, `outcome` that of its outcome. The second index finds the last record that counts
        // requests, however many others lie behind it.
        """
        CREATE TABLE departure (
            seq INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            request BLOB NOT NULL,
            attempt INTEGER NOT NULL,
            backend TEXT NOT NULL,
            rule TEXT,
            bytes INTEGER NOT NULL,
            outcome INTEGER
        );
        CREATE INDEX departure_by_time ON departure (time);
        CREATE INDEX departure_open ON departure (request, attempt) WHERE outcome IS NULL;
        CREATE INDEX audit_local ON audit (seq) WHERE kind = 'local';
        """,
    ]

    /// The form of the file.
    static let schema = StoreSchema(
        label: "audit", name: "an audit file", applicationID: Self.applicationID, migrations: Self.migrations)
}
