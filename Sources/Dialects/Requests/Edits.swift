/// Changes to a text, each to a range of its own; everything else stays byte for byte.
struct Edits {
    private var list: [(range: Range<Int>, replacement: [UInt8])] = []

    var isEmpty: Bool { self.list.isEmpty }

    /// Replaces `range`; an empty range inserts.
    mutating func replace(_ range: Range<Int>, with replacement: [UInt8]) {
        self.list.append((range, replacement))
    }

    /// Cuts some of the `count` items of one object or array, each with one of the commas beside it.
    mutating func cut(_ items: [Item], of count: Int) {
        let sorted = items.sorted { $0.index < $1.index }
        for (cutBefore, item) in sorted.enumerated() {
            let segment = item.segment
            if item.index > cutBefore {
                // Something before it stays: the comma in front goes.
                self.replace((segment.lowerBound - 1)..<segment.upperBound, with: [])
            } else if item.index < count - 1 {
                self.replace(segment.lowerBound..<(segment.upperBound + 1), with: [])
            } else {
                self.replace(segment, with: [])
            }
        }
    }

    /// The text with all changes made. Insertions at one place keep their order.
    func applied(to text: [UInt8]) -> [UInt8] {
        if self.list.isEmpty { return text }
        let sorted = self.list.sorted {
            // The sort is stable, as the standard library documents.
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        var out: [UInt8] = []
        out.reserveCapacity(text.count + self.list.reduce(0) { $0 + $1.replacement.count })
        var at = 0
        for edit in sorted {
            out.append(contentsOf: text[at..<edit.range.lowerBound])
            out.append(contentsOf: edit.replacement)
            at = edit.range.upperBound
        }
        out.append(contentsOf: text[at...])
        return out
    }
}
