/// A name or id with a type of its own, so that a model is never passed where a backend is meant.
public protocol Identifier: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible,
    ExpressibleByStringLiteral
where RawValue == String {
    /// Wraps `rawValue` as it is; what may be in it is checked where it comes from (configuration, inventory).
    init(rawValue: String)
}

extension Identifier {
    /// Wraps `name`.
    public init(_ name: String) {
        self.init(rawValue: name)
    }

    /// Wraps a literal; for tests and built-in names.
    public init(stringLiteral: String) {
        self.init(rawValue: stringLiteral)
    }

    /// The bare name, as logs and people read it.
    public var description: String { self.rawValue }

    /// Orders by name.
    public static func < (left: Self, right: Self) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The configured name of a backend: letters, digits, `-`, `_` and `.`.
public struct BackendID: Identifier {
    /// The bare name.
    public let rawValue: String
    /// Wraps `rawValue` as it is.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The configured name of a zone.
public struct ZoneName: Identifier {
    /// The bare name.
    public let rawValue: String
    /// Wraps `rawValue` as it is.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A model's canonical name: always with its tag, as in `llama3.2:latest`. See `init(canonical:)`.
public struct ModelName: Identifier {
    /// The bare name.
    public let rawValue: String
    /// Wraps `rawValue` as it is.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Ollama's rule: a name without a tag means `:latest`. The tag is what follows the last colon, if no slash does.
    public init(canonical name: String) {
        let last = name.utf8.last { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "/") }
        self.rawValue = last == UInt8(ascii: ":") ? name : name + ":latest"
    }
}

/// The public part of a key: eight characters, no secret.
public struct KeyID: Identifier {
    /// The bare name.
    public let rawValue: String
    /// Wraps `rawValue` as it is.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The name of a rule in the policy.
public struct RuleID: Identifier {
    /// The bare name.
    public let rawValue: String
    /// Wraps `rawValue` as it is.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Who pays for a request.
public struct ProjectName: Identifier {
    /// The bare name.
    public let rawValue: String
    /// Wraps `rawValue` as it is.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The person behind a key that many share, as the application that holds it names them.
public struct PrincipalName: Identifier {
    /// The bare name.
    public let rawValue: String
    /// Wraps `rawValue` as it is.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// For which function of an application a request is made.
public struct FeatureName: Identifier {
    /// The bare name.
    public let rawValue: String
    /// Wraps `rawValue` as it is.
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// Names one request in logs, headers, usage and the admin plane: a UUID version 7 (RFC 9562 section 5.7), so that
/// ids sort by time.
public struct RequestID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first 64 bits: 48 of milliseconds, 4 of version, 12 random.
    public let high: UInt64
    /// The last 64 bits: 2 of variant, 62 random.
    public let low: UInt64

    /// A fresh id for a request that begins at `now`.
    public init(at now: WallTime, using generator: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(clamping: now.microseconds / 1000) & 0xFFFF_FFFF_FFFF
        self.high = milliseconds << 16 | 0x7000 | generator.next() & 0x0FFF
        self.low = 0x8000_0000_0000_0000 | generator.next() >> 2
    }

    /// Reads the 36-character form; `nil` if it is not one.
    public init?(_ text: String) {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }
        guard text.utf8.count == 36, digits.count == 32,
            let high = UInt64(String(decoding: digits[0..<16], as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits[16..<32], as: UTF8.self), radix: 16)
        else { return nil }
        self.high = high
        self.low = low
    }

    /// Earlier requests order first.
    public static func < (left: RequestID, right: RequestID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// The 36-character form in lower case, as bytes: `xxxxxxxx-xxxx-7xxx-xxxx-xxxxxxxxxxxx`.
    public var bytes: [UInt8] {
        let digits: StaticString = "0123456789abcdef"
        return [UInt8](unsafeUninitializedCapacity: 36) { buffer, count in
            var out = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    buffer[out] = UInt8(ascii: "-")
                    out += 1
                }
                let half = nibble < 16 ? self.high : self.low
                buffer[out] = digits.utf8Start[Int(half >> UInt64(60 - 4 * (nibble % 16)) & 0xF)]
                out += 1
            }
            count = out
        }
    }

    /// The 36-character form in lower case.
    public var description: String {
        String(decoding: self.bytes, as: UTF8.self)
    }
}

/// The protocol an application speaks, which decides the shape of its answers and errors.
public enum Dialect: String, Hashable, Sendable, CaseIterable {
    case openAI = "openai"
    case anthropic
    case ollama
}

/// A small generator with a seed (SplitMix64), so that a run can be replayed. Not for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence that belongs to `seed`.
    public init(seed: UInt64) {
        self.state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
