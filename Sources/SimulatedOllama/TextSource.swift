import Vocabulary

/// Makes an answer's text, one token at a time, always the same for the same start. Nothing is made in advance, so a
/// stream costs a few bytes however long it will be.
struct TextSource {
    private enum Mode {
        /// Plausible words, `left` of them.
        case prose(SeededGenerator, left: Int, inSentence: Int)
        /// ` 1, 2, 3`: `next` up to `last`.
        case numbers(next: Int, last: Int)
        /// This text, from `position` on.
        case literal([UInt8], position: Int)
        /// One word without end: more than 30 equal tokens make Ollama stop silently (`ollama.md` 1.6).
        case repeated(left: Int)
    }

    private var mode: Mode

    static func prose(seed: UInt64, tokens: Int) -> TextSource {
        TextSource(mode: .prose(SeededGenerator(seed: seed), left: tokens, inSentence: 0))
    }

    static func numbers(to last: Int) -> TextSource {
        TextSource(mode: .numbers(next: 1, last: last))
    }

    static func literal(_ text: [UInt8]) -> TextSource {
        TextSource(mode: .literal(text, position: 0))
    }

    static let repeated = TextSource(mode: .repeated(left: 31))

    /// True if the text does not end well by itself: the stream just stops.
    var endsSilently: Bool {
        if case .repeated = self.mode { true } else { false }
    }

    /// Appends the next token; false at the end of the text.
    mutating func next(into out: inout [UInt8]) -> Bool {
        switch self.mode {
        case .prose(var generator, let left, let inSentence):
            guard left > 0 else { return false }
            let length = Self.appendWord(from: &generator, inSentence, isLast: left == 1, into: &out)
            self.mode = .prose(generator, left: left - 1, inSentence: length)
        case .numbers(let next, let last):
            guard next <= last else { return false }
            out.put(" ")
            out.put(next)
            if next < last { out.put(",") }
            self.mode = .numbers(next: next + 1, last: last)
        case .literal(let text, let position):
            guard position < text.count else { return false }
            let end = Self.tokenEnd(in: text, from: position)
            out.append(contentsOf: text[position..<end])
            self.mode = .literal(text, position: end)
        case .repeated(let left):
            guard left > 0 else { return false }
            out.put(" same")
            self.mode = .repeated(left: left - 1)
        }
        return true
    }

    /// Appends up to `tokensMax` tokens and returns how many: for whole answers, at a fraction of the cost of single
    /// tokens.
    mutating func fill(_ out: inout [UInt8], tokensMax: Int) -> Int {
        guard case .prose(var generator, let left, var inSentence) = self.mode else {
            var count = 0
            while count < tokensMax, self.next(into: &out) { count += 1 }
            return count
        }
        let count = min(left, tokensMax)
        for index in 0..<count {
            inSentence = Self.appendWord(from: &generator, inSentence, isLast: index == left - 1, into: &out)
        }
        self.mode = .prose(generator, left: left - count, inSentence: inSentence)
        return count
    }

    /// Appends a word and returns how many the sentence has now; 0 after a full stop.
    private static func appendWord(
        from generator: inout SeededGenerator, _ inSentence: Int, isLast: Bool, into out: inout [UInt8]
    ) -> Int {
        let random = generator.next()
        let word = Self.words[Int(random % UInt64(Self.words.count))]
        out.append(UInt8(ascii: " "))
        let start = out.count
        out.put(word)
        if inSentence == 0 { out[start] &= 0xDF }
        let ends = isLast || inSentence >= 5 && random >> 32 % 7 == 0
        if ends { out.append(UInt8(ascii: ".")) }
        return ends ? 0 : inSentence + 1
    }

    /// A token is a blank and what follows it, up to 12 bytes, never half a character.
    private static func tokenEnd(in text: [UInt8], from start: Int) -> Int {
        var end = start + 1
        while end < text.count {
            let byte = text[end]
            let isContinuation = byte & 0xC0 == 0x80
            if !isContinuation, byte == 0x20 || byte == 0x0A || end - start >= 12 { break }
            end += 1
        }
        return end
    }

    private static let words: [StaticString] = [
        "the", "a", "this", "every", "some", "one", "another", "our", "plain", "small", "clear", "steady", "local",
        "quiet", "open", "early", "simple", "common", "careful", "recent", "server", "answer", "question", "model",
        "request", "result", "number", "letter", "system", "network", "office", "morning", "river", "garden", "window",
        "paper", "table", "teacher", "reader", "builder", "machine", "engine", "signal", "border", "reason", "moment",
        "pattern", "record", "harbour", "bridge", "keeps", "finds", "gives", "makes", "takes", "shows", "moves",
        "holds", "reads", "writes", "carries", "follows", "opens", "closes", "begins", "returns", "measures", "repeats",
        "and", "or", "but", "so", "then", "because", "while", "after", "before", "with", "without", "near", "under",
        "over", "between", "from", "into", "through", "slowly", "often", "always", "never", "again", "together",
        "still",
        "here", "there", "now", "later", "well", "better", "twice",
    ]
}
