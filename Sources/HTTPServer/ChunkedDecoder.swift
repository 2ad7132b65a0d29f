import Vocabulary

/// Takes the chunked framing off a body (RFC 9112 section 7.1), byte by byte where it is framing and in runs where it
/// is data. Extensions and trailers are checked, bounded and dropped.
public struct ChunkedDecoder: Sendable {
    /// Bytes of extensions in one body, all chunks together: nobody uses them but to make a server work.
    static let extensionBytesMax = 4096
    /// Bytes of the trailer section.
    static let trailerBytesMax = 8192
    /// Lines of the trailer section.
    static let trailerLinesMax = 64

    private enum State {
        /// Digits of a chunk's size; `digits` have been read. Next: extension or sizeLineFeed.
        case size(digits: Int)
        /// Inside the extensions. Next: sizeLineFeed.
        case chunkExtension(ChunkExtension)
        /// After the CR of a size line. Next: data, or trailer after the last chunk.
        case sizeLineFeed
        /// Inside the data; this many bytes are left. Next: dataReturn.
        case data(left: Int)
        /// The CR after the data. Next: dataLineFeed.
        case dataReturn
        /// The LF after that. Next: size.
        case dataLineFeed
        /// Trailer lines. Next: ended.
        case trailer
        /// The blank line has been read.
        case ended
    }

    private var state = State.size(digits: 0)
    private var size = 0
    private var extensionBytes = 0
    private var trailer = TrailerSection()
    private let bodyMax: Int
    /// Bytes of data so far.
    public private(set) var decodedCount = 0

    /// A decoder for a body of at most `bodyMax` bytes; a larger one is 413 as soon as a chunk announces it.
    public init(bodyMax: Int) {
        self.bodyMax = bodyMax
    }

    /// Whether the body is complete.
    public var isComplete: Bool {
        if case .ended = self.state { return true }
        return false
    }

    /// Takes bytes until the body is complete or the input is spent, appends its data to `body`, and returns how
    /// many bytes it took.
    public mutating func consume(_ input: Span<UInt8>, into body: inout [UInt8]) throws(HTTPFailure) -> Int {
        try self.consume(input) { data in
            data.withUnsafeBufferPointer { body.append(contentsOf: $0) }
        }
    }

    /// As `consume(_:into:)`, with each run of data handed to `take`.
    mutating func consume(
        _ input: Span<UInt8>, _ take: (Span<UInt8>) -> Void
    ) throws(HTTPFailure) -> Int {
        var index = 0
        while index < input.count {
            switch self.state {
            case .data(let left):
                let run = min(left, input.count - index)
                take(input.extracting(index..<(index + run)))
                index += run
                self.decodedCount += run
                self.state = run == left ? .dataReturn : .data(left: left - run)
            case .ended:
                return index
            case .size, .chunkExtension, .sizeLineFeed, .dataReturn, .dataLineFeed, .trailer:
                try self.framing(input[index])
                index += 1
            }
        }
        return index
    }

    private mutating func framing(_ byte: UInt8) throws(HTTPFailure) {
        switch self.state {
        case .size(let digits):
            try self.sizeByte(byte, digits: digits)
        case .chunkExtension(var parser):
            self.extensionBytes += 1
            guard self.extensionBytes <= Self.extensionBytesMax else {
                throw HTTPFailure(.badRequest, "chunk extensions are longer than \(Self.extensionBytesMax) bytes")
            }
            let ended = try parser.take(byte)
            self.state = ended ? .sizeLineFeed : .chunkExtension(parser)
        case .sizeLineFeed:
            try Self.demand(byte, ASCII.lineFeed, "a chunk size does not end in CRLF")
            self.state = self.size == 0 ? .trailer : .data(left: self.size)
        case .dataReturn:
            try Self.demand(byte, ASCII.carriageReturn, "the data of a chunk are longer than its size")
            self.state = .dataLineFeed
        case .dataLineFeed:
            try Self.demand(byte, ASCII.lineFeed, "the data of a chunk do not end in CRLF")
            self.size = 0
            self.state = .size(digits: 0)
        case .trailer:
            if try self.trailer.take(byte) { self.state = .ended }
        case .data, .ended:
            preconditionFailure("data and the end of a body are not framing")
        }
    }

