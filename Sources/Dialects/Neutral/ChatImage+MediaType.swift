extension ChatImage {
    /// The media type that was said, else the one that the first bytes show; `nil` if they show none that is known:
    /// PNG (RFC 2083 section 3.1), JPEG (ITU T.81 annex B, `SOI` and the next marker), GIF (GIF89a section 17) and WebP
    /// (RFC 9649 section 2.4), which are all that every provider with eyes takes.
    public var mediaTypeOrSniffed: String? {
        if let mediaType = self.mediaType { return mediaType }
        let start = Self.firstBytes(self.base64)
        if start.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return "image/png" }
        if start.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if start.starts(with: "GIF87a".utf8) || start.starts(with: "GIF89a".utf8) { return "image/gif" }
        if start.starts(with: "RIFF".utf8), start.dropFirst(8).starts(with: "WEBP".utf8) { return "image/webp" }
        return nil
    }

    /// The first twelve bytes of what `text` encodes (RFC 4648 section 4), fewer where it ends or is no base64. The
    /// text may bear JSON's escapes: `\/` is how some writers put a slash.
    private static func firstBytes(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in text {
            if byte == UInt8(ascii: "\\") { continue }
            guard bytes.count < 12, let value = Self.value(of: byte) else { break }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func value(of byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
