import GRDB
import GRDBSQLite

/// Binds one value after the other. Binding fails only for a value of gigabytes or an index that is not there
/// (https://www.sqlite.org/c3ref/bind_blob.html), neither of which comes from a row.
struct Binder {
    let statement: SQLiteStatement
    private(set) var index = 0

    init(statement: SQLiteStatement) {
        self.statement = statement
    }

    /// "SQLite makes its own private copy of the data immediately" (the same page). A macro that Swift cannot import.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    mutating func next(_ number: (some BinaryInteger)?) {
        self.index += 1
        if let number {
            self.check(sqlite3_bind_int64(self.statement, Int32(self.index), Int64(number)))
        } else {
            self.check(sqlite3_bind_null(self.statement, Int32(self.index)))
        }
    }

    mutating func next(_ text: String?) {
        self.index += 1
        guard var text else { return self.check(sqlite3_bind_null(self.statement, Int32(self.index))) }
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                self.check(
                    sqlite3_bind_text(
                        self.statement, Int32(self.index), characters.baseAddress, Int32(bytes.count), Self.transient))
            }
        }
    }

    mutating func next(_ bytes: [UInt8]) {
        self.index += 1
        self.check(
            sqlite3_bind_blob(self.statement, Int32(self.index), bytes, Int32(bytes.count), Self.transient))
    }

    private func check(_ result: Int32) {
        precondition(result == SQLITE_OK, "SQLite \(result) while value \(self.index) was bound")
    }

    /// Carries out a statement that has no answer, and readies it for the next values.
    static func run(_ statement: SQLiteStatement, _ db: Database) throws {
        let result = sqlite3_step(statement)
        sqlite3_reset(statement)
        guard result == SQLITE_DONE else {
            let message = db.sqliteConnection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
            throw DatabaseError(resultCode: ResultCode(rawValue: result), message: message)
        }
    }
}
