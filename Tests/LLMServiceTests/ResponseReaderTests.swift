import Foundation
import Testing

@testable import LLMService

@Suite struct ResponseReaderTests {
    /// What an answer in these pieces says: its head, its body, and whether it came to its end.
    static func read(_ pieces: [[UInt8]]) throws(LLMError) -> (head: AnswerHead?, body: String, isWhole: Bool) {
        var reader = ResponseReader()
        var (head, body, isWhole): (AnswerHead?, Data, Bool) = (nil, Data(), false)
        func note(_ events: [ResponseReader.Event]) {
            for event in events {
                switch event {
                case .head(let read): head = read
                case .bytes(let bytes): body += bytes
                case .end: isWhole = true
                }
            }
        }
        for piece in pieces where !isWhole { note(try reader.read(piece)) }
        if !isWhole { note(try reader.close()) }
        return (head, String(decoding: body, as: UTF8.self), isWhole)
    }

    static func read(_ text: String) throws(LLMError) -> (head: AnswerHead?, body: String, isWhole: Bool) {
        try Self.read([Array(text.utf8)])
    }

    static let answers: [(text: String, status: Int, body: String)] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: b\r\n\r\nHello", 200, "Hello"),
        ("HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n", 200, ""),
        ("HTTP/1.1 404\r\ncontent-length: 2 \r\n\r\nno", 404, "no"),
        ("HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n00A;x=\"y\"\r\n, my\r\nfri.\r\n0\r\n\r\n",
            200,
            "Hello, my\r\nfri."
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\nTrailer: y\r\nMore: z\r\n\r\n", 200, "x"),
        (
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
            200, "x"
        ),
    ]

    @Test func `wherever an answer is cut, it says the same`() throws {
        for answer in Self.answers {
            let bytes = Array(answer.text.utf8)
            for first in 0...bytes.count {
                for second in first...bytes.count {
                    let read = try Self.read([
                        Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...]),
                    ])
                    #expect(read.head?.status == answer.status && read.body == answer.body && read.isWhole)
                }
            }
            #expect(try Self.read(bytes.map { [$0] }).body == answer.body)
        }
    }

    @Test func `an answer that is cut short is none`() {
        for answer in Self.answers where !answer.text.hasPrefix("HTTP/1.0") {
            let bytes = Array(answer.text.utf8)
            for length in 0..<bytes.count {
                let error = #expect(throws: LLMError.self, "\(answer.text.prefix(length))") {
                    try Self.read([Array(bytes[..<length])])
                }
                #expect(error?.kind == .transport)
            }
        }
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n: b\r\n\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\u{0}c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nnothing\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nx\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n",
        "HTTP/1.1 200 OK\r\nA: " + String(repeating: "b", count: 70_000),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + String(repeating: "b", count: 5000),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
            + String(repeating: "a: " + String(repeating: "b", count: 1000) + "\r\n", count: 70),
    ])
    func `what can be read in two ways, or without end, is refused`(text: String) {
        let error = #expect(throws: LLMError.self) { try Self.read(text) }
        #expect(error?.kind == .malformedAnswer, "\(String(describing: error))")
    }

    @Test func `headers of one name are one list`() throws {
        let head = try Self.read("HTTP/1.1 200 OK\r\nX-A: b\r\nx-a:c\r\nContent-Length: 0\r\n\r\n").head
        #expect(head?["x-a"] == "b, c")
    }
}
