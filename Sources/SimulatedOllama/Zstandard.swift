/// Unpacks a zstd frame (RFC 8878) whose blocks are stored or runs of one byte. Ollama takes any zstd body on `/v1`
/// (`ollama.md` 8); this is as much as it takes to show that one gets past an inspector, since such frames can be
/// written by hand. `nil` if it is no such frame, or larger than Ollama allows.
enum Zstandard {
    /// After expansion.
    static let sizeMax = 20 << 20

    static func unpack(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count > 6, bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) else { return nil }
        let descriptor = bytes[4]
        let isSingleSegment = descriptor & 0x20 != 0
        let dictionaryBytes = [0, 1, 2, 4][Int(descriptor & 3)]
        let sizeBytes = descriptor >> 6 == 0 ? (isSingleSegment ? 1 : 0) : 1 << Int(descriptor >> 6)
        var position = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes
        var out: [UInt8] = []
        while position + 3 <= bytes.count {
            let header = Int(bytes[position]) | Int(bytes[position + 1]) << 8 | Int(bytes[position + 2]) << 16
            let size = header >> 3
            position += 3
            guard out.count + size <= Self.sizeMax else { return nil }
            switch header >> 1 & 3 {
            case 0:
                guard position + size <= bytes.count else { return nil }
                out += bytes[position..<position + size]
                position += size
            case 1:
                guard position < bytes.count else { return nil }
                out += repeatElement(bytes[position], count: size)
                position += 1
            default: return nil
            }
            if header & 1 == 1 { return out }
        }
        return nil
    }
}
