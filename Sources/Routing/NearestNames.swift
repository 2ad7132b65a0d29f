/// The up to three names that a person may have meant by `name`, nearest first, ties in the order given.
public func nearestNames(to name: String, among names: some Sequence<String>) -> [String] {
    let wanted = Array(name.lowercased().utf8.prefix(64))  // Longer names differ enough in their beginning.
    let limit = max(2, wanted.count / 3)
    var close: [(name: String, distance: Int)] = []
    for candidate in names {
        let spelled = Array(candidate.lowercased().utf8.prefix(64))
        let bare = Array(spelled.prefix { $0 != UInt8(ascii: ":") })  // People forget tags more than letters.
        let distance = min(editDistance(wanted, spelled), editDistance(wanted, bare))
        if distance <= limit { close.append((candidate, distance)) }
    }
    let order = close.indices.sorted { (close[$0].distance, $0) < (close[$1].distance, $1) }
    return order.prefix(3).map { close[$0].name }
}

/// Levenshtein's distance: insertions, deletions and replacements that make `left` into `right`.
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (above, byte) in left.enumerated() {
        var diagonal = row[0]
        row[0] = above + 1
        for column in right.indices {
            let replaced = diagonal + (byte == right[column] ? 0 : 1)
            diagonal = row[column + 1]
            row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
        }
    }
    return row[right.count]
}
