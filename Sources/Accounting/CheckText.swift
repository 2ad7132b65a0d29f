/// CRC-32 as in IEEE 802.3 and zip: reflected polynomial 0xEDB88320, start and end inverted.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }

    static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { crc, byte in self.table[Int((crc ^ UInt32(byte)) & 0xFF)] ^ crc >> 8 }
    }

    /// Six base-62 digits, most significant first: 62^6 is just above 2^32. Only letters and digits, so that a double
    /// click selects a whole key.
    static func text(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var rest = self.checksum(bytes)
        var digits: [UInt8] = []
        for _ in 0..<6 {
            digits.append(self.digits[Int(rest % 62)])
            rest /= 62
        }
        return digits.reversed()
    }

    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
}

/// Base64 with the URL alphabet and without padding (RFC 4648 section 5), for exactly 32 bytes in 43 characters.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The place of each character in the alphabet, 0xFF for those that are not in it.
    private static let places: [UInt8] = {
        var places = [UInt8](repeating: 0xFF, count: 256)
        for (place, character) in Self.alphabet.enumerated() { places[Int(character)] = UInt8(place) }
        return places
    }()

    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var pending: UInt32 = 0
        var bits = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                out.append(self.alphabet[Int(pending >> UInt32(bits) & 0x3F)])
            }
        }
        if bits > 0 { out.append(self.alphabet[Int(pending << UInt32(6 - bits) & 0x3F)]) }
        return out
    }

    /// The 32 bytes of 43 characters. Bits to spare in the last one must be zero, or several texts would be one secret.
    static func decode32(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count == 43 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(32)
        var pending: UInt32 = 0
        var bits = 0
        for character in text {
            let place = self.places[Int(character)]
            guard place != 0xFF else { return nil }
            pending = pending << 6 | UInt32(place)
            bits += 6
            if bits >= 8 {
                bits -= 8
                out.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
            }
        }
        return pending & (1 << UInt32(bits) - 1) == 0 ? out : nil
    }
}
