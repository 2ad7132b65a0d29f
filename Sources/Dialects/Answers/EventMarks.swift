/// Eight bytes each that a record holds if it is more than one more word of an answer. A quote within a JSON string is
/// escaped, so none of them can stand in a text; whether it is the record's own member, reading it tells.
enum EventMarks {
    static let model = Self.word(#""model":"#)
    static let error = Self.word(#""error":"#)
    static let usage = Self.word(#""usage":"#)
    static let done = Self.word(#""done":t"#)
    static let remote = Self.word(#""remote_"#)
    private static let object = Self.word(#"data: {""#)

    /// Is an event of one line the next word of an OpenAI stream: an object that holds neither `usage` nor `error`?
    /// That much is seen without taking the event apart. `false` where it is not: reading it tells.
    @inline(__always)
    static func isNextWord(_ event: ArraySlice<UInt8>) -> Bool {
        var end = event.endIndex
        while end > event.startIndex, event[end - 1] == 0x0A || event[end - 1] == 0x0D { end -= 1 }
        guard end - event.startIndex > 8, event[end - 1] == UInt8(ascii: "}") else { return false }
        let isObject = event.withUnsafeBufferPointer { JSONCursor($0).word(0) == self.object }
        return isObject && !self.found(in: event, self.usage, self.error, self.error)
    }

    /// Does `record` hold one of the three? Each begins with a quote, so only the places of quotes are compared: eight
    /// bytes are looked at together, and the places come out as the high bits of a mask.
    @inline(__always)
    static func found(in record: ArraySlice<UInt8>, _ first: UInt64, _ second: UInt64, _ third: UInt64) -> Bool {
        record.withUnsafeBufferPointer { buffer in
            let cursor = JSONCursor(buffer)
            let last = cursor.end - 8  // No mark begins later.
            var index = 0
            while index <= last {
                var quotes = self.quotes(in: cursor.word(index))
                while quotes != 0 {
                    let place = index + quotes.trailingZeroBitCount / 8
                    if place > last { return false }
                    let word = cursor.word(place)
                    if word == first || word == second || word == third { return true }
                    quotes &= quotes - 1
                }
                index += 8
            }
            return false
        }
    }

    /// The high bit of each byte of `word` that is a quote. Exact: no carry runs from one byte into the next.
    @inline(__always)
    private static func quotes(in word: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let zeroWhereQuote = word ^ 0x2222_2222_2222_2222
        return ~(((zeroWhereQuote & low) &+ low) | zeroWhereQuote | low)
    }

    /// The usage of zeros that ends every chunk of `/v1/completions` (`ollama.md` 4), with its comma; `nil` if `chunk`
    /// does not end so or holds an error too. Every chunk has one, so this spares reading each in full.
    static func zeroUsage(in chunk: ArraySlice<UInt8>) -> Range<Int>? {
        let start = chunk.endIndex - self.zeros.count
        guard start > chunk.startIndex, chunk[start...].elementsEqual(self.zeros),
            !self.found(in: chunk, self.error, self.error, self.error)
        else { return nil }
        return start..<(chunk.endIndex - 1)
    }

    private static let zeros = Array(
        #","usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}}"#.utf8)

    private static func word(_ text: StaticString) -> UInt64 {
        precondition(text.utf8CodeUnitCount == 8, "a mark is eight bytes")
        return (0..<8).reduce(0) { $0 | UInt64(text.utf8Start[$1]) << UInt64($1 * 8) }
    }
}
