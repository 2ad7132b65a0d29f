/// Passing values of a text that has been checked before: only their ends are looked for. A view is read level by level,
/// and each level passes all that lies below it.
extension JSONCursor {
    /// Passes one value, white space before it included. Whatever the text is, nothing beyond `end` is read.
    mutating func skipChecked() {
        while self.at < self.end, self.byte(self.at) <= 0x20 { self.at += 1 }
        guard self.at < self.end else { return }
        switch self.byte(self.at) {
        case UInt8(ascii: "\""): self.skipCheckedString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): self.skipCheckedContainer()
        default: self.skipCheckedScalar()
        }
    }

    /// Passes a number or a name: all up to the next comma, bracket or white space.
    private mutating func skipCheckedScalar() {
        while self.at < self.end {
            switch self.byte(self.at) {
            case 0...0x20, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"): return
            default: self.at += 1
            }
        }
    }

    /// Passes a string from its opening quote on. Its end is the first quote with an even number of backslashes before
    /// it; each run of them stands before one quote at most, so that they are counted once.
    @inline(__always)
    private mutating func skipCheckedString() {
        let start = self.at + 1
        self.at = start
        while true {
            let quote = self.nextQuote()
            guard quote < self.end else {
                self.at = self.end
                return
            }
            self.at = quote + 1
            var before = quote
            while before > start, self.byte(before - 1) == UInt8(ascii: "\\") { before -= 1 }
            if (quote - before) % 2 == 0 { return }
        }
    }

    @inline(__always)
    private func nextQuote() -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var index = self.at
        while index + 8 <= self.end {
            let quotes = self.word(index) ^ (ones &* 0x22)
            let marks = (quotes &- ones) & ~quotes & 0x8080_8080_8080_8080
            if marks != 0 { return index + marks.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < self.end, self.byte(index) != UInt8(ascii: "\"") { index += 1 }
        return index
    }

    /// Passes an object or array: its end is where as many brackets of either kind have been closed as opened.
    private mutating func skipCheckedContainer() {
        var depth = 0
        while self.at < self.end {
            switch self.byte(self.at) {
            case UInt8(ascii: "\""): self.skipCheckedString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                self.at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                self.at += 1
                if depth == 0 { return }
            default: self.at += 1
            }
        }
    }
}
