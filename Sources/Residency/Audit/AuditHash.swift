import Crypto

/// A SHA-256 (FIPS 180-4): of a body, of a record, of a file.
public struct AuditHash: Hashable, Sendable, CustomStringConvertible {
    /// Bytes in a hash.
    public static let size = 32
    /// What the first record of a file has for its predecessor's.
    public static let zero = AuditHash(unchecked: Array(repeating: 0, count: Self.size))

    /// The 32 bytes.
    public let bytes: [UInt8]

    private init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A hash that was kept; `nil` if it has not 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.size else { return nil }
        self.bytes = bytes
    }

    /// A hash as text, 64 hexadecimal digits; `nil` for all else.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.size else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard digits[place] != UInt8(ascii: "+"), digits[place] != UInt8(ascii: "-"),
                let byte = UInt8(String(decoding: digits[place...place + 1], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        self.bytes = bytes
    }

    /// The hash of `bytes`.
    public init(of bytes: [UInt8]) {
        self.bytes = Array(SHA256.hash(data: bytes))
    }

    /// 64 hexadecimal digits in lower case.
    public var description: String { Hexadecimal.text(self.bytes) }
}

/// A SHA-256 over what comes in pieces.
public struct AuditDigest: Sendable {
    private var state = SHA256()

    /// Over nothing yet.
    public init() {}

    /// Takes the next bytes.
    public mutating func add(_ bytes: [UInt8]) {
        self.state.update(data: bytes)
    }

    /// The hash of all that was added.
    public var hash: AuditHash {
        guard let hash = AuditHash(Array(self.state.finalize())) else { preconditionFailure("SHA-256 has 32 bytes") }
        return hash
    }
}

/// Bytes as text, as hashes and ids stand in records.
public enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Two digits in lower case for each byte.
    public static func text(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        self.append(bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The same as ASCII, behind what is there.
    public static func append(_ bytes: some Sequence<UInt8>, to text: inout [UInt8]) {
        for byte in bytes {
            text.append(self.digits[Int(byte >> 4)])
            text.append(self.digits[Int(byte & 15)])
        }
    }
}
