import Foundation

/// How the records of a stream are set apart.
enum Framing: Sendable {
    /// Server-sent events: their data (HTML Living Standard, section 9.2.6). Their names are not told, since each
    /// dialect that has them repeats them in the data.
    case events
    /// One JSON value on each line.
    case lines
}

/// Cuts a stream of bytes into records.
struct RecordSplitter: Sendable {
    private let framing: Framing
    private var lines: LineSplitter
    /// The data of the event under way.
    private var data: Data?

    init(_ framing: Framing, lineBytesMax: Int) {
        self.framing = framing
        self.lines = LineSplitter(lineBytesMax: lineBytesMax)
    }

    mutating func append(_ bytes: Data) { self.lines.append(bytes) }

    /// The next record that is complete; `nil`: more bytes are needed.
    mutating func next() throws(LLMError) -> Data? {
        while let line = try self.lines.next() {
            if let record = self.record(endingWith: line) { return record }
        }
        return nil
    }

    /// The record that nothing ends but the end of the stream: a last line may do so, an event may not.
    mutating func last() -> Data? {
        let rest = self.lines.rest()
        return self.framing == .lines && !rest.isEmpty ? Data(rest) : nil
    }

    private mutating func record(endingWith line: ArraySlice<UInt8>) -> Data? {
        switch self.framing {
        case .lines: return line.isEmpty ? nil : Data(line)
        case .events:
            if line.isEmpty {
                defer { self.data = nil }
                return self.data?.isEmpty == false ? self.data : nil
            }
            guard line.starts(with: "data:".utf8) else { return nil }
            let value = line.dropFirst(5)
            if self.data == nil { self.data = Data() } else { self.data?.append(0x0A) }
            self.data?.append(contentsOf: value.first == 0x20 ? value.dropFirst() : value)
            return nil
        }
    }
}
