import Vocabulary

/// Reads a body once: grammar, UTF-8, depth, and at every level that Ollama reads, that no key is there twice or in an
/// odd spelling. Levels that it does not read are only checked as JSON.
struct BodyWalker {
    private let buffer: UnsafeBufferPointer<UInt8>
    private var cursor: JSONCursor
    private(set) var map = BodyMap()
    /// The first ambiguity found.
    private var refusal: BodyRefusal?
    /// The object being passed is what a person said, as far as it is known by now.
    private var isOfPerson = false

    /// A walker over `buffer`, whose memory must outlive it.
    init(_ buffer: UnsafeBufferPointer<UInt8>) {
        self.buffer = buffer
        self.cursor = JSONCursor(buffer)
    }

    /// Walks the whole body, which must be one object.
    mutating func walk(_ shape: ReadShape) throws(BodyRefusal) {
        var isObject = true
        do throws(JSONProblem) {
            self.cursor = try JSONScanner.start(self.buffer)
            isObject = try self.cursor.peek() == UInt8(ascii: "{")
            if isObject {
                try self.object(shape, depth: 0)
            } else {
                try self.cursor.skipValue(depth: 0)
            }
            try self.cursor.expectEnd()
        } catch {
            throw .json(error)
        }
        guard isObject else {
            throw BodyRefusal(reason: .invalidJSON, message: "the body is valid JSON, but not an object")
        }
        // Told only once the whole body is known to be JSON, so that the plainer fault is named first.
        if let refusal = self.refusal { throw refusal }
    }

    /// Passes an object of `shape`. Only the outermost is put on the map.
    private mutating func object(_ shape: ReadShape, depth: Int) throws(JSONProblem) {
        guard depth < maximumDepth else { throw JSONProblem(.tooDeep, at: self.cursor.at) }
        try self.cursor.expect(UInt8(ascii: "{"))
        var seen: UInt64 = 0
        var index = 0
        var segment = self.cursor.at
        if try self.cursor.peek() != UInt8(ascii: "}") {
            while true {
                let key = try self.cursor.key()
                let match = self.match(key.range, key.isPlain, shape, &seen)
                _ = try self.cursor.peek()
                let start = self.cursor.at
                try self.value(match.map { shape.keys[$0] }, depth: depth + 1)
                let end = self.cursor.at
                let next = try self.cursor.peek()
                if depth == 0 {
                    self.map.add(
                        Item(index: index, segment: segment..<self.cursor.at, key: key.range, value: start..<end),
                        match.map { shape.keys[$0] })
                }
                index += 1
                guard next == UInt8(ascii: ",") else { break }
                self.cursor.at += 1
                segment = self.cursor.at
            }
        }
        try self.cursor.expect(UInt8(ascii: "}"))
        if shape.hasRole {
            if self.isOfPerson, self.map.openingEnd == nil { self.map.openingEnd = self.cursor.at }
            self.isOfPerson = false
        }
        if depth == 0 {
            self.map.memberCount = index
            self.map.close = self.cursor.at - 1
        }
    }

    /// Passes a value below `key`; `nil` is a key that nobody reads.
    private mutating func value(_ key: ReadShape.Key?, depth: Int) throws(JSONProblem) {
        guard let key else { return try self.cursor.skipValue(depth: depth) }
        let start = self.cursor.at
        if let below = key.below {
            try self.shaped(below, depth: depth)
        } else {
            try self.cursor.skipValue(depth: depth)
        }
        switch key.mark {
        case .none: break
        // Four bytes are `null`; two are an empty string, array or object.
        case .image where self.cursor.at - start <= 4: break
        case .image:
            self.map.hasImages = true
            self.map.imageBytes += self.cursor.at - start
        case .role: self.isOfPerson = self.saysUser(start..<self.cursor.at)
        case .thinking: self.map.hasThinking = true
        case .seal:
            let value = start..<self.cursor.at
            if ResponsesSeal.marks.contains(where: { self.buffer[value].starts(with: $0) }) {
                self.map.seals.append(value)
            }
        }
    }

    /// Whether the value is the string `user`.
    private func saysUser(_ value: Range<Int>) -> Bool {
        if self.cursor.holds(Self.user, at: value) { return true }
        let bytes = self.buffer[value]
        return bytes.contains(UInt8(ascii: "\\")) && JSONText.unescaped(bytes) == Self.user
    }

    private static let user = Array("\"user\"".utf8)

    /// Passes an object of `shape`, an array of them, or anything else.
    private mutating func shaped(_ shape: ReadShape, depth: Int) throws(JSONProblem) {
        switch try self.cursor.peek() {
        case UInt8(ascii: "{"): try self.object(shape, depth: depth)
        case UInt8(ascii: "["): try self.array(shape, depth: depth)
        default: try self.cursor.skipValue(depth: depth)
        }
    }

