import EventLoop
import Testing
import Vocabulary

@testable import HTTPServer

let date = "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nServer: gatehouse\r\n"

func get(_ path: String, _ lines: String = "", version: String = "1.1") -> String {
    "GET \(path) HTTP/\(version)\r\nHost: h\r\n\(lines)\r\n"
}

extension ServerTests {
    @Test func `an answer has its head and body, and the connection is kept`() async throws {
        try await ServerPlay.run { play in
            let client = try await play.client()
            let answer = "HTTP/1.1 200 OK\r\n\(date)X-A: 1\r\nContent-Length: 5\r\n\r\nhello"
            for _ in 0..<3 {
                await client.send(get("/hello"))
                #expect(await client.receive(until: "hello") == answer)
            }
            #expect(play.server.connectionCount == 1)
            #expect(play.server.counters.requests == 3)
        }
    }

    @Test func `HEAD has the length without the body, 204 has neither`() async throws {
        try await ServerPlay.run { play in
            let head = try await play.exchange("HEAD /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(head.hasSuffix("X-A: 1\r\nContent-Length: 5\r\nConnection: close\r\n\r\n"))
            let nothing = try await play.exchange(get("/nothing", "Connection: close\r\n"))
            #expect(nothing == "HTTP/1.1 204 No Content\r\n\(date)Connection: close\r\n\r\n")
            let stream = try await play.exchange("HEAD /stream HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            #expect(stream.hasSuffix("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"))
            let exact = try await play.exchange("HEAD /exact HTTP/1.0\r\n\r\n")
            #expect(exact.hasSuffix("Content-Length: 4\r\nConnection: close\r\n\r\n"))
        }
    }

    @Test func `streams are chunked, and an empty piece does not end one`() async throws {
        try await ServerPlay.run { play in
            let answer = try await play.exchange(get("/stream", "Connection: close\r\n"))
            let long = String(repeating: "x", count: 20_000)
            #expect(answer.hasSuffix("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n4e20\r\n\(long)\r\n0\r\n\r\n"))
            let events = try await play.exchange(get("/events", "Connection: close\r\n"))
            #expect(events.hasSuffix("\r\n\r\n9\r\ndata: a\n\n\r\n9\r\ndata: b\n\n\r\n0\r\n\r\n"))
        }
    }

    @Test func `a stream with a length is neither longer nor shorter`() async throws {
        try await ServerPlay.run { play in
            let exact = try await play.exchange(get("/exact", "Connection: close\r\n"))
            #expect(exact.hasSuffix("Content-Length: 4\r\nConnection: close\r\n\r\nabcd"))
            let answer1 = try await play.exchange(get("/long"))
            #expect(answer1.hasSuffix("(reset)"))
            let answer2 = try await play.exchange(get("/short"))
            #expect(answer2.hasSuffix("(reset)"))
        }
    }

    @Test func `a broken or unfinished stream does not look complete`() async throws {
        try await ServerPlay.run { play in
            for version in ["1.0", "1.1"] {
                let broken = try await play.exchange(get("/broken", version: version))
                #expect(broken.hasSuffix("(reset)"))
                let unfinished = try await play.exchange(get("/unfinished", version: version))
                #expect(unfinished.hasSuffix("(reset)"))
            }
            #expect(play.server.counters.answersBroken == 2)
            #expect(play.server.counters.clientsLeft == 0)
        }
    }

    @Test func `a request without an answer is 500`() async throws {
        try await ServerPlay.run { play in
            let answer = try await play.exchange(get("/silent", "Connection: close\r\n"))
            #expect(answer.hasPrefix("HTTP/1.1 500 Internal Server Error\r\n"))
            #expect(answer.hasSuffix(#"{"code":"internal_error","message":"the request was not answered"}"#))
        }
    }

    @Test func `HTTP 1_0 is closed after the answer unless it asks, and its streams end with the connection`()
        async throws
    {
        try await ServerPlay.run { play in
            let plain = try await play.exchange("GET /hello HTTP/1.0\r\n\r\n")
            #expect(plain.hasSuffix("Content-Length: 5\r\nConnection: close\r\n\r\nhello"))
            let events = try await play.exchange("GET /events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(events.hasSuffix("Connection: close\r\n\r\ndata: a\n\ndata: b\n\n"))
            #expect(!events.contains("Transfer-Encoding"))
            let client = try await play.client()
            for _ in 0..<2 {
                await client.send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(await client.receive(until: "hello").contains("Connection: keep-alive\r\n"))
            }
        }
    }

    @Test func `pipelined requests are answered in order`() async throws {
        try await ServerPlay.run { play in
            let answer = try await play.exchange(
                get("/hello") + "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + get("/stream")
                    + get("/hello", "Connection: close\r\n") + get("/hello"))
            let heads = answer.components(separatedBy: "HTTP/1.1 200 OK")
            #expect(heads.count == 5)
            #expect(heads[2].hasSuffix("abc"))
            #expect(answer.hasSuffix("hello"))
        }
    }

    @Test func `common headers stand in every answer`() async throws {
        try await ServerPlay.run { play in
            play.server.commonHeaders = { [HTTPHeader("X-Common", "yes")] }
            play.server.rejectionHeaders = { [HTTPHeader("X-Reason", $0.rawValue)] }
            let answer3 = try await play.exchange(get("/hello", "Connection: close\r\n"))
            #expect(answer3.contains("X-Common: yes\r\n"))
            let refused = try await play.exchange("GET /hello HTTP/1.1\r\n\r\n")
            #expect(refused.contains("X-Common: yes\r\n"))
            #expect(refused.contains("X-Reason: bad_request\r\n"))
        }
    }

    @Test func `the date moves with the wall clock`() async throws {
        try await ServerPlay.run { play in
            play.timers.stepWallClock(by: .seconds(86_400))
            let answer = try await play.exchange(get("/hello", "Connection: close\r\n"))
            #expect(answer.contains("Date: Fri, 02 Jan 2026"))
        }
    }

    @Test func `a draining server says so and closes`() async throws {
        try await ServerPlay.run { play in
            let idle = try await play.client()
            let busy = try await play.client()
            await busy.send(get("/wait"))
            await play.until("a handler waits") { play.notes == ["waits"] }
            await play.until("both are there") { play.server.connectionCount == 2 }
            play.server.stopAccepting()
            // Its request may be on the way.
            play.server.closeIdle(for: .milliseconds(500))
            #expect(play.server.connectionCount == 2)
            play.timers.advance(by: .milliseconds(500))
            play.server.closeIdle(for: .milliseconds(500))
            #expect(await idle.receiveAll() == "")
            play.gate("wait").resume(())
            #expect(await busy.receiveAll().hasSuffix("Connection: close\r\n\r\nwaited"))
        }
    }

    @Test func `a Unix socket is served too`() async throws {
        try await ServerPlay.run { play in
            let path = "/tmp/gatehouse-http-\(UInt64.random(in: 0 ... .max)).sock"
            try play.server.listen(onUnixSocket: path)
            let client = try Client(path: path)
            await client.send(get("/hello", "Connection: close\r\n"))
            #expect(await client.receiveAll().hasSuffix("hello"))
            client.close()
        }
    }
}
