/// What the last user message of a prompt orders, so that tests and demonstrations get the answer they need. Letter
/// case does not matter; the first that fits counts:
///
/// | the prompt contains | the answer |
/// |---|---|
/// | `say: TEXT` | `TEXT`, to the end of the prompt |
/// | `count to N` | ` 1, 2, 3` and so on, one token each |
/// | `N tokens` | exactly N tokens of plausible words |
/// | `repeat without end` | one word again and again, until the server stops silently (`ollama.md` 1.6) |
/// | anything else | some plausible words, their number from `Options.answerTokens` |
///
/// A tool is called when tools are given, no tool has answered yet, and the prompt contains a tool's name or one of
/// its parts of five letters or more (`weather` for `get_weather`). Ollama's hosted web search is always called when it
/// is declared: the stand-in shows the worst case.
enum Script: Equatable {
    case say([UInt8])
    case count(to: Int)
    case tokens(Int)
    case repeatWithoutEnd
    case anything

    /// Prompts longer than this order nothing: looking through them would cost more than answering.
    static let promptMax = 4096

    init(_ prompt: [UInt8]) {
        guard prompt.count <= Self.promptMax else {
            self = .anything
            return
        }
        let lower = prompt.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        if let start = Self.end(of: "say:", in: lower) {
            self = .say(Array(prompt[start...].drop { $0 == 0x20 }))
        } else if let start = Self.end(of: "count to ", in: lower), let last = Self.number(in: lower, from: start) {
            self = .count(to: last)
        } else if let count = Self.numberBefore(" tokens", in: lower) {
            self = .tokens(count)
        } else if Self.end(of: "repeat without end", in: lower) != nil {
            self = .repeatWithoutEnd
        } else {
            self = .anything
        }
    }

    /// Whether `prompt` (lower case or not) asks for the tool called `name`.
    static func asks(_ prompt: [UInt8], for name: String) -> Bool {
        guard prompt.count <= Self.promptMax else { return false }
        let lower = String(decoding: prompt, as: UTF8.self).lowercased()
        let name = name.lowercased()
        let parts = name.split { $0 == "_" || $0 == "-" || $0 == "." }.filter { $0.count >= 5 }
        return Self.end(of: name, in: Array(lower.utf8)) != nil
            || parts.contains { Self.end(of: String($0), in: Array(lower.utf8)) != nil }
    }

    private static func end(of word: String, in text: [UInt8]) -> Int? {
        let word = Array(word.utf8)
        guard let first = word.first, word.count <= text.count else { return nil }
        for start in 0...text.count - word.count
        where text[start] == first && text[start..<start + word.count].elementsEqual(word) {
            return start + word.count
        }
        return nil
    }

    private static func number(in text: [UInt8], from start: Int) -> Int? {
        let digits = text[start...].prefix { (0x30...0x39).contains($0) }.prefix(7)
        return Int(String(decoding: digits, as: UTF8.self))
    }

    private static func numberBefore(_ word: String, in text: [UInt8]) -> Int? {
        guard let end = Self.end(of: word, in: text) else { return nil }
        let before = text[..<(end - word.utf8.count)]
        let digits = before.reversed().prefix { (0x30...0x39).contains($0) }.prefix(7).reversed()
        return Int(String(decoding: Array(digits), as: UTF8.self))
    }
}
