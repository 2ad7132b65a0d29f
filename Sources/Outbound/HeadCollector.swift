import Vocabulary

/// Puts the header lines that libcurl hands over one by one together into an `AnswerHead`, and refuses what a backend
/// must not say. It knows no libcurl.
struct HeadCollector {
    /// What a line led to.
    enum Step: Equatable {
        /// More lines are to come.
        case incomplete
        /// The head is complete. What follows is body, or trailers.
        case complete(AnswerHead)
        /// The answer is refused.
        case refused(Reason, String)
    }

    private enum State {
        case statusLine  // Next: lines.
        case lines(status: Int)  // Next: statusLine after an interim head, else done.
        case done  // Trailers (RFC 9112 section 7.1.2) may follow; they are counted and dropped.
    }

    private var state = State.statusLine
    private var bytes: [UInt8] = []
    private var lines: [AnswerHead.Line] = []
    private var contentLength: Int?
    private var isChunked = false
    private var total = 0

    /// Whether a final head has been seen.
    var isDone: Bool {
        switch self.state {
        case .statusLine, .lines: false
        case .done: true
        }
    }

    /// Takes one line with its line end. All lines of an answer, interim heads and trailers included, may have
    /// `Bounds.requestHead` bytes together.
    mutating func take(_ line: some RandomAccessCollection<UInt8>) -> Step {
        self.total += line.count
        guard self.total <= Bounds.requestHead.count else {
            return .refused(.upstreamMalformed, "the answer's head is longer than \(Bounds.requestHead.count) bytes")
        }
        switch self.state {
        case .statusLine: return self.begin(line)
        case .lines(let status): return self.takeHeader(line, status)
        case .done: return .incomplete
        }
    }

    /// `HTTP/1.1 200 OK`: libcurl has checked the version; the status is read here (RFC 9112 section 4).
    private mutating func begin(_ line: some RandomAccessCollection<UInt8>) -> Step {
        self.bytes.removeAll(keepingCapacity: true)
        self.bytes.reserveCapacity(384)
        self.lines.reserveCapacity(8)
        self.bytes.append(contentsOf: line)
        let end = self.endOfText(from: 0)
        guard let space = self.bytes[..<end].firstIndex(of: 0x20), space + 4 <= end,
            space + 4 == end || self.bytes[space + 4] == 0x20,
            let status = decimal(self.bytes[(space + 1)..<(space + 4)]), (100...599).contains(status)
        else {
            return .refused(.upstreamMalformed, "the answer's status line cannot be read")
        }
        switch status {
        case 101:
            return .refused(.upstreamMalformed, "the backend switched protocols, which nobody asked for")
        case 300...399:
            return .refused(.redirectRefused, "the backend answered \(status), and redirects are not followed")
        default:
            self.state = .lines(status: status)
            return .incomplete
        }
    }

    private mutating func takeHeader(_ line: some RandomAccessCollection<UInt8>, _ status: Int) -> Step {
        let start = self.bytes.count
        self.bytes.append(contentsOf: line)
        let end = self.endOfText(from: start)
        if end == start { return self.endHead(status) }
        guard let parsed = self.parse(start..<end) else {
            return .refused(.upstreamMalformed, "a header line of the answer cannot be read")
        }
        if let problem = self.check(parsed) { return .refused(.upstreamMalformed, problem) }
        self.lines.append(parsed)
        return .incomplete
    }

    /// Interim heads (RFC 9110 section 15.2) are forgotten.
    private mutating func endHead(_ status: Int) -> Step {
        if status < 200 {
            self.lines.removeAll(keepingCapacity: true)
            self.contentLength = nil
            self.isChunked = false
            self.state = .statusLine
            return .incomplete
        }
        self.state = .done
        return .complete(
            AnswerHead(
                status: status, bytes: self.bytes, lines: self.lines,
                contentLength: self.isChunked ? nil : self.contentLength))
    }

    private func endOfText(from start: Int) -> Int {
        var end = self.bytes.count
        if end > start, self.bytes[end - 1] == 0x0A { end -= 1 }
        if end > start, self.bytes[end - 1] == 0x0D { end -= 1 }
        return end
    }

    /// A name of token characters, a colon, a value without controls; folded lines have no such name.
    private func parse(_ text: Range<Int>) -> AnswerHead.Line? {
        var colon = text.lowerBound
        while colon < text.upperBound, isTokenCharacter(self.bytes[colon]) { colon += 1 }
        guard colon > text.lowerBound, colon < text.upperBound, self.bytes[colon] == 0x3A else { return nil }
        var (start, end) = (colon + 1, text.upperBound)
        while start < end, isBlank(self.bytes[start]) { start += 1 }
        while end > start, isBlank(self.bytes[end - 1]) { end -= 1 }
        for index in start..<end where isControl(self.bytes[index]) { return nil }
        return AnswerHead.Line(name: text.lowerBound..<colon, value: start..<end)
    }

    /// The headers that decide where the answer ends, and how it is to be read, must leave no doubt.
    private mutating func check(_ line: AnswerHead.Line) -> String? {
        let name = self.bytes[line.name]
        let value = self.bytes[line.value]
        if name.spells("content-encoding") {
            return value.spells("identity") || value.isEmpty
                ? nil : "the answer is in a content encoding, though none was accepted"
        }
        if name.spells("transfer-encoding") {
            if self.isChunked || !value.spells("chunked") { return "the answer's transfer encoding is not `chunked`" }
            self.isChunked = true
        }
        if name.spells("content-length") {
            guard let length = decimal(value), self.contentLength == nil || self.contentLength == length else {
                return "the answer's `Content-Length` cannot be read, or there are several"
            }
            self.contentLength = length
        }
        return self.isChunked && self.contentLength != nil
            ? "the answer has both `Content-Length` and `Transfer-Encoding`" : nil
    }
}

/// RFC 9110 section 5.6.2.
private func isTokenCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x5E...0x7A, 0x7C, 0x7E, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E: true
    default: false
    }
}

/// RFC 9110 section 5.5: what may stand around and between the words of a value.
private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

private func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x09 || byte == 0x7F }
