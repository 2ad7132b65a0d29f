/// One header of an answer. Making one whose name stands in the source costs no allocation.
public struct HTTPHeader: Sendable, Equatable {
    private enum Name: Sendable {
        case fixed(StaticString)
        case made([UInt8])
    }

    private let storedName: Name
    /// The value. A CR, LF or NUL that it was given is a space here (RFC 9110 section 5.5), so that no value can begin
    /// another line.
    public let value: [UInt8]

    /// A header whose name stands in the source; a name that is not a token is a fault of the caller.
    public init(_ name: StaticString, _ value: [UInt8]) {
        self.storedName = .fixed(name)
        self.value = Self.onOneLine(value)
        assert(self.withName(Self.isToken), "a header name is a token")
    }

    /// A header whose name stands in the source.
    public init(_ name: StaticString, _ value: String) {
        self.init(name, Array(value.utf8))
    }

    /// A header whose name is not known when this is written, from a configuration for instance; `nil` if it is not
    /// a token (RFC 9110 section 5.6.2).
    public init?(name: String, value: [UInt8]) {
        self.storedName = .made(Array(name.utf8))
        self.value = Self.onOneLine(value)
        guard self.withName(Self.isToken) else { return nil }
    }

    private static func onOneLine(_ value: [UInt8]) -> [UInt8] {
        func breaksLines(_ byte: UInt8) -> Bool {
            byte == ASCII.carriageReturn || byte == ASCII.lineFeed || byte == 0
        }
        return value.contains(where: breaksLines) ? value.map { breaksLines($0) ? ASCII.space : $0 } : value
    }

    /// The name as it is written on the wire.
    public var name: String {
        self.withName { String(decoding: $0, as: UTF8.self) }
    }

    /// Equal in the bytes of name and value.
    public static func == (left: HTTPHeader, right: HTTPHeader) -> Bool {
        left.name == right.name && left.value == right.value
    }

    /// Runs `body` on the bytes of the name.
    @inline(__always)
    func withName<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        switch self.storedName {
        case .fixed(let name): body(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        case .made(let name): name.withUnsafeBufferPointer(body)
        }
    }

    private static func isToken(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        !name.isEmpty && name.allSatisfy { ByteSet.token.contains($0) }
    }

    /// Whether this is one of the headers that the server alone writes, since they say how the message is framed, who
    /// made it and when.
    var isServersOwn: Bool {
        self.withName { name in
            switch name.count {
            case 4: Self.equals(name, "date")
            case 6: Self.equals(name, "server")
            case 10: Self.equals(name, "connection") || Self.equals(name, "keep-alive")
            case 14: Self.equals(name, "content-length")
            case 17: Self.equals(name, "transfer-encoding")
            default: false
            }
        }
    }

    private static func equals(_ name: UnsafeBufferPointer<UInt8>, _ lower: StaticString) -> Bool {
        for index in 0..<name.count where ASCII.lower(name[index]) != lower.utf8Start[index] { return false }
        return name.count == lower.utf8CodeUnitCount
    }
}
