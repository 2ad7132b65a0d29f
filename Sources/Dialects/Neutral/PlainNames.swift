/// Names that others make up and that are repeated where not any text may stand: in headers, in a log, as the name of a
/// tool.
extension UInt8 {
    /// An ASCII letter or digit, `_` or `-`: what every API takes in names of tools and ids of calls.
    var isPlain: Bool {
        (0x61...0x7A).contains(self | 0x20) || (0x30...0x39).contains(self) || self == UInt8(ascii: "_")
            || self == UInt8(ascii: "-")
    }

    /// In the alphabet of base64, its padding, or in that for URLs (RFC 4648 sections 4 and 5).
    var isBase64: Bool { self.isPlain || "+/=".utf8.contains(self) }
}

extension String {
    /// Is it a word of up to `most` plain characters and `others`?
    func isPlain(most: Int, and others: String = ".") -> Bool {
        (1...most).contains(self.utf8.count) && self.utf8.allSatisfy { $0.isPlain || others.utf8.contains($0) }
    }
}
