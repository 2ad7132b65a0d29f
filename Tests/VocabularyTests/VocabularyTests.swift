import Testing
import Vocabulary

@Suite struct VocabularyTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1"), ("255.255.255.255", "255.255.255.255"), ("::", "::"), ("::1", "::1"),
        ("1::", "1::"), ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("::ffff:10.0.0.1", "::ffff:a00:1"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("fe80::1:0", "fe80::1:0"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
    ])
    func `a canonical address is read and printed`(text: String, printed: String) {
        #expect(IPAddress(text)?.description == printed)
    }

    @Test(arguments: [
        "", "127.1", "2130706433", "0x7f000001", "010.0.0.1", "1.2.3.4.", "1.2.3", "1.2.3.256", "1.2.3.+4", ":", ":1",
        "1:", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "fe80::1%eth0", "::1.2.3",
        "1.2.3.4::1",
        "g::", "1:2:3:4:5:6:7:8::", "::-1", "1:::2",
    ])
    func `an odd spelling is no address`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func `a model without a tag means latest`() {
        #expect(ModelName(canonical: "llama3.2") == "llama3.2:latest")
        #expect(ModelName(canonical: "llama3.2:3b") == "llama3.2:3b")
        #expect(ModelName(canonical: "host:5000/library/x") == "host:5000/library/x:latest")
        #expect(ModelName(canonical: "host:5000/library/x:7b") == "host:5000/library/x:7b")
        #expect(ModelName(canonical: "") == ":latest")
    }

    @Test func `wall time prints as RFC 3339`() {
        #expect(WallTime(microseconds: 0).rfc3339 == "1970-01-01T00:00:00.000Z")
        #expect(WallTime(microseconds: 1_709_210_096_789_000).rfc3339 == "2024-02-29T12:34:56.789Z")
        #expect(WallTime(microseconds: -1).rfc3339 == "1969-12-31T23:59:59.999Z")
        #expect(WallTime(microseconds: 0).utc.weekday == 4)
    }

    @Test func `instants saturate instead of wrapping`() {
        let start = Instant(nanoseconds: 5)
        #expect(start - .seconds(1) == .zero)
        #expect(start + .seconds(1) - start == .seconds(1))
        #expect(start - (start + .seconds(2)) == .seconds(-2))
        #expect(Duration.milliseconds(1001).wholeSecondsUp == 2)
    }

    @Test func `a request id survives its text form and sorts by time`() throws {
        var generator = SeededGenerator(seed: 7)
        let first = RequestID(at: WallTime(microseconds: 1_000_000), using: &generator)
        let second = RequestID(at: WallTime(microseconds: 2_000_000), using: &generator)
        #expect(first < second)
        #expect(RequestID(first.description) == first)
        #expect(first.description.utf8.count == 36)
        #expect(Array(first.description)[14] == "7")
        #expect(RequestID("not an id") == nil)
    }
}
