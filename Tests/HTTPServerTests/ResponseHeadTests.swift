import Testing
import Vocabulary

@testable import HTTPServer

struct ResponseHeadTests {
    private func head(
        _ status: Int = 200, headers: [HTTPHeader] = [], common: [HTTPHeader] = [], framing: AnswerFraming = .length(5),
        connection: ConnectionNote = .kept
    ) -> String {
        var out: [UInt8] = []
        ResponseHead.append(
            status: status, headers: headers, common: common, fixed: Array("Date: D\r\n".utf8), framing: framing,
            connection: connection, to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    @Test func `a head has its status, headers, framing and connection`() {
        #expect(
            head(headers: [HTTPHeader("X-A", "1")], common: [HTTPHeader("X-B", "2")])
                == "HTTP/1.1 200 OK\r\nDate: D\r\nX-A: 1\r\nX-B: 2\r\nContent-Length: 5\r\n\r\n")
        #expect(
            head(404, framing: .chunked, connection: .closes)
                == "HTTP/1.1 404 Not Found\r\nDate: D\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        #expect(
            head(299, framing: .none, connection: .keptForHTTP10)
                == "HTTP/1.1 299 \r\nDate: D\r\nConnection: keep-alive\r\n\r\n")
        #expect(head(framing: .close).contains("Content-Length") == false)
    }

    @Test func `a value cannot begin another line`() {
        let evil = HTTPHeader("X", Array("a\r\nSet-Cookie: b\u{0}c".utf8))
        #expect(head(headers: [evil]).contains("\r\nX: a  Set-Cookie: b c\r\n"))
    }

    @Test func `a made name must be a token`() {
        #expect(HTTPHeader(name: "X-Y", value: []) != nil)
        for name in ["", "X Y", "X:", "X\r\nY", "\u{e4}"] { #expect(HTTPHeader(name: name, value: []) == nil) }
    }

    @Test func `framing headers are the server's alone`() {
        let tries: [HTTPHeader] = [
            HTTPHeader("Content-Length", "7"), HTTPHeader("transfer-encoding", "chunked"),
            HTTPHeader("Connection", "close"), HTTPHeader("DATE", "x"), HTTPHeader("Keep-Alive", "x"),
            HTTPHeader("Server", "x"),
        ]
        #expect(head(headers: tries, common: tries) == head())
    }

    @Test func `every reason has a status with a phrase`() {
        for reason in Reason.allCases where reason.status != 499 {
            #expect(ResponseHead.phrase(reason.status).utf8CodeUnitCount > 0, "\(reason)")
        }
    }

    @Test(arguments: [(1, "1"), (9, "9"), (15, "f"), (16, "10"), (255, "ff"), (256, "100"), (65_536, "10000")])
    func `a chunk size is written in hexadecimal`(_ size: Int, _ expected: String) {
        var out: [UInt8] = []
        ResponseHead.appendChunkSize(size, to: &out)
        #expect(text(out) == expected + "\r\n")
    }

    @Test(arguments: [
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_798_761_599, "Thu, 31 Dec 2026 23:59:59 GMT"),
    ])
    func `dates are in the form that RFC 9110 section 5_6_7 prefers`(_ seconds: Int, _ expected: String) {
        #expect(text(HTTPDate.bytes(WallTime(microseconds: Int64(seconds) * 1_000_000 + 999_999))) == expected)
    }

    @Test func `an event holds each line of its data, and no line ends it early`() {
        #expect(text(SSEWriter.event(data: Array("a".utf8))) == "data: a\n\n")
        #expect(
            text(SSEWriter.event("e", data: Array("a\nb\r\nc\rd\n\ne".utf8)))
                == "event: e\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\n\n")
        #expect(text(SSEWriter.event(data: [])) == "data: \n\n")
        #expect(text(SSEWriter.comment("ping")) == ": ping\n\n")
    }

    @Test func `a JSON text is one line`() {
        #expect(text(NDJSONWriter.line(Array("{\"a\":\r\n1}".utf8))) == "{\"a\":  1}\n")
    }

    @Test func `a slow reader is one whose taken bytes stand still`() {
        var watch = SlowReaderWatch(limit: .seconds(30))
        let start = Instant(nanoseconds: 1_000_000_000)
        func look(_ written: Int, _ queued: Int, after seconds: Int) -> Bool {
            watch.isTooSlow(taken: written - queued, queued: queued, at: start + .seconds(seconds))
        }
        #expect(look(10, 0, after: 0) == false)
        #expect(watch.deadline == nil)
        #expect(look(100, 50, after: 0) == false)
        #expect(watch.deadline == start + .seconds(5))
        #expect(look(1000, 950, after: 29) == false)
        #expect(watch.deadline == start + .seconds(30))
        #expect(look(1000, 950, after: 30) == true)
        #expect(look(1000, 949, after: 30) == false)
        #expect(look(1000, 949, after: 59) == false)
        #expect(look(1000, 949, after: 60) == true)
        #expect(look(1000, 0, after: 61) == false)
    }
}
