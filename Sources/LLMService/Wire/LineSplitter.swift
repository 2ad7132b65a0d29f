import Foundation

/// Cuts a stream of bytes into lines, however it comes in pieces.
struct LineSplitter: Sendable {
    private let bytesMax: Int
    private var buffer: [UInt8] = []
    /// Where the next line begins, and up to where no end of it was found.
    private var start = 0
    private var searched = 0

    init(lineBytesMax: Int) { self.bytesMax = lineBytesMax }

    mutating func append(_ bytes: Data) {
        self.buffer.removeFirst(self.start)
        self.searched -= self.start
        self.start = 0
        self.buffer += bytes
    }

    /// The next line that is complete, without its end (`\n` or `\r\n`); `nil`: more bytes are needed.
    mutating func next() throws(LLMError) -> ArraySlice<UInt8>? {
        guard let end = self.buffer[self.searched...].firstIndex(of: 0x0A) else {
            self.searched = self.buffer.count
            try self.check(self.searched)
            return nil
        }
        try self.check(end)
        defer {
            self.start = end + 1
            self.searched = self.start
        }
        let line = self.buffer[self.start..<end]
        return line.last == 0x0D ? line.dropLast() : line
    }

    /// What stands behind the last end of a line when nothing more comes.
    mutating func rest() -> ArraySlice<UInt8> {
        defer { self.start = self.buffer.count }
        return self.buffer[self.start...]
    }

    private func check(_ end: Int) throws(LLMError) {
        guard end - self.start <= self.bytesMax else {
            throw LLMError(.malformedAnswer, "a line of the answer is longer than \(self.bytesMax) bytes")
        }
    }
}
