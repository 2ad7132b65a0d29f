import Testing
import Vocabulary

@testable import HTTPServer

/// What is refused, by the table of `runtime.md` 1 and beyond: each whole, at every cut, and byte by byte.
struct RefusedHeadTests {
    static func post(_ lines: String) -> String { "POST / HTTP/1.1\r\nHost: h\r\n\(lines)\r\n" }
    static func get(_ line: String) -> String { "\(line)\r\nHost: h\r\n\r\n" }

    @Test(arguments: [
        // Both lengths, or a length twice.
        post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n"),
        post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
        post("Content-Length: 4\r\nContent-Length: 4\r\n"), post("Content-Length: 4\r\ncontent-length: 5\r\n"),
        post("Content-Length: 4, 4\r\n"), post("Content-Length: +4\r\n"), post("Content-Length: -1\r\n"),
        post("Content-Length: 0x4\r\n"), post("Content-Length:\r\n"), post("Content-Length: 4 4\r\n"),
        post("Content-Length: 4;\r\n"), post("Content-Length: \u{661}\r\n"), post("Content-Length: 1.0\r\n"),
        post("Content-Length: 1000000000000000000\r\n"), post("Content-Length: 4\u{b}\r\n"),
        // Transfer codings.
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
        post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
        post("Transfer-Encoding: chunked, chunked\r\n"), post("Transfer-Encoding: ,chunked\r\n"),
        post("Transfer-Encoding: chunked,\r\n"), post("Transfer-Encoding:\r\n"),
        post("Transfer-Encoding: chunked;a=b\r\n"), post("Transfer-Encoding: \"chunked\"\r\n"),
        post("Transfer-Encoding: chun ked\r\n"), post("Transfer-Encoding: \u{b}chunked\r\n"),
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        // Line ends, folding, control characters.
        "GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1\r\nHost: h\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX: 1\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n\n", "GET / HTTP/1.1\rHost: h\r\n\r\n", post("X: a\rb\r\n"), post("X: a\r\r\n"),
        post("X: a\r\n b\r\n"), post("X: a\r\n\tb\r\n"), post(" X: a\r\n"), " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\n Host: h\r\n\r\n", post("X: a\u{0}b\r\n"), post("X: \u{1}\r\n"), post("X: \u{7f}\r\n"),
        post("X\u{0}: a\r\n"), "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
        // Header names.
        post("X : a\r\n"), post("X\t: a\r\n"), post("Transfer-Encoding : chunked\r\n"), post(": a\r\n"),
        post("X\r\n"), post("X a\r\n"), post("X(: a\r\n"), post("\u{e4}: a\r\n"), post("X\"Y: a\r\n"),
        // The request line.
        get("GET  / HTTP/1.1"), get("GET /  HTTP/1.1"), get("GET\t/ HTTP/1.1"), get("GET / HTTP/1.1 "),
        get("GET /"), get("GET"), get("GET / HTTP/1.1 x"), get("GET /a b HTTP/1.1"), get(" / HTTP/1.1"),
        get("G(T / HTTP/1.1"), get("GET / http/1.1"), get("GET / HTTP/1.10"), get("GET / HTTP/01.1"),
        get("GET / HTTP/1,1"), get("GET / HTTPS/1.1"), get("GET / HTTP/1."), get("GET / HTTP/ 1.1"),
        get("GET / HTTP/1.\u{661}"), get("GET \u{e4} HTTP/1.1"),
        // Targets.
        get("GET /a#b HTTP/1.1"), get("GET /?a#b HTTP/1.1"), get("GET /\u{e4} HTTP/1.1"), get("GET /a\\b HTTP/1.1"),
        get("GET /<a> HTTP/1.1"), get("GET /%zz HTTP/1.1"), get("GET /%1 HTTP/1.1"), get("GET /% HTTP/1.1"),
        get("GET /a[0] HTTP/1.1"), get("GET * HTTP/1.1"), get("OPTIONS ** HTTP/1.1"), get("GET a/b HTTP/1.1"),
        get("GET h:80 HTTP/1.1"), get("GET ftp://h/ HTTP/1.1"), get("GET http:/h/ HTTP/1.1"),
        get("GET http:///a HTTP/1.1"), get("GET http://u@h/ HTTP/1.1"), get("GET http://h:x/ HTTP/1.1"),
        get("GET http://other/ HTTP/1.1"), get("GET http://h:81/ HTTP/1.1"), get("GET https://h:80/ HTTP/1.1"),
        get("GET http://h\\a/ HTTP/1.1"),
        // Host.
        "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h:8a\r\n\r\n", "GET / HTTP/1.1\r\nHost: h:65536\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h:000080\r\n\r\n", "GET / HTTP/1.1\r\nHost: h:1:2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n", "GET / HTTP/1.1\r\nHost: [v1.a]\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: [127.0.0.1]\r\n\r\n", "GET / HTTP/1.1\r\nHost: h%2\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\u{e4}\r\n\r\n", "GET / HTTP/1.1\r\nHost: \"h\"\r\n\r\n",
    ])
    func `it is 400`(_ bytes: String) {
        let reading = expectSameForEverySplit(Array(bytes.utf8), "\(bytes.debugDescription)")
        #expect(reading.failure?.reason == .badRequest, "\(bytes.debugDescription) is \(reading)")
    }

