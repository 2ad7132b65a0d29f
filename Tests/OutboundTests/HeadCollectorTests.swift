import Testing
import Vocabulary

@testable import Outbound

struct HeadCollectorTests {
    private func collect(_ lines: [String]) -> HeadCollector.Step {
        var collector = HeadCollector()
        var last = HeadCollector.Step.incomplete
        for line in lines {
            last = collector.take(Array((line + "\r\n").utf8))
            if case .refused = last { return last }
        }
        return last
    }

    private func head(_ lines: [String]) throws -> AnswerHead {
        guard case .complete(let head) = self.collect(lines) else {
            throw NoHead()
        }
        return head
    }

    private struct NoHead: Error {}

    private func isMalformed(_ lines: [String]) -> Bool {
        if case .refused(.upstreamMalformed, _) = self.collect(lines) { return true }
        return false
    }

    @Test func `a head is split into its lines`() throws {
        let head = try self.head([
            "HTTP/1.1 200 OK", "Content-Type:application/json", "X-Empty:", "Retry-After: \t12 ", "retry-after: 13",
            "",
        ])
        #expect(head.status == 200)
        #expect(head.lines.count == 4)
        #expect(head.contentType.map(Array.init) == Array("application/json".utf8))
        #expect(head.header("x-empty")?.isEmpty == true)
        #expect(head.retryAfterSeconds == 12, "the first line counts")
        #expect(head.header("x-missing") == nil)
        #expect(head.contentLength == nil)
        #expect(String(decoding: head.bytes, as: UTF8.self).hasPrefix("HTTP/1.1 200 OK\r\n"))
    }

    @Test func `a date is no number of seconds`() throws {
        let head = try self.head([
            "HTTP/1.1 503 Busy", "Retry-After: Tue, 24 Nov 2026 07:00:00 GMT", "",
        ])
        #expect(head.retryAfterSeconds == nil)
    }

    @Test func `interim heads are forgotten`() throws {
        let head = try self.head([
            "HTTP/1.1 103 Early Hints", "Content-Length: 5", "Link: x", "", "HTTP/1.1 204 No Content", "X: y", "",
        ])
        #expect(head.status == 204)
        #expect(head.lines.count == 1)
        #expect(head.contentLength == nil)
    }

    @Test func `every status has one outcome`() {
        for status in 100...999 {
            let step = self.collect(["HTTP/1.1 \(status) Word", ""])
            switch status {
            case 101, 600...: #expect(self.isMalformed(["HTTP/1.1 \(status) Word", ""]))
            case 100...199: #expect(step == .incomplete)
            case 300...399:
                guard case .refused(.redirectRefused, _) = step else {
                    Issue.record("\(status) was taken")
                    continue
                }
            default:
                guard case .complete(let head) = step else {
                    Issue.record("\(status) was refused")
                    continue
                }
                #expect(head.status == status)
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 2", "HTTP/1.1 20", "HTTP/1.1 2000 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1  200 OK",
        "HTTP/1.1 000 OK", "",
    ])
    func `a status line that cannot be read is refused`(line: String) {
        #expect(self.isMalformed([line]))
    }

    @Test(arguments: [
        " folded: value", "\tfolded: value", "no colon", ": no name", "na me: value", "name : value", "name: a\u{0}b",
        "name: a\rb", "name: \u{7F}", "näme: x", "Content-Length: +1", "Content-Length: -1", "Content-Length: 0x1",
        "Content-Length: 1, 1", "Content-Length:", "Content-Length: 9999999999999999999",
        "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity", "Content-Encoding: br",
    ])
    func `a header line that leaves a doubt is refused`(line: String) {
        #expect(self.isMalformed(["HTTP/1.1 200 OK", line]))
    }

    @Test(arguments: [
        ["Content-Length: 1", "Content-Length: 2"], ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        ["Content-Length: 1", "Transfer-Encoding: chunked"], ["transfer-encoding: Chunked", "content-length: 1"],
    ])
    func `two header lines that contradict each other are refused`(lines: [String]) {
        #expect(self.isMalformed(["HTTP/1.1 200 OK"] + lines))
    }

    @Test func `identity and equal lengths are no contradiction`() throws {
        let head = try self.head([
            "HTTP/1.1 200", "Content-Length: 7", "Content-Length: 7", "Content-Encoding: Identity", "",
        ])
        #expect(head.contentLength == 7)
    }

    @Test func `heads and trailers together are bounded`() throws {
        let line = Array(("X: " + String(repeating: "y", count: 1_019) + "\r\n").utf8)
        #expect(line.count == 1_024)
        var collector = HeadCollector()
        _ = collector.take(Array("HTTP/1.1 200 OK\r\n".utf8))
        for _ in 0..<10 { #expect(collector.take(line) == .incomplete) }
        guard case .complete = collector.take(Array("\r\n".utf8)) else { throw NoHead() }
        for _ in 0..<53 { #expect(collector.take(line) == .incomplete) }
        guard case .refused(.upstreamMalformed, _) = collector.take(line) else {
            Issue.record("trailers without end were taken")
            return
        }
    }
}
