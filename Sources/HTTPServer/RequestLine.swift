import Vocabulary

/// The first line of a request, taken apart (RFC 9112 section 3). Exactly one space between its parts: who splits at
/// any blank reads another target than who splits at the first.
struct RequestLine: Sendable {
    let method: Extent
    let target: Extent
    let version: HTTPVersion
    let form: TargetForm
    let path: Extent
    let query: Extent?

    init(_ line: Extent, in bytes: borrowing Span<UInt8>) throws(HTTPFailure) {
        let end = Int(line.end)
        var index = Int(line.start)
        while index < end, ByteSet.token.contains(bytes[index]) { index += 1 }
        self.method = Extent(Int(line.start), index)
        guard self.method.count > 0, index < end, bytes[index] == ASCII.space else {
            throw HTTPFailure(.badRequest, "the request line does not begin with a method and one space")
        }
        index += 1
        let targetStart = index
        while index < end, bytes[index] != ASCII.space { index += 1 }
        self.target = Extent(targetStart, index)
        guard self.target.count > 0, index < end else {
            throw HTTPFailure(.badRequest, "the request line is not a method, a target and a version, one space apart")
        }
        self.version = try Self.version(Extent(index + 1, end), in: bytes)
        let reading = try TargetForm.read(self.target, of: self.method, in: bytes)
        self.form = reading.form
        self.path = reading.path
        self.query = reading.query
    }

    /// `HTTP/1.0` or `HTTP/1.1`. Other versions of the right spelling are 505; RFC 9110 section 2.5 would let us read
    /// a 1.2 as 1.1, but no client speaks it, and what it would mean is not known.
    private static func version(_ extent: Extent, in bytes: borrowing Span<UInt8>) throws(HTTPFailure) -> HTTPVersion {
        let prefix: StaticString = "HTTP/"
        let start = Int(extent.start)
        guard extent.count == 8 else { throw HTTPFailure(.badRequest, "the version is not spelled like HTTP/1.1") }
        for index in 0..<5 where bytes[start + index] != prefix.utf8Start[index] {
            throw HTTPFailure(.badRequest, "the version is not spelled like HTTP/1.1")
        }
        guard let major = ASCII.decimalValue(bytes[start + 5]), bytes[start + 6] == UInt8(ascii: "."),
            let minor = ASCII.decimalValue(bytes[start + 7])
        else { throw HTTPFailure(.badRequest, "the version is not spelled like HTTP/1.1") }
        switch (major, minor) {
        case (1, 0): return .http10
        case (1, 1): return .http11
        case (_, _): throw HTTPFailure(.versionUnsupported, "only HTTP/1.0 and HTTP/1.1 are spoken here")
        }
    }
}

/// The forms of a request target that are served (RFC 9112 section 3.2).
enum TargetForm: Hashable, Sendable {
    /// `/path?query`.
    case origin
    /// `http://authority/path?query`; the scheme's default port.
    case absolute(authority: Extent, defaultPort: UInt16)
    /// `*`, for OPTIONS alone.
    case asterisk

    struct Reading {
        let form: TargetForm
        let path: Extent
        let query: Extent?
    }

    static func read(
        _ target: Extent, of method: Extent, in bytes: borrowing Span<UInt8>
    ) throws(HTTPFailure) -> Reading {
        if Self.equals(method, "CONNECT", in: bytes) {
            throw HTTPFailure(.methodNotAllowed, "this is not a forward proxy: CONNECT is not served")
        }
        let first = bytes[Int(target.start)]
        if first == UInt8(ascii: "/") {
            let (path, query) = try Self.pathAndQuery(target, in: bytes)
            return Reading(form: .origin, path: path, query: query)
        }
        if first == UInt8(ascii: "*"), target.count == 1 {
            guard Self.equals(method, "OPTIONS", in: bytes) else {
                throw HTTPFailure(.badRequest, "the target * belongs to OPTIONS alone")
            }
            return Reading(form: .asterisk, path: target, query: nil)
        }
        return try Self.absolute(target, in: bytes)
    }

    private static func absolute(_ target: Extent, in bytes: borrowing Span<UInt8>) throws(HTTPFailure) -> Reading {
        let port: UInt16
        let authorityStart: Int
        if Self.begins(target, with: "http://", in: bytes) {
            port = 80
            authorityStart = Int(target.start) + 7
        } else if Self.begins(target, with: "https://", in: bytes) {
            port = 443
            authorityStart = Int(target.start) + 8
        } else {
            throw HTTPFailure(.badRequest, "the target is neither a path nor an http URL")
        }
        var end = authorityStart
        while end < Int(target.end), bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
        let (path, query) = try Self.pathAndQuery(Extent(end, Int(target.end)), in: bytes)
        return Reading(
            form: .absolute(authority: Extent(authorityStart, end), defaultPort: port), path: path, query: query)
    }

    /// Splits at the first `?` and checks every byte. The path is strict (RFC 3986 section 3.3), since routes and
    /// policies are decided by it.
    private static func pathAndQuery(
        _ extent: Extent, in bytes: borrowing Span<UInt8>
    ) throws(HTTPFailure) -> (path: Extent, query: Extent?) {
        let end = Int(extent.end)
        var index = Int(extent.start)
        while index < end, ByteSet.path.contains(bytes[index]) {
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < end, ASCII.hexValue(bytes[index + 1]) != nil, ASCII.hexValue(bytes[index + 2]) != nil
                else { throw HTTPFailure(.badRequest, "a % in the path is not followed by two hexadecimal digits") }
            }
            index += 1
        }
        let path = Extent(Int(extent.start), index)
        if index == end { return (path, nil) }
        guard bytes[index] == UInt8(ascii: "?") else {
            throw HTTPFailure(.badRequest, "the path holds a character that a URL does not allow")
        }
        for offset in (index + 1)..<end where !ByteSet.query.contains(bytes[offset]) {
            throw HTTPFailure(.badRequest, "the query holds a character that a URL does not allow")
        }
        return (path, Extent(index + 1, end))
    }

    private static func begins(_ extent: Extent, with lower: StaticString, in bytes: borrowing Span<UInt8>) -> Bool {
        guard extent.count >= lower.utf8CodeUnitCount else { return false }
        for index in 0..<lower.utf8CodeUnitCount
        where ASCII.lower(bytes[Int(extent.start) + index]) != lower.utf8Start[index] { return false }
        return true
    }

    private static func equals(_ extent: Extent, _ text: StaticString, in bytes: borrowing Span<UInt8>) -> Bool {
        guard extent.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<extent.count where bytes[Int(extent.start) + index] != text.utf8Start[index] { return false }
        return true
    }
}