    @Test(arguments: [
        (post("Transfer-Encoding: gzip, chunked\r\n"), Reason.transferCodingUnsupported),
        (post("Transfer-Encoding: gzip\r\n"), .transferCodingUnsupported),
        (post("Transfer-Encoding: xchunked\r\n"), .transferCodingUnsupported),
        (post("Transfer-Encoding: chunked, identity\r\n"), .transferCodingUnsupported),
        (post("Transfer-Encoding: identity\r\n"), .transferCodingUnsupported),
        (get("GET / HTTP/1.2"), .versionUnsupported), (get("GET / HTTP/2.0"), .versionUnsupported),
        (get("GET / HTTP/0.9"), .versionUnsupported), (get("GET / HTTP/3.1"), .versionUnsupported),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionUnsupported),
        (post("Expect: 200-ok\r\n"), .expectationFailed), (post("Expect:\r\n"), .expectationFailed),
        (post("Expect: 100-continue\r\nExpect: tea\r\n"), .expectationFailed),
        (get("CONNECT h:80 HTTP/1.1"), .methodNotAllowed), (get("CONNECT / HTTP/1.1"), .methodNotAllowed),
    ])
    func `it has a status of its own`(_ bytes: String, _ reason: Reason) {
        let reading = expectSameForEverySplit(Array(bytes.utf8), "\(bytes.debugDescription)")
        #expect(reading.failure?.reason == reason, "\(bytes.debugDescription) is \(reading)")
    }

    @Test func `what must be refused is refused before the rest has come`() {
        for bytes in ["GET / HTTP/1.1\n", "GET  / HTTP/1.1\r\n", "GET / HTTP/2.0\r\n", "GET / HTTP/1.1\r\nA : b\r\n"] {
            #expect(Reading(bytes).failure != nil, "\(bytes.debugDescription)")
        }
    }

    /// Every byte value at every place of a small head: either the head is read, or it is refused, or it is not yet
    /// whole; never both by different cuts.
    @Test func `one wrong byte anywhere gives one verdict for every split`() {
        let head = Array("PUT /a?b HTTP/1.1\r\nHost: h:1\r\nContent-Length: 2\r\n\r\n".utf8)
        for position in head.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = head
                bytes[position] = byte
                let whole = Reading(bytes)
                let cut = position == 0 ? 1 : position
                #expect(Reading(pieces: [bytes[..<cut], bytes[cut...]]) == whole)
                if byte < 0x20, byte != head[position], byte != 9 {
                    #expect(whole.head == nil, "\(byte) at \(position)")
                }
            }
        }
    }
}
