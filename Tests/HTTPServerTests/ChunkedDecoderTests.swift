import Testing
import Vocabulary

@testable import HTTPServer

/// What came of one chunked body.
struct ChunkedReading: Hashable {
    var body: [UInt8]?
    var failure: HTTPFailure?
    var rest: [UInt8] = []

    init(pieces: [ArraySlice<UInt8>], bodyMax: Int = 1 << 20) {
        var decoder = ChunkedDecoder(bodyMax: bodyMax)
        var body: [UInt8] = []
        for piece in pieces {
            if self.failure != nil { continue }
            do throws(HTTPFailure) {
                let taken = try decoder.consume(Array(piece).span, into: &body)
                self.rest += piece.dropFirst(taken)
                if taken < piece.count { #expect(decoder.isComplete) }
            } catch {
                self.failure = error
            }
        }
        #expect(decoder.decodedCount == body.count)
        if self.failure == nil, decoder.isComplete { self.body = body }
    }
}

@discardableResult
func expectSameChunksForEverySplit(_ bytes: [UInt8], bodyMax: Int = 1 << 20) -> ChunkedReading {
    let whole = ChunkedReading(pieces: [bytes[...]], bodyMax: bodyMax)
    for cut in bytes.indices {
        let split = ChunkedReading(pieces: [bytes[..<cut], bytes[cut...]], bodyMax: bodyMax)
        if split != whole {
            Issue.record("cut at \(cut): \(split), whole: \(whole)")
            return whole
        }
    }
    #expect(ChunkedReading(pieces: bytes.indices.map { bytes[$0...$0] }, bodyMax: bodyMax) == whole)
    return whole
}

struct ChunkedDecoderTests {
    @Test(arguments: [
        ("0\r\n\r\n", "", ""), ("3\r\nabc\r\n0\r\n\r\n", "abc", ""), ("3\r\nabc\r\n0\r\n\r\nGET", "abc", "GET"),
        ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789", ""),
        ("003\r\nabc\r\n000\r\n\r\n", "abc", ""), ("2;a\r\n\r\n\r\n0\r\n\r\n", "\r\n", ""),
        ("1;a=b;c=\"d;\\\"\t \"\r\nx\r\n0;e\r\n\r\n", "x", ""),
        ("1\r\nx\r\n0\r\nA: b\r\nContent-Length: 3\r\n\r\nrest", "x", "rest"),
    ])
    func `valid bodies are decoded`(_ bytes: String, _ body: String, _ rest: String) {
        let reading = expectSameChunksForEverySplit(Array(bytes.utf8))
        #expect(text(reading.body) == body)
        #expect(text(reading.rest) == rest)
    }

    @Test(arguments: [
        "0x3\r\nabc\r\n0\r\n\r\n", "+3\r\nabc\r\n", "-1\r\n", "g\r\n", "\r\nabc", "3\nabc\r\n", "3 \r\nabc\r\n",
        " 3\r\nabc\r\n", "3\t\r\n", "3 ;a\r\nabc", "3; a\r\nabc", "3;\r\nabc", "3;a=\r\nabc", "3;a\n\r\nabc",
        "3;a=\"b\r\nabc", "3;a=\"b\"c\r\n", "3;a\u{0}\r\n", "3;=b\r\n", "3;a=\"\u{7f}\"\r\n", "3,3\r\n",
        "3\r\nabcd\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabc0\r\n\r\n", "3\r\nabc\r0\r\n", "3\r\rabc",
        "fffffffffffffffff\r\n", "1000000000000000\r\n", "0000000000000003\r\nabc\r\n", "0\r\n\n", "0\r\n\r\r",
        "0\r\nA : b\r\n\r\n", "0\r\nA\r\n\r\n", "0\r\n A: b\r\n\r\n", "0\r\nA: b\n\r\n", "0\r\nA: \u{1}\r\n\r\n",
        "0\r\nA: b\r\n c\r\n\r\n",
    ])
    func `broken framing is 400`(_ bytes: String) {
        let reading = expectSameChunksForEverySplit(Array(bytes.utf8))
        #expect(reading.failure?.reason == .badRequest, "\(bytes.debugDescription)")
    }

    @Test func `a body that is not whole is neither complete nor refused`() {
        let bytes = Array("3;a=b\r\nabc\r\n0\r\nA: b\r\n\r\n".utf8)
        for count in 0..<bytes.count {
            let reading = ChunkedReading(pieces: [bytes[..<count]])
            #expect(reading.body == nil && reading.failure == nil, "\(count)")
        }
    }

    @Test func `a chunk that passes the bound is refused when its size is known`() {
        #expect(ChunkedReading(pieces: [Array("5\r\n".utf8)[...]], bodyMax: 4).failure?.reason == .bodyTooLarge)
        let two = Array("3\r\nabc\r\n2\r\n".utf8)
        #expect(expectSameChunksForEverySplit(two, bodyMax: 4).failure?.reason == .bodyTooLarge)
        let fits = Array("4\r\nabcd\r\n0\r\n\r\n".utf8)
        #expect(expectSameChunksForEverySplit(fits, bodyMax: 4).body?.count == 4)
        let largest = Array("fffffffffffffff\r\n".utf8)
        #expect(expectSameChunksForEverySplit(largest).failure?.reason == .bodyTooLarge)
    }

    @Test func `extensions and trailers are bounded`() {
        func body(extensionBytes: Int) -> [UInt8] {
            Array("1;\(String(repeating: "a", count: extensionBytes - 1))\r\nx\r\n0\r\n\r\n".utf8)
        }
        #expect(ChunkedReading(pieces: [body(extensionBytes: 4096)[...]]).body != nil)
        #expect(ChunkedReading(pieces: [body(extensionBytes: 4097)[...]]).failure?.reason == .badRequest)
        let many = Array(String(repeating: "1;aaa\r\nx\r\n", count: 2000).utf8)
        #expect(ChunkedReading(pieces: [many[...]]).failure?.reason == .badRequest)
        let lines = Array("0\r\n\(String(repeating: "a: b\r\n", count: 65))\r\n".utf8)
        #expect(ChunkedReading(pieces: [lines[...]]).failure?.reason == .headTooLarge)
        let long = Array("0\r\na: \(String(repeating: "b", count: 8192))\r\n\r\n".utf8)
        #expect(ChunkedReading(pieces: [long[...]]).failure?.reason == .headTooLarge)
    }
}
