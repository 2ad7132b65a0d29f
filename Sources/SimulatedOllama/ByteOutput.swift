/// JSON as Go's `encoding/json` writes it, byte by byte into one buffer.
extension [UInt8] {
    @inline(__always)
    mutating func put(_ text: StaticString) {
        self.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func put(text: String) {
        self.append(contentsOf: text.utf8)
    }

    mutating func put(_ number: Int) {
        if number < 0 {
            self.append(UInt8(ascii: "-"))
        }
        self.put(magnitude: number.magnitude)
    }

    private mutating func put(magnitude: UInt) {
        var divisor: UInt = 1
        while magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            self.append(UInt8(truncatingIfNeeded: 0x30 + magnitude / divisor % 10))
            divisor /= 10
        }
    }

    /// `number` with leading zeros to `width` digits.
    mutating func put(_ number: Int, width: Int) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            self.append(UInt8(truncatingIfNeeded: 0x30 + number / divisor % 10))
            divisor /= 10
        }
    }

    /// A JSON string. Go escapes what could end an HTML script besides what JSON demands (`ollama.md` 3, Answers).
    mutating func put(quoted bytes: some Collection<UInt8>) {
        self.append(0x22)
        self.put(escaping: bytes)
        self.append(0x22)
    }

    mutating func put(quotedText text: String) {
        self.put(quoted: text.utf8)
    }

    /// The inside of a JSON string. Nearly all bytes stand for themselves, so they are copied in runs.
    mutating func put(escaping bytes: some Collection<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { self.put(escapingRunsOf: $0) }
        if done == nil { Array(bytes).withUnsafeBufferPointer { self.put(escapingRunsOf: $0) } }
    }

    private mutating func put(escapingRunsOf bytes: UnsafeBufferPointer<UInt8>) {
        var start = 0
        for index in bytes.indices where Self.needsEscape(bytes[index]) {
            self.append(contentsOf: bytes[start..<index])
            self.put(escape: bytes[index])
            start = index + 1
        }
        self.append(contentsOf: bytes[start...])
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x3C || byte == 0x3E || byte == 0x26
    }

    private mutating func put(escape byte: UInt8) {
        switch byte {
        case 0x22, 0x5C:
            self.append(0x5C)
            self.append(byte)
        case 0x0A: self.put("\\n")
        case 0x0D: self.put("\\r")
        case 0x09: self.put("\\t")
        case 0x08: self.put("\\b")
        case 0x0C: self.put("\\f")
        default:
            self.put("\\u00")
            self.append(Self.hexDigit(byte >> 4))
            self.append(Self.hexDigit(byte & 0xF))
        }
    }

    static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x57 + nibble
    }

    /// `"name":`
    mutating func put(key: StaticString) {
        self.append(0x22)
        self.put(key)
        self.put("\":")
    }
}

/// An answer in pieces: each piece is one HTTP chunk on the wire.
struct Chunks {
    private(set) var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// Writes into the current piece.
    mutating func put(_ body: (inout [UInt8]) -> Void) {
        body(&self.bytes)
    }

    /// Ends the current piece, if it holds anything.
    mutating func cut() {
        if self.bytes.count > (self.ends.last ?? 0) {
            self.ends.append(self.bytes.count)
        }
    }

    /// Hands every piece to `body` and starts afresh, keeping the memory.
    mutating func drain(_ body: ([UInt8]) -> Void) {
        self.cut()
        if self.ends.count == 1 {
            body(self.bytes)
        } else {
            var start = 0
            for end in self.ends {
                body(Array(self.bytes[start..<end]))
                start = end
            }
        }
        self.bytes.removeAll(keepingCapacity: true)
        self.ends.removeAll(keepingCapacity: true)
    }

    var pieces: [[UInt8]] {
        var copy = self
        var pieces: [[UInt8]] = []
        copy.drain { pieces.append($0) }
        return pieces
    }
}

/// Base64 (RFC 4648 section 4).
enum Base64 {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<Swift.min(start + 3, bytes.count)]
            var word: UInt32 = 0
            for index in 0..<3 { word = word << 8 | (index < group.count ? UInt32(group[start + index]) : 0) }
            for index in 0..<4 {
                let isPadding = index > group.count
                out.append(isPadding ? 0x3D : Self.alphabet.utf8Start[Int(word >> UInt32(18 - 6 * index) & 63)])
            }
        }
        return out
    }

    /// Where `text` stops being base64; `nil` if it all is. Go: `illegal base64 data at input byte N`.
    static func illegalOffset(in text: some Collection<UInt8>) -> Int? {
        var count = 0
        var padding = 0
        for (offset, byte) in text.enumerated() where byte != 0x0A && byte != 0x0D {
            if byte == 0x3D {
                padding += 1
                if count % 4 < 2 { return offset }
            } else if padding > 0 || !Self.isDigit(byte) {
                return offset
            }
            count += 1
        }
        return count % 4 == 0 ? nil : text.count
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2B, 0x2F: true
        default: false
        }
    }
}
