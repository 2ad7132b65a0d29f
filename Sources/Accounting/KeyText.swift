import Vocabulary

/// A key as its holder writes it: `gh_<env>_<id>_<secret>_<check>` (`residency.md` G).
///
/// The prefix lets scanners find a leaked key, the environment says where it belongs, the id (8 characters, public) says
/// whose it is, the secret is 32 random bytes in base64url, and the check is a CRC-32 over all before it, so that a typo
/// is told without a server. It prints as redacted: only `revealed` shows it.
public struct KeyText: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Where the key belongs: `live`, `test`.
    public let environment: String
    /// Whose it is.
    public let id: KeyID
    let secret: [UInt8]

    /// A fresh key text. `generator` must be fit for secrets (`SystemRandomNumberGenerator`).
    public static func generate(
        environment: String, id: KeyID, using generator: inout some RandomNumberGenerator
    ) -> KeyText {
        precondition(self.isEnvironment(environment.utf8), "\(environment) is not an environment's name")
        precondition(self.isID(id.rawValue.utf8), "\(id) is not a key id")
        let secret = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return KeyText(environment: environment, id: id, secret: secret)
    }

    /// A fresh id: eight lower-case letters and digits without those that are easily confused (0 and o, 1 and l and i).
    public static func generateID(using generator: inout some RandomNumberGenerator) -> KeyID {
        let letters = Array("23456789abcdefghjkmnpqrstuvwxyz".utf8)
        let drawn = (0..<8).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }
        return KeyID(rawValue: String(decoding: drawn, as: UTF8.self))
    }

    private init(environment: String, id: KeyID, secret: [UInt8]) {
        self.environment = environment
        self.id = id
        self.secret = secret
    }

    /// The whole text, to be shown once, to the one person who asked for the key.
    public var revealed: String {
        let body = Array("gh_\(self.environment)_\(self.id)_".utf8) + Base64URL.encode(self.secret)
        return String(decoding: body + [UInt8(ascii: "_")] + CRC32.text(body), as: UTF8.self)
    }

    /// Redacted: the environment and the id alone.
    public var description: String { "gh_\(self.environment)_\(self.id)_[redacted]" }

    /// Redacted.
    public var debugDescription: String { self.description }

    /// Whether these bytes may name an environment: 1 to 16 lower-case letters and digits.
    public static func isEnvironment(_ name: some Collection<UInt8>) -> Bool {
        (1...16).contains(name.count) && name.allSatisfy(self.isLowerOrDigit)
    }

    /// Whether these bytes may be a key's id: 8 lower-case letters and digits.
    public static func isID(_ name: some Collection<UInt8>) -> Bool {
        name.count == 8 && name.allSatisfy(self.isLowerOrDigit)
    }

    private static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }
}

extension KeyText {
    /// Why some bytes are not a key.
    public enum Flaw: String, Error, Hashable, Sendable, CaseIterable {
        /// They have not the shape of one.
        case malformed
        /// They have, but the check differs: a character is missing or mistyped.
        case checksum
    }

    /// Reads a key. As the secret may contain `_`, the parts are counted from the end.
    public init(_ text: some Collection<UInt8>) throws(Flaw) {
        let bytes = Array(text)
        let underscore = UInt8(ascii: "_")
        // gh_ + env + _ + 8 + _ + 43 + _ + 6
        guard bytes.count >= 64, bytes.count <= 79, bytes.starts(with: Array("gh_".utf8)) else { throw .malformed }
        let checkAt = bytes.count - 6
        let secretAt = checkAt - 1 - 43
        let idAt = secretAt - 1 - 8
        guard bytes[checkAt - 1] == underscore, bytes[secretAt - 1] == underscore, bytes[idAt - 1] == underscore,
            Self.isEnvironment(bytes[3..<(idAt - 1)]), Self.isID(bytes[idAt..<(secretAt - 1)])
        else { throw .malformed }
        guard CRC32.text(bytes[..<(checkAt - 1)]) == Array(bytes[checkAt...]) else { throw .checksum }
        guard let secret = Base64URL.decode32(bytes[secretAt..<(checkAt - 1)]) else { throw .malformed }
        self.init(
            environment: String(decoding: bytes[3..<(idAt - 1)], as: UTF8.self),
            id: KeyID(rawValue: String(decoding: bytes[idAt..<(secretAt - 1)], as: UTF8.self)), secret: secret)
    }
}
