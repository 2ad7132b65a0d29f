/// The tables of the usage file and how earlier forms become the present one.
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
        """,
        "ALTER TABLE usage ADD COLUMN principal TEXT;",
    ]

    /// The form of the file.
    static let schema = StoreSchema(
        label: "usage", name: "a usage file", applicationID: Self.applicationID, migrations: Self.migrations)
}
