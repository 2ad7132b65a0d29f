/// Cuts a text into passages of at most `lengthMax` characters, where a reader would pause: between paragraphs, else
/// lines, else sentences, else words, else anywhere. All of the text is in them, in order.
func passages(of text: String, lengthMax: Int) -> [Substring] {
    precondition(lengthMax > 0, "a passage of no characters is none")
    var passages: [Substring] = []
    var rest = text[...]
    while let end = rest.index(rest.startIndex, offsetBy: lengthMax, limitedBy: rest.endIndex), end < rest.endIndex {
        let most = rest[..<end]
        let pause = ["\n\n", "\n", ". ", " "].lazy.compactMap { most.ranges(of: $0).last?.upperBound }.first ?? end
        passages.append(rest[..<pause])
        rest = rest[pause...]
    }
    return rest.isEmpty ? passages : passages + [rest]
}
