extension JSONCursor {
    /// Passes the rest of a string whose opening quote has been passed, the closing quote included. True if it holds
    /// no escape, so that its bytes are its text.
    @inline(__always)
    mutating func skipString() throws(JSONProblem) -> Bool {
        var isPlain = true
        while true {
            self.skipPlain()
            guard self.at < self.end else { throw JSONProblem(.unexpectedEnd, at: self.at) }
            let byte = self.byte(self.at)
            if byte == UInt8(ascii: "\"") {
                self.at += 1
                return isPlain
            }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                try self.skipEscape()
            } else if byte < 0x20 {
                throw JSONProblem(.controlCharacter(byte), at: self.at)
            } else {
                try self.skipMultibyte()
            }
        }
    }

    /// Moves to the next byte that is a quote, a backslash, a control character or beyond ASCII.
    ///
    /// Eight bytes at once: `(w - 0x01..) & ~w & 0x80..` marks zero bytes, hence equal bytes after an exclusive or, and
    /// `(w - 0x20..) & ~w & 0x80..` those below 0x20. A borrow can mark wrongly only above a right mark, so the lowest
    /// mark is always right.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while self.at + 8 <= self.end {
            let word = self.word(self.at)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            let marks =
                (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
                    | ((word &- (ones &* 0x20)) & ~word) | word) & highs
            if marks != 0 {
                self.at += marks.trailingZeroBitCount >> 3
                return
            }
            self.at += 8
        }
        while self.at < self.end {
            let byte = self.byte(self.at)
            if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { return }
            self.at += 1
        }
    }

    /// Passes a backslash and what it escapes (RFC 8259 section 7). A lone surrogate written as an escape is within
    /// the grammar; Go and we read it as U+FFFD.
    private mutating func skipEscape() throws(JSONProblem) {
        guard self.at + 1 < self.end else { throw JSONProblem(.unexpectedEnd, at: self.end) }
        switch self.byte(self.at + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            self.at += 2
        case UInt8(ascii: "u"):
            guard self.at + 6 <= self.end else { throw JSONProblem(.unexpectedEnd, at: self.end) }
            for index in (self.at + 2)..<(self.at + 6) {
                guard hexValue(self.byte(index)) != nil else { throw JSONProblem(.invalidEscape, at: self.at) }
            }
            self.at += 6
        default:
            throw JSONProblem(.invalidEscape, at: self.at)
        }
    }

    /// Passes a run of characters beyond ASCII, checked against table 3-7 of the Unicode standard (RFC 3629 section
    /// 4): the second byte's range depends on the first, all others are 0x80 to 0xBF.
    private mutating func skipMultibyte() throws(JSONProblem) {
        while self.at < self.end, self.byte(self.at) >= 0x80 {
            let lead = self.byte(self.at)
            let length: Int
            let second: ClosedRange<UInt8>
            switch lead {
            case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: (length, second) = (3, 0x80...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            default: throw JSONProblem(.invalidUTF8, at: self.at)
            }
            guard self.at + length <= self.end, second.contains(self.byte(self.at + 1)) else {
                throw JSONProblem(.invalidUTF8, at: self.at)
            }
            for index in (self.at + 2)..<(self.at + length) where self.byte(index) & 0xC0 != 0x80 {
                throw JSONProblem(.invalidUTF8, at: self.at)
            }
            self.at += length
        }
    }
}

/// The value of one hexadecimal digit of either case.
@inline(__always)
func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
}
