/// A number of bytes.
public struct Bytes: Hashable, Comparable, Sendable {
    /// The number itself.
    public let count: Int

    /// `count` bytes.
    @inlinable
    public init(_ count: Int) {
        self.count = count
    }

    /// `count` times 1,024 bytes.
    public static func kibibytes(_ count: Int) -> Bytes { Bytes(count << 10) }
    /// `count` times 1,048,576 bytes.
    public static func mebibytes(_ count: Int) -> Bytes { Bytes(count << 20) }

    /// Fewer bytes order first.
    @inlinable
    public static func < (left: Bytes, right: Bytes) -> Bool {
        left.count < right.count
    }
}

/// A number of model tokens, as the backend counts them.
public struct Tokens: Hashable, Comparable, Sendable {
    /// The number itself.
    public let count: Int

    /// `count` tokens.
    @inlinable
    public init(_ count: Int) {
        self.count = count
    }

    /// Fewer tokens order first.
    @inlinable
    public static func < (left: Tokens, right: Tokens) -> Bool {
        left.count < right.count
    }
}
