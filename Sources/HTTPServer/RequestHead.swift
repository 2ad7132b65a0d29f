import Vocabulary

/// A part of a head by its offsets: half the size of a `Range<Int>`, since a head is at most 64 KiB.
struct Extent: Hashable, Sendable {
    let start: UInt32
    let end: UInt32

    static let empty = Extent(0, 0)

    @inline(__always)
    init(_ start: Int, _ end: Int) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
    }

    @inline(__always) var range: Range<Int> { Int(self.start)..<Int(self.end) }
    @inline(__always) var count: Int { Int(self.end) - Int(self.start) }
}

/// Where one header line has its name and its value; blanks around the value are left out.
struct HeaderField: Hashable, Sendable {
    let name: Extent
    let value: Extent
}

/// The versions that are spoken here.
public enum HTTPVersion: Hashable, Sendable {
    case http10
    case http11
}

/// How the body of a request is delimited (RFC 9112 section 6.3).
public enum BodyFraming: Hashable, Sendable {
    /// Neither `Content-Length` nor `Transfer-Encoding`: no body.
    case none
    /// `Content-Length`.
    case length(Int)
    /// `Transfer-Encoding: chunked`.
    case chunked
}

/// A request line and its header lines, as they came, with an index over them. Only `RequestHeadParser` makes one, so
/// whoever holds one knows that RFC 9112 was kept.
public struct RequestHead: Hashable, Sendable {
    /// The whole head, from the request line (or a blank line before it) to the blank line that ends it.
    public let bytes: [UInt8]
    /// The client's version; answers are always HTTP/1.1 (RFC 9110 section 6.2).
    public let version: HTTPVersion
    /// How the body is delimited.
    public let framing: BodyFraming
    /// Whether the client wants its connection kept (RFC 9112 section 9.3).
    public let keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 section 10.1.1).
    public let expectsContinue: Bool

    let methodExtent: Extent
    let targetExtent: Extent
    let pathExtent: Extent
    let queryExtent: Extent?
    let authorityExtent: Extent?
    let fields: [HeaderField]

    /// The method as it was sent; methods are case-sensitive (RFC 9110 section 9.1).
    public var method: ArraySlice<UInt8> { self.bytes[self.methodExtent.range] }

    /// The request target as it was sent.
    public var target: ArraySlice<UInt8> { self.bytes[self.targetExtent.range] }

    /// The path of the target, still percent-encoded, without the query; `*` for `OPTIONS *`, and `/` where an
    /// absolute-form target has none.
    public var path: ArraySlice<UInt8> {
        self.pathExtent.count == 0 ? [UInt8(ascii: "/")] : self.bytes[self.pathExtent.range]
    }

    /// What follows the first `?` of the target; `nil` without one.
    public var query: ArraySlice<UInt8>? { self.queryExtent.map { self.bytes[$0.range] } }

    /// The host and port the client means: from an absolute-form target, else from `Host`. `nil` only on HTTP/1.0.
    public var authority: ArraySlice<UInt8>? { self.authorityExtent.map { self.bytes[$0.range] } }

    /// True if the method is exactly `name`.
    public func isMethod(_ name: StaticString) -> Bool {
        self.equals(self.methodExtent, name, map: { $0 })
    }

    /// The number of header lines.
    public var headerCount: Int { self.fields.count }

    /// The value of the first header with this name, which must be given in lower case; blanks around it left out.
    public func header(_ lowercasedName: StaticString) -> ArraySlice<UInt8>? {
        for field in self.fields where self.equals(field.name, lowercasedName, map: ASCII.lower) {
            return self.bytes[field.value.range]
        }
        return nil
    }

    /// The values of all headers with this name, in order; the name must be given in lower case.
    public func headers(named lowercasedName: StaticString) -> [ArraySlice<UInt8>] {
        self.fields.filter { self.equals($0.name, lowercasedName, map: ASCII.lower) }
            .map { self.bytes[$0.value.range] }
    }

    /// The same for a name that is not known before; in any case.
    public func headers(withName name: String) -> [ArraySlice<UInt8>] {
        self.fields.filter { field in
            field.name.count == name.utf8.count
                && zip(self.bytes[field.name.range], name.utf8).allSatisfy { ASCII.lower($0) == ASCII.lower($1) }
        }.map { self.bytes[$0.value.range] }
    }

    /// Every header line in order, name and value as they were sent.
    public var headers: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)] {
        self.fields.map { (self.bytes[$0.name.range], self.bytes[$0.value.range]) }
    }

    @inline(__always)
    private func equals(_ extent: Extent, _ text: StaticString, map: (UInt8) -> UInt8) -> Bool {
        guard extent.count == text.utf8CodeUnitCount else { return false }
        let start = Int(extent.start)
        for index in 0..<extent.count where map(self.bytes[start + index]) != text.utf8Start[index] { return false }
        return true
    }
}
