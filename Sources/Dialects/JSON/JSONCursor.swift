import Vocabulary

/// A position in a JSON text (RFC 8259), moving forward and checking everything it passes: grammar, depth, UTF-8.
///
/// Plain bytes of strings are passed eight at a time in a 64-bit word (`runtime.md` 5: 4.4 GB/s, where `SIMD16` with
/// `any(mask)` reached 72 MB/s). It points into memory that somebody else keeps alive for the time of one call.
struct JSONCursor {
    private let base: UnsafeRawPointer
    /// One past the last byte.
    let end: Int
    /// The next byte to look at.
    var at: Int

    /// Starts at the first byte of `buffer`, whose memory must outlive the cursor.
    init(_ buffer: UnsafeBufferPointer<UInt8>, at: Int = 0) {
        // An empty buffer may have no address; nothing is ever read from it.
        self.base = buffer.baseAddress.map { UnsafeRawPointer($0) } ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        self.end = buffer.count
        self.at = at
    }

    /// The byte at `index`, which must be below `end`.
    @inline(__always)
    func byte(_ index: Int) -> UInt8 {
        assert(index >= 0 && index < self.end)
        return self.base.load(fromByteOffset: index, as: UInt8.self)
    }

    /// The eight bytes at `index`, the first in the lowest bits; `index + 8` must not exceed `end`.
    @inline(__always)
    func word(_ index: Int) -> UInt64 {
        assert(index >= 0 && index + 8 <= self.end)
        return UInt64(littleEndian: self.base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Are the bytes at `range` exactly `text`?
    @inline(__always)
    func holds(_ text: [UInt8], at range: Range<Int>) -> Bool {
        guard range.count == text.count else { return false }
        return text.withUnsafeBufferPointer { text in
            for index in 0..<text.count where self.byte(range.lowerBound + index) != text[index] { return false }
            return true
        }
    }

    /// The next byte after any white space, not consumed.
    @inline(__always)
    mutating func peek() throws(JSONProblem) -> UInt8 {
        while self.at < self.end {
            let byte = self.byte(self.at)
            if byte > 0x20 { return byte }
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            self.at += 1
        }
        throw JSONProblem(.unexpectedEnd, at: self.at)
    }

    /// Consumes `expected` after any white space.
    @inline(__always)
    mutating func expect(_ expected: UInt8) throws(JSONProblem) {
        let found = try self.peek()
        guard found == expected else { throw JSONProblem(.unexpectedByte(found), at: self.at) }
        self.at += 1
    }

    /// Demands that nothing but white space is left.
    mutating func expectEnd() throws(JSONProblem) {
        while self.at < self.end {
            let byte = self.byte(self.at)
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
                throw JSONProblem(.trailingBytes, at: self.at)
            }
            self.at += 1
        }
    }

    // MARK: Values

    /// Passes one value of any kind, white space before it included. `depth` containers are open around it.
    mutating func skipValue(depth: Int) throws(JSONProblem) {
        var kinds = DepthBits()
        var level = 0
        value: while true {
            let first = try self.peek()
            switch first {
            case UInt8(ascii: "\""):
                self.at += 1
                _ = try self.skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth + level < maximumDepth else { throw JSONProblem(.tooDeep, at: self.at) }
                self.at += 1
                let isObject = first == UInt8(ascii: "{")
                if try self.peek() == first + 2 {  // `}` is `{` + 2, `]` is `[` + 2.
                    self.at += 1
                } else {
                    kinds.set(level, isObject)
                    level += 1
                    if isObject { try self.skipKey() }
                    continue value
                }
            default:
                try self.skipScalar(first)
            }
            while level > 0 {
                let next = try self.peek()
                let isObject = kinds.get(level - 1)
                if next == UInt8(ascii: ",") {
                    self.at += 1
                    if isObject { try self.skipKey() }
                    continue value
                }
                guard next == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                    throw JSONProblem(.unexpectedByte(next), at: self.at)
                }
                self.at += 1
                level -= 1
            }
            return
        }
    }

    /// Passes a key and its colon.
    @inline(__always)
    private mutating func skipKey() throws(JSONProblem) {
        try self.expect(UInt8(ascii: "\""))
        _ = try self.skipString()
        try self.expect(UInt8(ascii: ":"))
    }

    /// Passes a key with its colon; returns the range between its quotes and whether it holds escapes.
    @inline(__always)
    mutating func key() throws(JSONProblem) -> (range: Range<Int>, isPlain: Bool) {
        try self.expect(UInt8(ascii: "\""))
        let start = self.at
        let isPlain = try self.skipString()
        let range = start..<(self.at - 1)
        try self.expect(UInt8(ascii: ":"))
        return (range, isPlain)
    }

    /// Passes a number or one of the three names; `first` is the byte at `at`.
    private mutating func skipScalar(_ first: UInt8) throws(JSONProblem) {
        switch first {
        case UInt8(ascii: "t"): try self.skipName("true")
        case UInt8(ascii: "f"): try self.skipName("false")
        case UInt8(ascii: "n"): try self.skipName("null")
        case UInt8(ascii: "-"), 0x30...0x39: try self.skipNumber()
        default: throw JSONProblem(.unexpectedByte(first), at: self.at)
        }
    }

    private mutating func skipName(_ name: StaticString) throws(JSONProblem) {
        for index in 0..<name.utf8CodeUnitCount {
            guard self.at < self.end else { throw JSONProblem(.unexpectedEnd, at: self.at) }
            guard self.byte(self.at) == name.utf8Start[index] else {
                throw JSONProblem(.unexpectedByte(self.byte(self.at)), at: self.at)
            }
            self.at += 1
        }
    }

    private mutating func skipNumber() throws(JSONProblem) {
        let start = self.at
        if self.byte(self.at) == UInt8(ascii: "-") { self.at += 1 }
        let leadingZero = self.at < self.end && self.byte(self.at) == 0x30
        let whole = self.skipDigits()
        guard whole == 1 || (whole > 1 && !leadingZero) else { throw JSONProblem(.invalidNumber, at: start) }
        if self.at < self.end, self.byte(self.at) == UInt8(ascii: ".") {
            self.at += 1
            guard self.skipDigits() > 0 else { throw JSONProblem(.invalidNumber, at: start) }
        }
        if self.at < self.end, self.byte(self.at) | 0x20 == UInt8(ascii: "e") {
            self.at += 1
            if self.at < self.end, self.byte(self.at) == UInt8(ascii: "+") || self.byte(self.at) == UInt8(ascii: "-") {
                self.at += 1
            }
            guard self.skipDigits() > 0 else { throw JSONProblem(.invalidNumber, at: start) }
        }
    }

    @inline(__always)
    private mutating func skipDigits() -> Int {
        let start = self.at
        while self.at < self.end, self.byte(self.at) &- 0x30 < 10 { self.at += 1 }
        return self.at - start
    }
}

/// `Bounds.jsonDepth`, no deeper than `DepthBits` can tell.
let maximumDepth = Bounds.jsonDepth

/// One bit for each open container: is it an object?
private struct DepthBits {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    @inline(__always)
    mutating func set(_ level: Int, _ isObject: Bool) {
        let bit: UInt64 = 1 << UInt64(level & 63)
        if level < 64 {
            self.low = isObject ? self.low | bit : self.low & ~bit
        } else {
            self.high = isObject ? self.high | bit : self.high & ~bit
        }
    }

    @inline(__always)
    func get(_ level: Int) -> Bool {
        ((level < 64 ? self.low : self.high) >> UInt64(level & 63)) & 1 == 1
    }
}