    private mutating func array(_ shape: ReadShape, depth: Int) throws(JSONProblem) {
        guard depth < maximumDepth else { throw JSONProblem(.tooDeep, at: self.cursor.at) }
        try self.cursor.expect(UInt8(ascii: "["))
        if try self.cursor.peek() != UInt8(ascii: "]") {
            while true {
                try self.shaped(shape, depth: depth + 1)
                guard try self.cursor.peek() == UInt8(ascii: ",") else { break }
                self.cursor.at += 1
            }
        }
        try self.cursor.expect(UInt8(ascii: "]"))
    }

    // MARK: Keys

    /// The index of the key of `shape` that Ollama would take this one for, `nil` if it would take it for none. What
    /// is not spelt as it should be, or there for the second time, is noted.
    private mutating func match(
        _ range: Range<Int>, _ isPlain: Bool, _ shape: ReadShape, _ seen: inout UInt64
    ) -> Int? {
        guard isPlain, self.isASCII(range) else {
            return self.matchUnfolded(JSONText.unescaped(self.buffer[range]), shape, &seen)
        }
        let prefix = self.prefix(range)
        var next = shape.candidate(prefix)
        while let index = next {
            let name = shape.keys[index].name
            if self.cursor.holds(name, at: range) {
                self.note(index, shape, &seen)
                return index
            }
            let raw = Array(self.buffer[range])
            if foldsTo(raw, name) {
                self.note(
                    .odd(String(decoding: raw, as: UTF8.self), readAs: shape.name(of: shape.keys[index])))
                return index
            }
            next = shape.candidate(prefix, from: index + 1)
        }
        return nil
    }

    @inline(__always)
    private func isASCII(_ range: Range<Int>) -> Bool {
        var bits: UInt8 = 0
        for index in range { bits |= self.cursor.byte(index) }
        return bits < 0x80
    }

    /// The slow way, for keys with escapes or beyond ASCII: `"mod\u0065l"` is the key itself, `"me\u017Fsages"` (a
    /// long s) only folds to it.
    private mutating func matchUnfolded(_ text: [UInt8], _ shape: ReadShape, _ seen: inout UInt64) -> Int? {
        for (index, key) in shape.keys.enumerated() where foldsTo(text, key.name) {
            if text == key.name {
                self.note(index, shape, &seen)
            } else {
                self.note(.odd(String(decoding: text, as: UTF8.self), readAs: shape.name(of: key)))
            }
            return index
        }
        return nil
    }

    private mutating func note(_ index: Int, _ shape: ReadShape, _ seen: inout UInt64) {
        let bit: UInt64 = 1 << UInt64(index)
        if seen & bit != 0 { self.note(.duplicate(shape.name(of: shape.keys[index]))) }
        seen |= bit
    }

    private mutating func note(_ refusal: BodyRefusal) {
        if self.refusal == nil { self.refusal = refusal }
    }

    /// `foldedPrefix` of the key at `range`, without a loop where the buffer allows it.
    @inline(__always)
    private func prefix(_ range: Range<Int>) -> UInt64 {
        guard range.lowerBound + 8 <= self.cursor.end else { return foldedPrefix(self.buffer[range]) }
        let mask = range.count >= 8 ? UInt64.max : (1 << UInt64(range.count * 8)) &- 1
        return (self.cursor.word(range.lowerBound) | 0x2020_2020_2020_2020) & mask
    }
}

extension ReadShape {
    /// A key with the place where it stands: `messages[].role`.
    func name(of key: Key) -> String {
        let name = String(decoding: key.name, as: UTF8.self)
        return self.place.isEmpty ? name : "\(self.place).\(name)"
    }
}

/// Would Go's `encoding/json` take `text` for the key `name`? It compares by simple case folding, in which beside the
/// two cases of a letter U+017F (long s) is an `s` and U+212A (Kelvin sign) is a `k`. `name` is in lower case.
func foldsTo(_ text: [UInt8], _ name: [UInt8]) -> Bool {
    var index = 0
    for wanted in name {
        guard index < text.count else { return false }
        let byte = text[index]
        if byte == wanted || ((0x41...0x5A).contains(byte) && byte | 0x20 == wanted) {
            index += 1
        } else if wanted == UInt8(ascii: "s"), text[index...].starts(with: [0xC5, 0xBF]) {
            index += 2
        } else if wanted == UInt8(ascii: "k"), text[index...].starts(with: [0xE2, 0x84, 0xAA]) {
            index += 3
        } else {
            return false
        }
    }
    return index == text.count
}
