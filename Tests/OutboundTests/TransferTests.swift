import EventLoop
import Glibc
import Residency
import Testing
import Vocabulary

@testable import Outbound

extension OnTheLoop {
    @Test func `a request goes out with the granted headers and nothing else`() async throws {
        let server = echoServer(#"{"ok":true}"#)
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            _ = door.send(try Granter(port: server.port).grant(), to: recorder)
            #expect(await recorder.waitForEnd() == .completed)
            #expect(recorder.head?.status == 200)
            #expect(recorder.head?.contentLength == 11)
            #expect(recorder.text == #"{"ok":true}"#)
            #expect(recorder.eventsAfterEnd == 0)
            let request = try #require(server.requests.first)
            let lines = request.head.split(separator: "\r\n").map(String.init)
            #expect(lines[0] == "POST /v1/chat/completions HTTP/1.1")
            #expect(
                Set(lines.dropFirst()) == [
                    "Host: 127.0.0.1:\(server.port)", "User-Agent: gatehouse", "Content-Type: application/json",
                    "Accept: application/json", "Content-Length: 13",
                ])
            #expect(String(decoding: request.body, as: UTF8.self) == #"{"model":"m"}"#)
        }
    }

    @Test func `a probe is a GET without a body`() async throws {
        let server = echoServer(#"{"version":"0.17.6"}"#)
        defer { server.stop() }
        try await withDoor { door, _ in
            let grant = try Granter(port: server.port).grant(.get(.version), purpose: .probe)
            let answer = try await door.fetch(grant, timeout: .seconds(1)).get()
            #expect(answer.status == 200)
            #expect(String(decoding: answer.body, as: UTF8.self) == #"{"version":"0.17.6"}"#)
            #expect(server.requests[0].head.hasPrefix("GET /api/version HTTP/1.1\r\nHost: "))
            #expect(!server.requests[0].head.lowercased().contains("content-"))
        }
    }

    @Test func `a body of megabytes arrives unchanged and without an expectation`() async throws {
        let server = echoServer()
        defer { server.stop() }
        try await withDoor { door, _ in
            let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let recorder = Recorder()
            let request = OutboundRequest.post(.chat, body: body, model: "m")
            _ = door.send(try Granter(port: server.port).grant(request), to: recorder)
            #expect(await recorder.waitForEnd() == .completed)
            #expect(server.requests[0].body == body)
            #expect(!server.requests[0].head.contains("Expect"))
            #expect(door.figures.bytesSent == 3_000_000)
        }
    }

    @Test func `an empty body is sent as such`() async throws {
        let server = echoServer()
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            let request = OutboundRequest.post(.chat, body: [], model: "m")
            _ = door.send(try Granter(port: server.port).grant(request), to: recorder)
            #expect(await recorder.waitForEnd() == .completed)
            #expect(server.requests[0].head.contains("Content-Length: 0"))
        }
    }

    @Test func `chunks are told as they come, interim heads and trailers are not`() async throws {
        let next = Flag()
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n")
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n")
            connection.send("3\r\none\r\n")
            next.wait()
            connection.send("3\r\ntwo\r\n0\r\nX-Trailer: z\r\n\r\n")
            connection.waitForEnd()
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            let transfer = door.send(try Granter(port: server.port).grant(), to: recorder)
            await recorder.waitForBody()
            #expect(recorder.text == "one")
            #expect(recorder.head?.header("content-type").map(Array.init) == Array("text/event-stream".utf8))
            #expect(recorder.head?.lines.count == 2)
            #expect(transfer.phase == .answering)
            next.set()
            #expect(await recorder.waitForEnd() == .completed)
            #expect(recorder.text == "onetwo")
        }
    }

    @Test func `an answer without a length ends with its connection`() async throws {
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.0 200 OK\r\n\r\nuntil the end")
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            _ = door.send(try Granter(port: server.port).grant(), to: recorder)
            #expect(await recorder.waitForEnd() == .completed)
            #expect(recorder.text == "until the end")
        }
    }

    @Test func `a Unix socket is reached like an address`() async throws {
        let path = "/tmp/gatehouse-outbound-\(getpid()).sock"
        let server = ScriptedServer(path: path) { connection in
            while connection.readRequest() != nil { connection.answer("unix") }
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            for _ in 0..<2 {
                let recorder = Recorder()
                _ = door.send(try Granter(unix: path).grant(), to: recorder)
                #expect(await recorder.waitForEnd() == .completed)
                #expect(recorder.text == "unix")
            }
            #expect(server.connections == 1)
            #expect(server.requests.first?.head.contains("Host: localhost\r\n") == true)
        }
    }

    @Test func `two hundred transfers at once all complete`() async throws {
        let server = echoServer(String(repeating: "x", count: 5_000))
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(port: server.port)
            for round in 1...2 {
                var recorders: [Recorder] = []
                for _ in 0..<200 {
                    let recorder = Recorder()
                    _ = door.send(try granter.grant(), to: recorder)
                    recorders.append(recorder)
                }
                #expect(door.figures.transfersBegun == 200 * UInt64(round))
                for recorder in recorders {
                    #expect(await recorder.waitForEnd() == .completed)
                    #expect(recorder.bytes == 5_000)
                }
                #expect(server.requests.count == 200 * round)
            }
            #expect(server.connections <= 200, "connections are used again")
            #expect(door.figures.connectionsOpen == server.connections)
        }
    }

    @Test func `events may begin and cancel transfers`() async throws {
        let server = echoServer("first")
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(port: server.port)
            let (outer, inner, doomed) = (Recorder(), Recorder(), Recorder())
            let other = door.send(try granter.grant(), to: doomed)
            outer.onEvent = { event in
                guard case .head = event else { return }
                other.cancel()
                _ = door.send(try! granter.grant(), to: inner)
            }
            _ = door.send(try granter.grant(), to: outer)
            #expect(await outer.waitForEnd() == .completed)
            #expect(await inner.waitForEnd() == .completed)
        }
    }

    @Test func `a long answer is refused by fetch`() async throws {
        let server = ScriptedServer { connection in
            while let request = connection.readRequest() {
                if request.head.hasPrefix("GET /api/ps") {
                    connection.answer(String(repeating: "x", count: 101))
                } else {
                    connection.send("HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 101))
                    connection.waitForEnd()
                }
            }
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            for path in [BackendPath.ps, .tags] {
                let grant = try Granter(port: server.port).grant(.get(path), purpose: .probe)
                let result = await door.fetch(grant, answerMax: Bytes(100), timeout: .seconds(1))
                guard case .failure(let failure) = result else {
                    Issue.record("a long answer was taken")
                    continue
                }
                #expect(failure.reason == .upstreamMalformed)
            }
        }
    }
}
