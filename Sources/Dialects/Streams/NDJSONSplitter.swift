import Vocabulary

/// Cuts a stream of JSON lines (`application/x-ndjson`, `ollama.md` 3) into records, wherever its chunks end.
public struct NDJSONSplitter: Sendable {
    private var buffer = StreamBuffer()
    private let lineMax: Int

    /// A splitter at the beginning of a stream; a line longer than `lineMax` bytes is a fault.
    public init(lineMax: Bytes = Bounds.streamLine) {
        self.lineMax = lineMax.count
    }

    /// Adds a chunk. Call `next` until it is `nil` before the next one.
    public mutating func append(_ chunk: [UInt8]) {
        self.buffer.append(chunk)
    }

    /// The next whole line with its line feed, or `nil` if there is none yet. The slices of one stream joined are
    /// exactly its bytes.
    public mutating func next() throws(StreamProblem) -> ArraySlice<UInt8>? {
        guard let end = self.buffer.nextLineEnd(orReturn: false) else {
            self.buffer.scanned = self.buffer.bytes.count
            guard self.buffer.pending.count <= self.lineMax else { throw .lineTooLong }
            return nil
        }
        guard end - self.buffer.start <= self.lineMax else { throw .lineTooLong }
        return self.buffer.take(upTo: end + 1)
    }

    /// What is left at the end of the stream: a line without its line feed, or nothing.
    public mutating func rest() -> ArraySlice<UInt8> {
        self.buffer.takeRest()
    }

    /// The bytes of the slices handed out since the last `append`, and what follows them; valid until the next one.
    var held: [UInt8] { self.buffer.bytes }

    /// Bytes held because their line is not whole.
    public var bytesHeld: Int { self.buffer.pending.count }
}
