/// The one of `words` that `word` was probably meant to be, or `nil` if none is near. The first of equally near ones.
func nearest(to word: String, among words: [String]) -> String? {
    let word = word.lowercased()
    // One slip in three letters; below that everything is near everything.
    let farthest = min(3, max(1, word.count / 3))
    let candidates = words.map { (word: $0, distance: editDistance(word, $0.lowercased())) }
    if let near = candidates.filter({ $0.distance <= farthest }).min(by: { $0.distance < $1.distance }) {
        return near.word
    }
    // `warn` for `warning`, `queue_depth` for `queue`.
    return word.count < 3 ? nil : words.first { $0.hasPrefix(word) || $0.count >= 3 && word.hasPrefix($0) }
}

/// How many letters must be put in, left out, changed or swapped with their neighbour to make `right` of `left`
/// (optimal string alignment distance). Longer words than any key have are cut first.
func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.prefix(64))
    let right = Array(right.prefix(64))
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforeLast = [Int](repeating: 0, count: right.count + 1)
    var last = Array(0...right.count)
    for row in 1...left.count {
        var current = [row] + [Int](repeating: 0, count: right.count)
        for column in 1...right.count {
            let change = left[row - 1] == right[column - 1] ? 0 : 1
            var best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + change)
            if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                best = min(best, beforeLast[column - 2] + 1)
            }
            current[column] = best
        }
        (beforeLast, last) = (last, current)
    }
    return last[right.count]
}
