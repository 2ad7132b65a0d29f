import Foundation
import Testing

@testable import LLMService

@Suite struct StreamSplittingTests {
    static func records(_ framing: Framing, _ pieces: [String], lineBytesMax: Int = 1000) throws(LLMError) -> [String] {
        var splitter = RecordSplitter(framing, lineBytesMax: lineBytesMax)
        var records: [String] = []
        for piece in pieces {
            splitter.append(Data(piece.utf8))
            while let record = try splitter.next() { records.append(String(decoding: record, as: UTF8.self)) }
        }
        if let last = splitter.last() { records.append(String(decoding: last, as: UTF8.self)) }
        return records
    }

    static let events = (
        text:
            ": hello\n\nevent: a\ndata: {\"x\": 1}\nid: 3\n\ndata:two\r\ndata: lines\r\n\r\ndata\n\ndata:\n\nretry: 1\n\n"
            + "data: gr\u{FC}\u{DF} \u{1F600}\n\ndata: unfinished\n",
        records: ["{\"x\": 1}", "two\nlines", "gr\u{FC}\u{DF} \u{1F600}"]
    )
    static let lines = (
        text: "{\"a\":1}\n\n{\"b\":2}\r\n{\"c\":\"\u{1F600}\"}",
        records: ["{\"a\":1}", "{\"b\":2}", "{\"c\":\"\u{1F600}\"}"]
    )

    @Test func `a stream of events gives its data`() throws {
        #expect(try Self.records(.events, [Self.events.text]) == Self.events.records)
    }

    @Test func `a stream of lines gives its lines, the last without an end too`() throws {
        #expect(try Self.records(.lines, [Self.lines.text]) == Self.lines.records)
    }

    @Test func `where a stream is cut makes no difference`() throws {
        for (framing, stream) in [(Framing.events, Self.events), (.lines, Self.lines)] {
            let bytes = Array(stream.text.utf8)
            for first in 0...bytes.count {
                for second in first...bytes.count {
                    var splitter = RecordSplitter(framing, lineBytesMax: 1000)
                    var found: [String] = []
                    for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
                        splitter.append(Data(piece))
                        while let record = try splitter.next() { found.append(String(decoding: record, as: UTF8.self)) }
                    }
                    if let last = splitter.last() { found.append(String(decoding: last, as: UTF8.self)) }
                    #expect(found == stream.records, "cut at \(first) and \(second)")
                }
            }
        }
    }

    @Test func `a line has a bound, complete or not`() throws {
        #expect(try Self.records(.lines, ["1234\n123", "4\n"], lineBytesMax: 4) == ["1234", "1234"])
        for pieces in [["12345\n"], ["123", "45"], ["1\n123456789\n"]] {
            let error = #expect(throws: LLMError.self) { try Self.records(.lines, pieces, lineBytesMax: 4) }
            #expect(error?.kind == .malformedAnswer)
        }
    }
}
