import EventLoop
import Testing
import Vocabulary

@testable import HTTPServer

private func post(_ path: String, _ lines: String, _ body: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: h\r\n\(lines)\r\n\(body)"
}

extension ServerTests {
    @Test func `bodies arrive whole, by length and by chunks`() async throws {
        try await ServerPlay.run { play in
            let last = "Connection: close\r\n"
            let length = try await play.exchange(post("/echo", "Content-Length: 3\r\n\(last)", "abc"))
            #expect(length.hasSuffix("\r\n\r\nabc"))
            let chunks = try await play.exchange(
                post("/echo", "Transfer-Encoding: chunked\r\n\(last)", "1\r\na\r\n2;x=y\r\nbc\r\n0\r\nT: t\r\n\r\n"))
            #expect(chunks.hasSuffix("Content-Length: 3\r\nConnection: close\r\n\r\nabc"))
            let large = String(repeating: "0123456789", count: 200_000)
            let echoed = try await play.exchange(post("/echo", "Content-Length: 2000000\r\n\(last)", large))
            #expect(echoed.hasSuffix("\r\n\r\n" + large))
        }
    }

    @Test func `the server invites a body that is waited for`() async throws {
        try await ServerPlay.run { play in
            let client = try await play.client()
            await client.send(post("/echo", "Content-Length: 3\r\nExpect: 100-continue\r\n"))
            #expect(await client.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            await client.send("abc")
            #expect(await client.receive(until: "abc").hasPrefix("HTTP/1.1 200 OK\r\n"))
            // A handler that does not read the body sends no invitation, and where the next request begins is open.
            await client.send(post("/hello", "Content-Length: 3\r\nExpect: 100-continue\r\n"))
            #expect(await client.receiveAll().hasSuffix("Connection: close\r\n\r\nhello"))
        }
    }

    @Test func `each refusal has its status, a JSON body, and ends the connection`() async throws {
        let cases: [(String, String)] = [
            ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request"), ("GET / HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported"),
            (post("/", "Transfer-Encoding: gzip\r\n"), "501 Not Implemented"),
            (post("/", "Expect: tea\r\n"), "417 Expectation Failed"),
            ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", "405 Method Not Allowed"),
            (get("/", String(repeating: "a: b\r\n", count: 200)), "431 Request Header Fields Too Large"),
            (post("/echo", "Content-Length: 33554433\r\n"), "413 Content Too Large"),
            (post("/echo", "Transfer-Encoding: chunked\r\n", "2000001\r\n"), "413 Content Too Large"),
            (post("/echo", "Transfer-Encoding: chunked\r\n", "x\r\n"), "400 Bad Request"),
        ]
        try await ServerPlay.run { play in
            var seen: [Reason] = []
            play.server.onRejection = { seen.append($0.failure.reason) }
            for (bytes, status) in cases {
                let answer = try await play.exchange(bytes + get("/hello"))
                #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(bytes.prefix(40)) is \(answer)")
                #expect(answer.contains("Content-Type: application/json\r\n"))
                #expect(answer.contains("Connection: close\r\n"))
                #expect(answer.contains("{\"code\":\""))
                #expect(!answer.contains("hello"), "\(bytes.prefix(40)) was followed by an answer")
            }
            #expect(seen.count == cases.count)
            #expect(play.server.counters.rejections[.badRequest] == 2)
            #expect(play.server.counters.rejections[.bodyTooLarge] == 2)
        }
    }

