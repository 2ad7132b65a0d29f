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
}
