import Vocabulary

/// One header line taken apart: `name ":" OWS value OWS` (RFC 9112 section 5). A blank before the colon or at the
/// start of the line is refused: those are how a line is hidden from one of two readers.
extension HeaderField {
    @inline(__always)
    init(_ line: Extent, in bytes: borrowing Span<UInt8>) throws(HTTPFailure) {
        let start = Int(line.start)
        let end = Int(line.end)
        var index = start
        while index < end, ByteSet.isToken(bytes[index]) { index += 1 }
        guard index > start, index < end, bytes[index] == UInt8(ascii: ":") else {
            throw Self.failure(at: index, start: start, end: end, in: bytes)
        }
        var valueStart = index + 1
        var valueEnd = end
        while valueStart < valueEnd, Self.isBlank(bytes[valueStart]) { valueStart += 1 }
        while valueEnd > valueStart, Self.isBlank(bytes[valueEnd - 1]) { valueEnd -= 1 }
        self.init(name: Extent(start, index), value: Extent(valueStart, valueEnd))
    }

    @inline(__always)
    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == ASCII.space || byte == ASCII.tab
    }

    private static func failure(at index: Int, start: Int, end: Int, in bytes: borrowing Span<UInt8>) -> HTTPFailure {
        if index == start, index < end, Self.isBlank(bytes[index]) {
            return HTTPFailure(.badRequest, "a header line is folded over two lines")
        }
        if index < end, Self.isBlank(bytes[index]) {
            return HTTPFailure(.badRequest, "a blank stands between a header name and its colon")
        }
        if index == end { return HTTPFailure(.badRequest, "a header line has no colon") }
        return HTTPFailure(.badRequest, "a header name is empty or holds a character that is not allowed")
    }
}

/// The headers that decide how a message is read, gathered while their lines are scanned.
struct MessageHeaders: Sendable {
    private(set) var hostCount = 0
    private(set) var host = Extent.empty
    private(set) var contentLengthCount = 0
    private(set) var contentLength = Extent.empty
    private(set) var transferEncodingCount = 0
    private(set) var transferEncoding = Extent.empty
    private(set) var closes = false
    private(set) var keepsAlive = false
    private(set) var expectsContinue = false
    private(set) var expectsOther = false

    /// Sorted by length first, which rules out nearly all others.
    @inline(__always)
    mutating func note(_ field: HeaderField, in bytes: borrowing Span<UInt8>) {
        switch field.name.count {
        case 4 where Self.matches(field.name, "host", in: bytes):
            self.hostCount += 1
            self.host = field.value
        case 6 where Self.matches(field.name, "expect", in: bytes):
            if Self.matches(field.value, "100-continue", in: bytes) {
                self.expectsContinue = true
            } else {
                self.expectsOther = true
            }
        case 10 where Self.matches(field.name, "connection", in: bytes):
            self.noteConnection(field.value, in: bytes)
        case 14 where Self.matches(field.name, "content-length", in: bytes):
            self.contentLengthCount += 1
            self.contentLength = field.value
        case 17 where Self.matches(field.name, "transfer-encoding", in: bytes):
            self.transferEncodingCount += 1
            self.transferEncoding = field.value
        default:
            break
        }
    }

    /// `Connection = #connection-option` (RFC 9110 section 7.6.1). Options other than these two, `upgrade` among
    /// them, ask for nothing that is served.
    private mutating func noteConnection(_ value: Extent, in bytes: borrowing Span<UInt8>) {
        Self.forEachElement(of: value, in: bytes) { option, bytes in
            if Self.matches(option, "close", in: bytes) { self.closes = true }
            if Self.matches(option, "keep-alive", in: bytes) { self.keepsAlive = true }
        }
    }

    /// The elements of a comma list without the blanks around them, empty ones too.
    static func forEachElement(
        of value: Extent, in bytes: borrowing Span<UInt8>, _ body: (Extent, borrowing Span<UInt8>) -> Void
    ) {
        var start = Int(value.start)
        while start <= Int(value.end) {
            var end = start
            while end < Int(value.end), bytes[end] != UInt8(ascii: ",") { end += 1 }
            var first = start
            var last = end
            while first < last, bytes[first] == ASCII.space || bytes[first] == ASCII.tab { first += 1 }
            while last > first, bytes[last - 1] == ASCII.space || bytes[last - 1] == ASCII.tab { last -= 1 }
            body(Extent(first, last), bytes)
            start = end + 1
        }
    }

    /// Compares without regard to case; `lower` is in lower case.
    @inline(__always)
    static func matches(_ extent: Extent, _ lower: StaticString, in bytes: borrowing Span<UInt8>) -> Bool {
        guard extent.count == lower.utf8CodeUnitCount else { return false }
        for index in 0..<extent.count
        where ASCII.lower(bytes[Int(extent.start) + index]) != lower.utf8Start[index] { return false }
        return true
    }
}
