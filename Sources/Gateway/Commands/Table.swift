/// Columns of text, as wide as their widest cell; numbers stand at the right.
struct Table {
    private var rows: [[String]]
    private let numbersFrom: Int

    /// A table with this head; columns from `numbersFrom` on hold numbers.
    init(_ head: [String], numbersFrom: Int = .max) {
        self.rows = [head]
        self.numbersFrom = numbersFrom
    }

    mutating func add(_ row: [String]) {
        self.rows.append(row)
    }

    var text: String {
        let widths = self.rows[0].indices.map { column in self.rows.map { $0[column].count }.max() ?? 0 }
        return self.rows.map { row in
            row.enumerated().map { column, cell in
                let fill = String(repeating: " ", count: widths[column] - cell.count)
                let isLast = column == row.count - 1
                return column >= self.numbersFrom ? fill + cell : isLast ? cell : cell + fill
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
