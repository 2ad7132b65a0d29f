import Crypto
import Vocabulary

/// The secret that makes stolen hashes worthless: the same on every node, kept outside of `keys.yaml`, in a 0400 file
/// or a credential. It prints as redacted.
public struct Pepper: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Shorter ones are refused: HMAC-SHA-256 asks for a key as long as its output (RFC 2104 section 3).
    public static let bytesMin = 32

    let key: SymmetricKey

    /// A pepper of at least 32 bytes, else `nil`.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.bytesMin else { return nil }
        self.key = SymmetricKey(data: bytes)
    }

    /// Redacted.
    public var description: String { "pepper [redacted]" }

    /// Redacted.
    public var debugDescription: String { self.description }
}

/// HMAC-SHA-256(pepper, secret): what is kept of a key. 256 random bits need no slow hash, and a slow one would let
/// anybody keep a node busy (`residency.md` G).
public struct SecretHash: Sendable, Hashable, CustomStringConvertible {
    let bytes: [UInt8]

    /// The hash of `text`'s secret.
    public init(_ text: KeyText, pepper: Pepper) {
        self.bytes = Array(Self.code(text, pepper: pepper))
    }

    /// Reads 64 hexadecimal digits in lower case.
    public init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = Self.value(digits[index]), let low = Self.value(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// 64 hexadecimal digits in lower case.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: self.bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }, as: UTF8.self)
    }

    /// The same as `hex`: a hash is no secret without its pepper.
    public var description: String { self.hex }

    static func code(_ text: KeyText, pepper: Pepper) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: text.secret, using: pepper.key)
    }

    /// Compares in constant time: swift-crypto looks at every byte, whether or not an earlier one differed.
    func matches(_ code: HMAC<SHA256>.MAC) -> Bool {
        code == self.bytes
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
