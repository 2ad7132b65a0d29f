/// The bytes of a stream that have come and not yet been handed on. As long as every chunk ends where a record ends,
/// which is how Ollama sends, the buffer *is* the chunk and nothing is copied.
struct StreamBuffer: Sendable {
    private(set) var bytes: [UInt8] = []
    /// The first byte that has not been handed on.
    private(set) var start = 0
    /// The first byte that has not been looked at.
    var scanned = 0

    /// Adds what has come.
    mutating func append(_ chunk: [UInt8]) {
        if self.start == self.bytes.count {
            self.bytes = chunk
            self.scanned = 0
        } else {
            self.bytes.removeSubrange(..<self.start)
            self.bytes.append(contentsOf: chunk)
            self.scanned -= self.start
        }
        self.start = 0
    }

    /// Bytes not handed on.
    var pending: ArraySlice<UInt8> { self.bytes[self.start...] }

    /// Hands on all up to `end`.
    mutating func take(upTo end: Int) -> ArraySlice<UInt8> {
        let slice = self.bytes[self.start..<end]
        self.start = end
        self.scanned = end
        return slice
    }

    /// Hands on all that is left.
    mutating func takeRest() -> ArraySlice<UInt8> {
        self.take(upTo: self.bytes.count)
    }

    /// The index of the next line feed, or carriage return if `orReturn`, at or behind `scanned`.
    @inline(__always)
    func nextLineEnd(orReturn: Bool) -> Int? {
        lineEnd(in: self.bytes[...], from: self.scanned, orReturn: orReturn)
    }
}

/// The index of the first line feed, or carriage return if `orReturn`, at or behind `from`.
@inline(__always)
func lineEnd(in bytes: ArraySlice<UInt8>, from: Int, orReturn: Bool) -> Int? {
    bytes.withUnsafeBufferPointer { buffer in
        let cursor = JSONCursor(buffer)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = from - bytes.startIndex
        while index + 8 <= cursor.end {
            let word = cursor.word(index)
            let feeds = word ^ (ones &* 0x0A)
            // Without `orReturn` the second test repeats the first.
            let returns = word ^ (ones &* (orReturn ? 0x0D : 0x0A))
            let marks = (((feeds &- ones) & ~feeds) | ((returns &- ones) & ~returns)) & highs
            if marks != 0 { return bytes.startIndex + index + marks.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < cursor.end {
            let byte = cursor.byte(index)
            if byte == 0x0A || (orReturn && byte == 0x0D) { return bytes.startIndex + index }
            index += 1
        }
        return nil
    }
}
