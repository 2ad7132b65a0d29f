import Foundation

/// Reads one answer of HTTP/1.1 out of bytes, however they come in pieces (RFC 9112). What two readers could understand
/// differently is refused.
struct ResponseReader: Sendable {
    /// What has been read.
    enum Event: Equatable, Sendable {
        case head(AnswerHead)
        case bytes(Data)
        case end
    }

    private enum State {
        case head  // Next: any other.
        case body(left: Int)  // Next: ended.
        case untilClose
        case chunkSize  // Next: chunk or trailer.
        case chunk(left: Int)  // Next: chunkEnd.
        case chunkEnd  // Next: chunkSize.
        case trailer  // Next: ended.
        case ended
    }

    /// The most bytes of a head, and of all that frames chunks after it.
    static let headMax = 65_536
    /// The longest line that frames a chunk.
    static let chunkLineMax = 4096

    private var state = State.head
    private var buffer: [UInt8] = []
    private var start = 0
    /// Bytes of trailer lines so far.
    private var trailerCount = 0

    /// Takes more bytes, and tells what they hold.
    mutating func read(_ bytes: some Sequence<UInt8>) throws(LLMError) -> [Event] {
        self.buffer.removeFirst(self.start)
        self.start = 0
        self.buffer += bytes
        var events: [Event] = []
        while try self.step(&events) {}
        return events
    }

    /// The connection has ended.
    func close() throws(LLMError) -> [Event] {
        switch self.state {
        case .untilClose: return [.end]
        case .ended: return []
        case .head where self.buffer.isEmpty:
            throw LLMError(.transport, "the connection ended without an answer")
        case .head, .body, .chunkSize, .chunk, .chunkEnd, .trailer:
            throw LLMError(.transport, "the connection ended inside the answer")
        }
    }

    /// Reads one thing; false: more bytes are needed, or none.
    private mutating func step(_ events: inout [Event]) throws(LLMError) -> Bool {
        switch self.state {
        case .head: return try self.readHead(&events)
        case .body(let left):
            let count = self.take(left, &events)
            self.state = count == left ? .ended : .body(left: left - count)
            if count == left { events.append(.end) }
            return false
        case .untilClose:
            _ = self.take(.max, &events)
            return false
        case .chunkSize:
            guard let line = try self.line(most: Self.chunkLineMax) else { return false }
            let size = try Self.size(line)
            self.state = size == 0 ? .trailer : .chunk(left: size)
            return true
        case .chunk(let left):
            let count = self.take(left, &events)
            self.state = count == left ? .chunkEnd : .chunk(left: left - count)
            return count == left
        case .chunkEnd:
            guard let line = try self.line(most: 0) else { return false }
            guard line.isEmpty else { throw Self.malformed("a chunk does not end where it should") }
            self.state = .chunkSize
            return true
        case .trailer:
            guard let line = try self.line(most: Self.headMax - self.trailerCount) else { return false }
            self.trailerCount += line.count
            guard line.isEmpty else { return true }  // What it says counts for nothing here.
            self.state = .ended
            events.append(.end)
            return false
        case .ended: return false
        }
    }

    /// At most `most` bytes of the body; how many there were.
    private mutating func take(_ most: Int, _ events: inout [Event]) -> Int {
        let bytes = self.buffer[self.start...].prefix(most)
        if !bytes.isEmpty { events.append(.bytes(Data(bytes))) }
        self.start += bytes.count
        return bytes.count
    }

    /// The next line, without its end; `nil`: more bytes are needed.
    private mutating func line(most: Int) throws(LLMError) -> ArraySlice<UInt8>? {
        let rest = self.buffer[self.start...]
        guard let end = rest.prefix(most + 2).firstIndex(of: 0x0A) else {
            guard rest.count < most + 2 else { throw Self.malformed("a line is longer than \(most) bytes") }
            return nil
        }
        guard end > rest.startIndex, self.buffer[end - 1] == 0x0D else { throw Self.malformed("a line has no CR") }
        self.start = end + 1
        return self.buffer[rest.startIndex..<(end - 1)]
    }

    private mutating func readHead(_ events: inout [Event]) throws(LLMError) -> Bool {
        guard let end = self.buffer[self.start...].firstRange(of: [0x0D, 0x0A, 0x0D, 0x0A]) else {
            guard self.buffer.count - self.start < Self.headMax else {
                throw Self.malformed("its head is longer than \(Self.headMax) bytes")
            }
            return false
        }
        let head = try ResponseHead(self.buffer[self.start..<end.lowerBound])
        self.start = end.upperBound
        if head.isInterim { return true }
        events.append(.head(AnswerHead(status: head.status, headers: head.headers)))
        switch try head.framing() {
        case .chunked: self.state = .chunkSize
        case .untilClose: self.state = .untilClose
        case .length(0):
            self.state = .ended
            events.append(.end)
        case .length(let count): self.state = .body(left: count)
        }
        return true
    }

    /// Hexadecimal, before extensions, which count for nothing (RFC 9112 section 7.1).
    private static func size(_ line: ArraySlice<UInt8>) throws(LLMError) -> Int {
        let digits = String(decoding: line.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self)
        let text = digits.trimmingCharacters(in: .whitespaces)
        // `Int` alone would take a sign too.
        guard (1...15).contains(text.utf8.count), text.allSatisfy(\.isHexDigit), let size = Int(text, radix: 16) else {
            throw Self.malformed("a chunk has no size")
        }
        return size
    }

    static func malformed(_ what: String) -> LLMError {
        LLMError(.malformedAnswer, "the answer is not HTTP/1.1: \(what)")
    }
}

/// Status line and headers.
private struct ResponseHead {
    enum Framing {
        case length(Int)
        case chunked
        case untilClose
    }

    let status: Int
    /// By their names in lower case; several of one name are one list (RFC 9110 section 5.3).
    private(set) var headers: [String: String] = [:]

    /// `100 Continue` and its like come before the answer.
    var isInterim: Bool { (100...199).contains(self.status) }

    init(_ bytes: ArraySlice<UInt8>) throws(LLMError) {
        var lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")[...]
        let words = (lines.popFirst() ?? "").split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", words[1].utf8.count == 3,
            let status = Int(words[1]), status >= 100
        else { throw ResponseReader.malformed("it has no status line") }
        self.status = status
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                !line[..<colon].contains(where: \.isWhitespace), !line.contains(where: { "\r\n\0".contains($0) })
            else { throw ResponseReader.malformed("a header has no name") }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            self.headers[name] = self.headers[name].map { $0 + ", " + value } ?? value
        }
    }

    /// RFC 9112 section 6.3.
    func framing() throws(LLMError) -> Framing {
        if self.status == 204 || self.status == 304 { return .length(0) }
        let (coding, length) = (self.headers["transfer-encoding"], self.headers["content-length"])
        if let coding {
            guard length == nil, coding.lowercased() == "chunked" else {
                throw ResponseReader.malformed("it can be framed in two ways")
            }
            return .chunked
        }
        guard let length else { return .untilClose }
        guard (1...15).contains(length.utf8.count), length.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(length)
        else { throw ResponseReader.malformed("its length is no number") }
        return .length(count)
    }
}
