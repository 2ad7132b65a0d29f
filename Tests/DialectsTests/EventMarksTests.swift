import Testing

@testable import Dialects

@Suite struct EventMarksTests {
    @Test func `a mark is found at every place, and nothing else is one`() {
        for length in 8...40 {
            for place in 0...(length - 8) {
                var record = Array(repeating: UInt8(ascii: "x"), count: length)
                record.replaceSubrange(place..<(place + 8), with: #""usage":"#.utf8)
                #expect(EventMarks.found(in: record[...], EventMarks.usage, EventMarks.error, EventMarks.error))
                #expect(!EventMarks.found(in: record[...], EventMarks.done, EventMarks.error, EventMarks.remote))
                // One byte off is another word; bytes beside quotes in value are no quotes.
                for (offset, byte) in [(0, UInt8(0x23)), (0, 0xA2), (3, 0x22), (7, 0x22)] {
                    var other = record
                    other[place + offset] = byte
                    #expect(!EventMarks.found(in: other[...], EventMarks.usage, EventMarks.error, EventMarks.error))
                }
            }
        }
    }

    @Test func `a slice that does not begin at zero is searched as itself`() {
        let text = Array(#"zz"usage":{"error":1}"#.utf8)
        #expect(EventMarks.found(in: text[2...], EventMarks.usage, EventMarks.done, EventMarks.done))
        #expect(!EventMarks.found(in: text[3...], EventMarks.usage, EventMarks.done, EventMarks.done))
        #expect(!EventMarks.found(in: text[..<9], EventMarks.usage, EventMarks.done, EventMarks.done))
    }

    @Test(arguments: ["\n\n", "\r\n\r\n", "\r\r", "\n", ""])
    func `an event is the next word if it is one object without a mark`(_ end: String) {
        func isNextWord(_ line: String) -> Bool {
            let before = Array("data: {".utf8)  // A slice does not begin at zero.
            return EventMarks.isNextWord((before + Array((line + end).utf8))[before.count...])
        }
        #expect(isNextWord(#"data: {"choices":[{"delta":{"content":"usage: {} \"error\": 1"}}]}"#))
        for line in [
            #"data: {"usage":{}}"#, #"data: {"error":{}}"#, #"data: {"a":[{"usage":null}]}"#, "data: [DONE]",
            "data: {}",
            #"data: {"a":1"#, #"data:{"a":1}"#, #"event: {"a":1}"#, ": comment", "",
        ] {
            #expect(!isNextWord(line), "\(line)")
        }
    }
}
