import Testing
import Vocabulary

@testable import HTTPServer

struct RequestHeadTests {
    @Test func `a common request is taken apart`() throws {
        let reading = expectSameForEverySplit(
            Array(
                "POST /v1/chat?stream=1&x={y} HTTP/1.1\r\nHost: gpu1:11430\r\ncontent-length:  12 \t\r\nX-A: 1\r\nx-a: 2\r\n\r\n{\"a\":1}"
                    .utf8))
        let head = try #require(reading.head)
        #expect(text(head.method) == "POST")
        #expect(text(head.target) == "/v1/chat?stream=1&x={y}")
        #expect(text(head.path) == "/v1/chat")
        #expect(text(head.query) == "stream=1&x={y}")
        #expect(text(head.authority) == "gpu1:11430")
        #expect(head.version == .http11)
        #expect(head.framing == .length(12))
        #expect(head.keepsAlive)
        #expect(!head.expectsContinue)
        #expect(head.isMethod("POST") && !head.isMethod("post"))
        #expect(text(head.header("content-length")) == "12")
        #expect(head.headers(named: "x-a").map { text($0) } == ["1", "2"])
        #expect(head.header("x-b") == nil)
        #expect(head.headerCount == 4)
        #expect(head.headers.map { text($0.name) } == ["Host", "content-length", "X-A", "x-a"])
        #expect(text(reading.rest) == "{\"a\":1}")
    }

    @Test(arguments: [
        ("GET / HTTP/1.0\r\n\r\n", "/"),
        ("GET / HTTP/1.0\r\nHost: h\r\n\r\n", "/"),
        ("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "/"),
        ("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "*"),
        ("GET http://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n", "/a"),
        ("GET HTTP://H:80/a HTTP/1.1\r\nHost: h\r\n\r\n", "/a"),
        ("GET https://h/a HTTP/1.1\r\nHost: h:443\r\n\r\n", "/a"),
        ("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n", "/"),
        ("GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n", "/"),
        ("GET http://h/ HTTP/1.0\r\n\r\n", "/"),
        ("GET //api/chat HTTP/1.1\r\nHost: h\r\n\r\n", "//api/chat"),
        ("GET /%2e%2E/a HTTP/1.1\r\nHost: h\r\n\r\n", "/%2e%2E/a"),
        ("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n", "/pot"),
        ("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "/"),
        ("GET / HTTP/1.1\r\nHost: a_b-c.d~e:\r\n\r\n", "/"),
        ("GET / HTTP/1.1\r\nHost: 127.0.0.1:65535\r\n\r\n", "/"),
        ("GET / HTTP/1.1\r\nHost:h\r\nX:\r\nY: \u{e4}\tb\r\n\r\n", "/"),
        ("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", "/"),
    ])
    func `unusual but valid heads are read`(_ bytes: String, _ path: String) throws {
        let reading = expectSameForEverySplit(Array(bytes.utf8))
        let head = try #require(reading.head, "\(reading)")
        #expect(text(head.path) == path)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: a, Close ,b\r\n", false), ("HTTP/1.1", "Connection: keep-alive, close\r\n", false),
        ("HTTP/1.1", "Connection: closed\r\n", true), ("HTTP/1.1", "Connection: x\r\nConnection: close\r\n", false),
        ("HTTP/1.0", "", false), ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive, close\r\n", false),
    ])
    func `the connection is kept as RFC 9112 section 9_3 has it`(_ version: String, _ header: String, _ keeps: Bool) {
        #expect(Reading("GET / \(version)\r\nHost: h\r\n\(header)\r\n").head?.keepsAlive == keeps)
    }

    @Test func `an expectation counts on 1_1 only`() {
        let head = "Host: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"
        #expect(Reading("POST / HTTP/1.1\r\n\(head)").head?.expectsContinue == true)
        #expect(Reading("POST / HTTP/1.0\r\n\(head)").head?.expectsContinue == false)
        #expect(Reading("POST / HTTP/1.0\r\nExpect: tea\r\n\r\n").head != nil)
    }

    @Test func `framing is none, a length, or chunked`() {
        func framing(_ lines: String) -> BodyFraming? {
            Reading("POST / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n").head?.framing
        }
        #expect(framing("") == BodyFraming.none)
        #expect(framing("Content-Length: 0\r\n") == .length(0))
        #expect(framing("Content-Length: 000012\r\n") == .length(12))
        #expect(framing("Content-Length: 999999999999999999\r\n") == .length(999_999_999_999_999_999))
        #expect(framing("Transfer-Encoding: Chunked\r\n") == .chunked)
    }

    @Test func `a head may fill its bounds, not pass them`() {
        let start = "GET / HTTP/1.1\r\nHost: h\r\nX: "
        let room = Bounds.requestHead.count - start.utf8.count - 4
        let fits = start + String(repeating: "a", count: room) + "\r\n\r\n"
        #expect(Reading(fits).head != nil)
        let over = start + String(repeating: "a", count: room + 1) + "\r\n\r\n"
        #expect(Reading(over).failure?.reason == .headTooLarge)
        let bytes = Array(over.utf8)
        #expect(Reading(pieces: [bytes[..<40_000], bytes[40_000...]]).failure?.reason == .headTooLarge)
        #expect(Reading(pieces: [bytes[..<(bytes.count - 1)], bytes[(bytes.count - 1)...]]) == Reading(bytes))

        func lines(_ count: Int) -> String {
            "GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "a: b\r\n", count: count - 1) + "\r\n"
        }
        #expect(Reading(lines(200)).head?.headerCount == 200)
        #expect(Reading(lines(201)).failure?.reason == .headTooLarge)
    }

    @Test func `a parser goes on with the next head`() throws {
        var parser = RequestHeadParser()
        let first = Array("GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        #expect(!parser.hasBegun)
        let step = parser.consume(first.span)
        guard case .complete = step.outcome else {
            Issue.record("no head")
            return
        }
        #expect(!parser.hasBegun)
        let second = parser.consume(first.span.extracting(step.consumed..<first.count))
        guard case .complete(let head) = second.outcome else {
            Issue.record("no second head")
            return
        }
        #expect(text(head.path) == "/b")
    }

    @Test func `a blank line is not the beginning of a request`() {
        var parser = RequestHeadParser()
        let blank = parser.consume([13, 10].span)
        #expect(blank.outcome == .incomplete)
        #expect(!parser.hasBegun)
        let letter = parser.consume([UInt8(ascii: "G")].span)
        #expect(letter.outcome == .incomplete)
        #expect(parser.hasBegun)
    }

    @Test func `byte sets hold the characters that their grammars name`() {
        let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        func expect(_ set: ByteSet, _ members: String) {
            let expected = Set(members.utf8)
            for byte in UInt8.min...UInt8.max { #expect(set.contains(byte) == expected.contains(byte), "\(byte)") }
        }
        expect(.token, letters + "!#$%&'*+-.^_`|~")
        expect(.path, letters + "-._~!$&'()*+,;=:@%/")
        expect(.registeredName, letters + "-._~!$&'()*+,;=%")
        let visible = (0x21...0x7E).filter { $0 != UInt8(ascii: "#") }
        expect(.query, String(decoding: visible.map { UInt8($0) }, as: UTF8.self))
    }
}
