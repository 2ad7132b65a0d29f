import Vocabulary

/// Cuts a stream of server-sent events into events, wherever its chunks end. Lines end in LF, CRLF or CR, and an
/// empty line ends an event (HTML Living Standard, section 9.2.6).
public struct SSESplitter: Sendable {
    private var buffer = StreamBuffer()
    private let lineMax: Int
    /// Where the line at `buffer.scanned` begins.
    private var lineStart = 0
    /// Lines with text in the event under way, and in the one handed out last.
    private var lines = 0
    private(set) var linesHanded = 0
    /// The last line ended in a CR that was the last byte to come: an LF that comes next belongs to it.
    private var endedInReturn = false

    /// A splitter at the beginning of a stream; a line longer than `lineMax` bytes, or an event of more than twice
    /// that, is a fault.
    public init(lineMax: Bytes = Bounds.streamLine) {
        self.lineMax = lineMax.count
    }

    /// Adds a chunk. Call `next` until it is `nil` before the next one.
    public mutating func append(_ chunk: [UInt8]) {
        self.lineStart -= self.buffer.start
        self.buffer.append(chunk)
    }

    /// The next whole event with the empty line that ends it, or `nil` if there is none yet. The slices of one stream
    /// joined are exactly its bytes; a slice of line ends alone is no event and passes as it is.
    public mutating func next() throws(StreamProblem) -> ArraySlice<UInt8>? {
        if self.endedInReturn, self.buffer.scanned < self.buffer.bytes.count {
            self.endedInReturn = false
            if self.buffer.bytes[self.buffer.scanned] == 0x0A {
                self.buffer.scanned += 1
                self.lineStart = self.buffer.scanned
                // The event that this ends has been handed on already.
                if self.buffer.scanned == self.buffer.start + 1 { return self.hand(upTo: self.buffer.scanned) }
            }
        }
        while let end = self.buffer.nextLineEnd(orReturn: true) {
            let length = end - self.lineStart
            guard length <= self.lineMax, end - self.buffer.start <= 2 * self.lineMax else { throw .lineTooLong }
            var next = end + 1
            if self.buffer.bytes[end] == 0x0D {
                if next == self.buffer.bytes.count {
                    self.endedInReturn = true
                } else if self.buffer.bytes[next] == 0x0A {
                    next += 1
                }
            }
            self.buffer.scanned = next
            self.lineStart = next
            if length == 0 { return self.hand(upTo: next) }
            self.lines += 1
            if self.endedInReturn { return nil }
        }
        self.buffer.scanned = self.buffer.bytes.count
        guard self.buffer.scanned - self.lineStart <= self.lineMax, self.buffer.pending.count <= 2 * self.lineMax else {
            throw .lineTooLong
        }
        return nil
    }

    private mutating func hand(upTo end: Int) -> ArraySlice<UInt8> {
        self.lineStart = end
        self.linesHanded = self.lines
        self.lines = 0
        return self.buffer.take(upTo: end)
    }

    /// What is left at the end of the stream: an event without its empty line, or nothing.
    public mutating func rest() -> ArraySlice<UInt8> {
        self.linesHanded = 0  // Not known: its last line may lack its end.
        return self.buffer.takeRest()
    }

    /// The bytes of the slices handed out since the last `append`, and what follows them; valid until the next one.
    var held: [UInt8] { self.buffer.bytes }

    /// Bytes held because their event is not whole.
    public var bytesHeld: Int { self.buffer.pending.count }
}
