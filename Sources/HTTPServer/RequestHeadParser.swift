import Vocabulary

/// Reads one request head from bytes that arrive in any pieces. The verdict depends on the bytes alone, never on how
/// they were cut: every line is judged when its end is there, every control character where it stands.
public struct RequestHeadParser: Sendable {
    /// What the bytes so far amount to.
    public enum Outcome: Hashable, Sendable {
        /// More is needed.
        case incomplete
        /// A whole head; what follows it belongs to the body or to the next request.
        case complete(RequestHead)
        /// Not a request that is served here. The connection cannot be used further: where the next request would
        /// begin is not known.
        case refused(HTTPFailure)
    }

    /// An outcome, and how many bytes of the input it took.
    public struct Step: Hashable, Sendable {
        /// Bytes of the input that belong to this head.
        public let consumed: Int
        /// What they amount to.
        public let outcome: Outcome
    }

    private let bytesMax: Int
    private var scan: HeadScan
    /// The head so far; stays empty when a head comes in one piece.
    private var buffer: [UInt8] = []

    /// A parser for heads within these bounds; a larger one is 431 `head_too_large`.
    public init(
        bytesMax: Int = Bounds.requestHead.count, linesMax: Int = Bounds.requestHeaderLines
    ) {
        self.bytesMax = bytesMax
        self.scan = HeadScan(linesMax: linesMax)
    }

    /// Whether a request has begun; a blank line before one is not a beginning.
    public var hasBegun: Bool { self.buffer.count > self.scan.requestStart }

    /// Takes the next bytes. After `complete` the parser is ready for the next head; after `refused` it is spent.
    public mutating func consume(_ input: Span<UInt8>) -> Step {
        let before = self.buffer.count
        let taken = min(input.count, self.bytesMax - before)
        let part = input.extracting(0..<taken)
        do throws(HTTPFailure) {
            if before == 0 {
                if let end = try self.scan.advance(part) {
                    let head = try self.scan.head(Self.copy(part.extracting(0..<end)))
                    return self.completed(head, consumed: end)
                }
                self.buffer = Self.copy(part)
            } else {
                part.withUnsafeBufferPointer { self.buffer.append(contentsOf: $0) }
                if let end = try self.advanceBuffer() {
                    self.buffer.removeLast(self.buffer.count - end)
                    let head = try self.scan.head(self.buffer)
                    return self.completed(head, consumed: end - before)
                }
            }
            guard self.buffer.count < self.bytesMax else {
                throw HTTPFailure(.headTooLarge, "request line and headers are longer than \(self.bytesMax) bytes")
            }
            return Step(consumed: taken, outcome: .incomplete)
        } catch {
            return Step(consumed: taken, outcome: .refused(error))
        }
    }

    private mutating func advanceBuffer() throws(HTTPFailure) -> Int? {
        let bytes = self.buffer  // A reference, not a copy: the compiler wants it apart from `self`.
        return try self.scan.advance(bytes.span)
    }

    private mutating func completed(_ head: RequestHead, consumed: Int) -> Step {
        self.buffer = []
        self.scan = HeadScan(linesMax: self.scan.linesMax)
        return Step(consumed: consumed, outcome: .complete(head))
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        bytes.withUnsafeBufferPointer { Array($0) }
    }
}

/// The lines of a head, one after the other.
struct HeadScan: Sendable {
    let linesMax: Int
    /// Where the request line begins: 0, or 2 after one blank line.
    private(set) var requestStart = 0

    private var lines = LineScan()
    private var requestLine: RequestLine?
    private var fields: [HeaderField] = []
    private var headers = MessageHeaders()

    init(linesMax: Int) {
        self.linesMax = linesMax
    }

    /// The offset after the blank line that ends the head, or `nil` if it is not there yet. `bytes` is the head from
    /// its beginning, each time with what has come since.
    mutating func advance(_ bytes: Span<UInt8>) throws(HTTPFailure) -> Int? {
        while let line = try self.lines.next(in: bytes) {
            if self.requestLine == nil {
                try self.begin(line, in: bytes)
            } else if line.count == 0 {
                return self.lines.lineStart
            } else {
                let field = try HeaderField(line, in: bytes)
                guard self.fields.count < self.linesMax else {
                    throw HTTPFailure(.headTooLarge, "there are more than \(self.linesMax) header lines")
                }
                self.fields.append(field)
                self.headers.note(field, in: bytes)
            }
        }
        return nil
    }

    private mutating func begin(_ line: Extent, in bytes: Span<UInt8>) throws(HTTPFailure) {
        if line.count == 0 {
            // RFC 9112 section 2.2: a server SHOULD ignore at least one empty line before the request line.
            guard self.requestStart == 0 else {
                throw HTTPFailure(.badRequest, "more than one blank line stands before the request line")
            }
            self.requestStart = self.lines.lineStart
            return
        }
        self.requestLine = try RequestLine(line, in: bytes)
        self.fields.reserveCapacity(16)
    }

    /// The head that `advance` found complete in `bytes`.
    func head(_ bytes: [UInt8]) throws(HTTPFailure) -> RequestHead {
        guard let line = self.requestLine else { preconditionFailure("a head without a request line is complete") }
        let span = bytes.span
        return RequestHead(
            bytes: bytes,
            version: line.version,
            framing: try self.headers.framing(of: line.version, in: span),
            keepsAlive: self.headers.persists(in: line.version),
            expectsContinue: try self.headers.waitsForContinue(in: line.version),
            methodExtent: line.method,
            targetExtent: line.target,
            pathExtent: line.path,
            queryExtent: line.query,
            authorityExtent: try self.headers.authority(of: line.version, form: line.form, in: span),
            fields: self.fields)
    }
}