    @Test func `bytes after a refused or closing request are never answered`() async throws {
        let smuggled = get("/hello")
        let carriers = [
            post("/echo", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            post("/echo", "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n"),
            post("/echo", "Content-Length: 0\r\nContent-Length: 40\r\n"),
            post("/echo", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
            post("/echo", "Transfer-Encoding: chunked\r\n", "1;\n\r\nx\r\n0\r\n\r\n"),
            post("/echo", "Transfer-Encoding: chunked\r\n", "1\r\nxx\r\n0\r\n\r\n"),
            "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n",
            "GET /echo HTTP/1.1\nHost: h\n\n",
        ]
        try await ServerPlay.run { play in
            for carrier in carriers {
                let answer = try await play.exchange(carrier + smuggled)
                #expect(answer.components(separatedBy: "HTTP/1.1 ").count == 2, "\(answer)")
                #expect(answer.hasPrefix("HTTP/1.1 4"))
            }
        }
    }

    @Test func `an answer before the end of an upload reaches the client`() async throws {
        try await ServerPlay.run { play in
            let body = String(repeating: "x", count: 4_000_000)
            let early = try await play.exchange(post("/echo", "Content-Length: 40000000\r\n", body))
            #expect(early.hasPrefix("HTTP/1.1 413 "))
            let ignored = try await play.exchange(post("/hello", "Content-Length: 4000000\r\n", body))
            #expect(ignored.hasSuffix("Connection: close\r\n\r\nhello"))
        }
    }

    @Test func `a small body that nobody reads does not disturb the next request`() async throws {
        try await ServerPlay.run { play in
            let client = try await play.client()
            await client.send(post("/hello", "Content-Length: 5\r\n", "GET /"))
            #expect(await client.receive(until: "hello").contains(" 200 "))
            await client.send(
                post("/hello", "Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n") + get("/nothing"))
            #expect(await client.receive(until: "\r\n\r\n").contains(" 200 "))
            #expect(play.server.connectionCount == 1)
        }
    }

    @Test func `bodies in flight are bounded over all connections`() async throws {
        var options = HTTPServer.Options()
        options.bodiesInFlightMax = 100
        try await ServerPlay.run(options: options) { play in
            let first = try await play.client()
            await first.send(post("/echo", "Content-Length: 80\r\n", "x"))
            await play.until("the first is counted") { play.server.bodyBytesInFlight == 80 }
            let second = try await play.exchange(post("/echo", "Content-Length: 21\r\nExpect: 100-continue\r\n"))
            #expect(second.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            #expect(second.contains("Retry-After: 1\r\n"))
            let third = try await play.exchange(
                post("/echo", "Transfer-Encoding: chunked\r\n", "15\r\n012345678901234567890\r\n"))
            #expect(third.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            await first.send(String(repeating: "x", count: 79))
            #expect(await first.receive(until: "xxx").contains(" 200 "))
            await play.until("all is given back") { play.server.bodyBytesInFlight == 0 }
            #expect(play.server.counters.rejections[.bodiesInFlight] == 2)
        }
    }

    @Test func `connections beyond the bound get a quick 503, some are kept for health`() async throws {
        var options = HTTPServer.Options()
        options.connectionsMax = 3
        options.connectionsKept = 1
        try await ServerPlay.run(options: options) { play in
            let health = try play.server.listen(on: play.address.anyPort, label: "operations", reserved: true)
            let held = [try await play.client(), try await play.client()]
            await play.until("two are there") { play.server.connectionCount == 2 }
            let refused = try await play.exchange("")
            #expect(refused.hasPrefix("HTTP/1.1 503 "))
            #expect(refused.contains("connections_exhausted"))
            let probe = try Client(to: health, receiveBuffer: nil)
            await probe.send(get("/hello", "Connection: close\r\n"))
            #expect(await probe.receiveAll().hasSuffix("hello"))
            probe.close()
            for client in held { client.close() }
            await play.until("there is room again") { play.server.connectionCount == 0 }
            let answer1 = try await play.exchange(get("/hello", "Connection: close\r\n"))
            #expect(answer1.hasSuffix("hello"))
            #expect(play.server.counters.connectionsTurnedAway == 1)
        }
    }
}

extension SocketAddress {
    var anyPort: SocketAddress { SocketAddress(self.address, port: 0) }
}
