/// Vectors as base64 of 32-bit floats, the lowest byte first, and as JSON numbers: what `encoding_format` chooses between
/// in "Create embeddings" of OpenAI's API reference. RFC 4648 section 4 has the alphabet.
enum FloatBase64 {
    /// The base64 of a JSON array; `nil` if it holds anything but numbers that 32 bits can hold.
    static func encode(numbers: JSONView) -> [UInt8]? {
        guard numbers.kind == .array else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(numbers.bytes.count / 3)
        var isWhole = true
        numbers.forEachElement { element in
            guard isWhole else { return }
            guard element.kind == .number, let float = Self.float(element.bytes), float.isFinite else {
                isWhole = false
                return
            }
            let bits = float.bitPattern
            for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        }
        return isWhole ? Self.base64(bytes) : nil
    }

    /// The float nearest to a JSON number. A short one is read by hand, which is what vectors are full of: with at most 15
    /// digits and a power of ten up to 22 both parts are exact in 64 bits, and so is all but the last bit of their
    /// quotient. Only where that bit could decide between two floats, or the float is a small one, the library reads it.
    static func float(_ number: ArraySlice<UInt8>) -> Float? {
        var digits = 0
        var count = 0
        var places = 0
        var isBehindPoint = false
        let isNegative = number.first == UInt8(ascii: "-")
        let isShort = number.withUnsafeBufferPointer { bytes in
            for byte in bytes[(isNegative ? 1 : 0)...] {
                if byte == UInt8(ascii: "."), !isBehindPoint {
                    isBehindPoint = true
                    continue
                }
                guard (0x30...0x39).contains(byte), count < 15 else { return false }
                digits = digits &* 10 &+ Int(byte - 0x30)
                count += 1
                places += isBehindPoint ? 1 : 0
            }
            return true
        }
        guard isShort else { return Self.slowFloat(number) }
        let value = Double(digits) / Self.powersOfTen[places]
        let between = Int(value.bitPattern & 0x1FFF_FFFF) - 0x1000_0000
        guard abs(between) > 1, value >= 0x1p-126 || value == 0 else { return Self.slowFloat(number) }
        return Float(isNegative ? -value : value)
    }

    private static func slowFloat(_ number: ArraySlice<UInt8>) -> Float? {
        Float(String(decoding: number, as: UTF8.self))
    }

    /// Up to 10 to the power of 15, exact as all up to 22.
    private static let powersOfTen: [Double] = (0..<15).reduce(into: [1]) { powers, _ in
        powers.append((powers.last ?? 1) * 10)
    }

    /// The JSON array of base64: each number as short as reads back to the same 32 bits. `nil` if it is none, or holds
    /// what JSON has no number for.
    static func decode(base64 text: some Collection<UInt8>) -> [UInt8]? {
        guard let bytes = Self.bytes(text), bytes.count % 4 == 0 else { return nil }
        var json: [UInt8] = [UInt8(ascii: "[")]
        json.reserveCapacity(bytes.count * 3)
        for at in stride(from: 0, to: bytes.count, by: 4) {
            var bits: UInt32 = 0
            for offset in 0..<4 { bits |= UInt32(bytes[at + offset]) << UInt32(8 * offset) }
            let float = Float(bitPattern: bits)
            guard float.isFinite else { return nil }
            if at > 0 { json.append(UInt8(ascii: ",")) }
            json += String(float).utf8
        }
        json.append(UInt8(ascii: "]"))
        return json
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each character; 64 is none.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, character) in Self.alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for at in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - at)
            var group: UInt32 = 0
            for offset in 0..<count { group |= UInt32(bytes[at + offset]) << UInt32(16 - 8 * offset) }
            for index in 0..<4 {
                let value = Int(group >> UInt32(18 - 6 * index)) & 63
                out.append(index <= count ? Self.alphabet[value] : UInt8(ascii: "="))
            }
        }
        return out
    }

    /// The bytes of padded base64; `nil` if it is none.
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.suffix(2).reversed().prefix { $0 == UInt8(ascii: "=") }.count
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var held = 0
        for character in text.dropLast(padding) {
            let value = Self.values[Int(character)]
            guard value < 64 else { return nil }
            group = group << 6 | UInt32(value)
            held += 6
            if held >= 8 {
                held -= 8
                out.append(UInt8(truncatingIfNeeded: group >> UInt32(held)))
            }
        }
        return out
    }
}