    /// `1*HEXDIG`, then an extension or the line end; up to 15 digits, so that no sum overflows.
    private mutating func sizeByte(_ byte: UInt8, digits: Int) throws(HTTPFailure) {
        if let digit = ASCII.hexValue(byte) {
            guard digits < 15 else { throw HTTPFailure(.badRequest, "a chunk size has more than 15 digits") }
            self.size = self.size << 4 | Int(digit)
            self.state = .size(digits: digits + 1)
            return
        }
        guard digits > 0, byte == ASCII.carriageReturn || byte == UInt8(ascii: ";") else {
            throw HTTPFailure(.badRequest, "a chunk size is not a hexadecimal number")
        }
        guard self.size <= self.bodyMax - self.decodedCount else {
            throw HTTPFailure(.bodyTooLarge, "the body is longer than \(self.bodyMax) bytes")
        }
        self.state = byte == ASCII.carriageReturn ? .sizeLineFeed : .chunkExtension(ChunkExtension())
    }

    private static func demand(_ byte: UInt8, _ expected: UInt8, _ message: String) throws(HTTPFailure) {
        guard byte == expected else { throw HTTPFailure(.badRequest, message) }
    }
}

/// `chunk-ext = *( ";" name [ "=" ( token / quoted-string ) ] )` without the blanks that RFC 9112 section 7.1.1 calls
/// bad: readers have disagreed about line feeds inside extensions.
struct ChunkExtension: Sendable {
    private enum Part {
        case nameStart, name, valueStart, token, quoted, escaped, afterQuoted
    }

    private var part = Part.nameStart

    /// Takes the next byte; true if it is the CR that ends the line.
    mutating func take(_ byte: UInt8) throws(HTTPFailure) -> Bool {
        let isToken = ByteSet.token.contains(byte)
        switch self.part {
        case .nameStart where isToken: self.part = .name
        case .name where isToken: break
        case .name where byte == UInt8(ascii: "="): self.part = .valueStart
        case .valueStart where isToken: self.part = .token
        case .valueStart where byte == UInt8(ascii: "\""): self.part = .quoted
        case .token where isToken: break
        case .quoted where byte == UInt8(ascii: "\""): self.part = .afterQuoted
        case .quoted where byte == UInt8(ascii: "\\"): self.part = .escaped
        case .quoted where Self.isText(byte): break
        case .escaped where Self.isText(byte): self.part = .quoted
        case .name where byte == UInt8(ascii: ";"), .token where byte == UInt8(ascii: ";"),
            .afterQuoted where byte == UInt8(ascii: ";"):
            self.part = .nameStart
        case .name where byte == ASCII.carriageReturn, .token where byte == ASCII.carriageReturn,
            .afterQuoted where byte == ASCII.carriageReturn:
            return true
        case .nameStart, .name, .valueStart, .token, .quoted, .escaped, .afterQuoted:
            throw HTTPFailure(.badRequest, "a chunk extension is malformed")
        }
        return false
    }

    private static func isText(_ byte: UInt8) -> Bool {
        byte == ASCII.tab || byte >= ASCII.space && byte != ASCII.delete
    }
}

/// The trailer section: header lines that are checked like others and dropped, which RFC 9110 section 6.5.1 allows.
struct TrailerSection: Sendable {
    private enum Part {
        case lineStart
        case name
        case value
        /// The LF after the CR of a trailer line.
        case lineFeed
        /// The LF after the CR of the blank line.
        case lastLineFeed
    }

    private var part = Part.lineStart
    private var bytes = 0
    private var lines = 0

    /// Takes the next byte; true if it ends the blank line after the last trailer.
    mutating func take(_ byte: UInt8) throws(HTTPFailure) -> Bool {
        self.bytes += 1
        guard self.bytes <= ChunkedDecoder.trailerBytesMax else {
            throw HTTPFailure(.headTooLarge, "trailers are longer than \(ChunkedDecoder.trailerBytesMax) bytes")
        }
        switch self.part {
        case .lineStart where byte == ASCII.carriageReturn:
            self.part = .lastLineFeed
        case .lineStart where ByteSet.token.contains(byte):
            self.part = .name
        case .name where ByteSet.token.contains(byte):
            break
        case .name where byte == UInt8(ascii: ":"):
            self.part = .value
        case .value where byte == ASCII.carriageReturn:
            self.part = .lineFeed
        case .value where byte == ASCII.tab || byte >= ASCII.space && byte != ASCII.delete:
            break
        case .lineFeed where byte == ASCII.lineFeed:
            try self.lineEnded()
        case .lastLineFeed where byte == ASCII.lineFeed:
            return true
        case .lineStart, .name, .value, .lineFeed, .lastLineFeed:
            throw HTTPFailure(.badRequest, "a trailer is malformed")
        }
        return false
    }

    private mutating func lineEnded() throws(HTTPFailure) {
        self.lines += 1
        guard self.lines <= ChunkedDecoder.trailerLinesMax else {
            throw HTTPFailure(.headTooLarge, "there are more than \(ChunkedDecoder.trailerLinesMax) trailer lines")
        }
        self.part = .lineStart
    }
}
