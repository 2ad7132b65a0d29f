import Testing
import Vocabulary

@testable import Dialects

@Suite struct SplitterTests {
    /// All slices of a stream fed in `chunks`, and what is left.
    private func events(_ chunks: [[UInt8]]) throws -> (slices: [[UInt8]], rest: [UInt8]) {
        var splitter = SSESplitter()
        var slices: [[UInt8]] = []
        for chunk in chunks {
            splitter.append(chunk)
            while let slice = try splitter.next() {
                slices.append(Array(slice))
                let lines = slice.split(omittingEmptySubsequences: true) { $0 == 0x0A || $0 == 0x0D }
                #expect(splitter.linesHanded == lines.count)
            }
        }
        return (slices, Array(splitter.rest()))
    }

    /// What a listener would be told.
    private func dispatched(_ slices: [[UInt8]]) -> [String] {
        slices.map { SSEEvent($0[...]) }.filter(\.hasData).map { "\(text($0.name))=\(text($0.data))" }
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func `events are the same wherever chunks end, for each kind of line end`(_ end: String) throws {
        let lines = [
            ": comment", "", "event: a", "data: {\"x\":1}", "", "data: one", "data:two", "data", "id: 7", "", "",
            "retry: 9",
            "", "data:  spaced", "event:b", "", "data: last",
        ]
        let stream = bytes("\u{FEFF}data: bom\(end)\(end)" + lines.map { $0 + end }.joined())
        let expected = ["=bom", "a={\"x\":1}", "=one\ntwo\n", "b= spaced"]
        let whole = try self.events([stream])
        #expect(self.dispatched(whole.slices) == expected)
        for first in 0...stream.count {
            for second in Set([first, min(stream.count, first + 1), stream.count]) {
                let chunks = [stream[..<first], stream[first..<second], stream[second...]].map { Array($0) }
                let split = try self.events(chunks)
                #expect(self.dispatched(split.slices) == expected, "borders \(first), \(second)")
                #expect(split.slices.flatMap { $0 } + split.rest == stream, "borders \(first), \(second)")
            }
        }
        let single = try self.events(stream.map { [$0] })
        #expect(self.dispatched(single.slices) == expected)
        #expect(single.slices.flatMap { $0 } + single.rest == stream)
    }

    @Test func `an event is handed on at its last byte, without waiting for the next`() throws {
        var splitter = SSESplitter()
        for end in ["\n\n", "\r\r", "\r\n\r\n"] {
            splitter.append(bytes("data: x" + end))
            #expect(try splitter.next() != nil)
            while try splitter.next() != nil {}
            #expect(splitter.bytesHeld == 0)
        }
    }

    @Test func `a chunk of whole records is not copied`() throws {
        let chunk = bytes("data: a\n\ndata: b\n\n")
        var splitter = SSESplitter()
        splitter.append(chunk)
        let first = try #require(try splitter.next())
        let isShared = chunk.withUnsafeBufferPointer { outer in
            first.withUnsafeBufferPointer { $0.baseAddress == outer.baseAddress }
        }
        #expect(isShared)
    }

    @Test func `JSON lines are the same wherever chunks end`() throws {
        let stream = bytes("{\"a\":1}\n\r\n{\"b\":2}\r\n\n{\"c\":3}")
        for border in 0...stream.count {
            var splitter = NDJSONSplitter()
            var slices: [String] = []
            for chunk in [stream[..<border], stream[border...]] {
                splitter.append(Array(chunk))
                while let slice = try splitter.next() { slices.append(text(slice)) }
            }
            #expect(slices == ["{\"a\":1}\n", "\r\n", "{\"b\":2}\r\n", "\n"])
            #expect(text(splitter.rest()) == "{\"c\":3}")
        }
    }

    @Test(arguments: [1, 7, 64, 1000])
    func `a line beyond the bound is a fault, however it comes`(_ size: Int) {
        func ends(_ stream: [UInt8]) -> (lines: Bool, events: Bool) {
            var lines = NDJSONSplitter(lineMax: Bytes(100))
            var events = SSESplitter(lineMax: Bytes(100))
            var faults = (false, false)
            for start in stride(from: 0, to: stream.count, by: size) {
                let chunk = Array(stream[start..<min(stream.count, start + size)])
                lines.append(chunk)
                events.append(chunk)
                do { while try lines.next() != nil {} } catch { faults.0 = true }
                do { while try events.next() != nil {} } catch { faults.1 = true }
            }
            return faults
        }
        let fits = [UInt8](repeating: 0x78, count: 100) + [0x0A, 0x0A]
        #expect(ends(fits) == (false, false))
        #expect(ends([0x78] + fits) == (true, true))
        #expect(ends([UInt8](repeating: 0x78, count: 101)) == (true, true))
        // An event of many lines is bounded too.
        let many = [[UInt8]](repeating: bytes("data: x\n"), count: 40).flatMap { $0 }
        #expect(ends(many).events)
    }
}
