import EventLoop
import Testing
import Vocabulary

@testable import HTTPServer

extension ServerTests {
    @Test func `a silent head is 408 after ten seconds, a silent body after thirty`() async throws {
        try await ServerPlay.run { play in
            let head = try await play.client()
            await head.send("GET /hel")
            await play.untilReceived(8)
            play.timers.advance(by: .seconds(9))
            await head.send("l")
            await play.untilReceived(9)
            play.timers.advance(by: .seconds(10))
            #expect(await head.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            let body = try await play.client()
            await body.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na")
            await play.until("the body is read") { play.server.bodyBytesInFlight == 3 }
            play.timers.advance(by: .seconds(30))
            #expect(await body.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            #expect(play.notes == ["no body: request_timeout"])
        }
    }

    @Test func `a kept connection is closed quietly after sixty seconds`() async throws {
        try await ServerPlay.run { play in
            let client = try await play.client()
            await client.send(get("/hello"))
            _ = await client.receive(until: "hello")
            play.timers.advance(by: .seconds(59))
            await client.send(get("/hello"))
            _ = await client.receive(until: "hello")
            play.timers.advance(by: .seconds(59))
            #expect(play.server.connectionCount == 1)
            play.timers.advance(by: .seconds(1))
            #expect(await client.receiveAll() == "")
        }
    }

    @Test func `a client that leaves is known at once, whether it resets or ends`() async throws {
        try await ServerPlay.run { play in
            let reset = try await play.client()
            await reset.send(get("/wait"))
            await play.until("the handler waits") { play.notes == ["waits"] }
            reset.reset()
            await play.until("the client is gone") { play.notes == ["waits", "gone: client_left"] }

            play.notes = []
            let ended = try await play.client()
            await ended.send(get("/wait") + get("/hello"))
            await play.until("the handler waits") { play.notes == ["waits"] }
            ended.close()
            let deadline = play.timers.nextDeadline
            await play.until("the end is seen") { play.timers.nextDeadline != deadline }
            play.timers.advance(by: .milliseconds(250))
            #expect(play.notes == ["waits", "gone: client_left"])
            #expect(play.server.counters.clientsLeft == 2)
        }
    }

    @Test func `a client that ends its side first still gets a quick answer`() async throws {
        try await ServerPlay.run { play in
            for text in ["GET /hello HTTP/1.0\r\n\r\n", get("/hello") + get("/hello")] {
                let client = try await play.client()
                await client.send(text)
                client.endSending()
                #expect(await client.receiveAll().hasSuffix("hello"))
            }
            let waiting = try await play.client()
            await waiting.send(get("/wait"))
            waiting.endSending()
            await play.until("the handler waits") { play.notes == ["waits"] }
            play.gate("wait").resume(())
            #expect(await waiting.receiveAll().hasSuffix("waited"))
        }
    }

    @Test func `a client that ends its side inside a request gets no answer to it`() async throws {
        try await ServerPlay.run { play in
            let head = try await play.client()
            await head.send("GET /hello HTTP/1.1\r\n")
            head.endSending()
            #expect(await head.receiveAll().hasPrefix("HTTP/1.1 400 "))
            let body = try await play.client()
            await body.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na")
            await play.until("the body is read") { play.server.bodyBytesInFlight == 3 }
            body.endSending()
            #expect(!(await body.receiveAll()).contains("200"))
            #expect(play.notes == ["no body: client_left"])
        }
    }

    @Test func `pipelined bytes do not hide that the client has gone`() async throws {
        try await ServerPlay.run { play in
            let client = try await play.client()
            await client.send(get("/wait") + String(repeating: get("/hello"), count: 1000))
            await play.until("the handler waits") { play.notes == ["waits"] }
            client.reset()
            await play.until("the client is gone") { play.notes.count == 2 }
            #expect(play.server.counters.requests == 1)
        }
    }

    @Test func `a client that takes nothing for thirty seconds is cut, and little is queued for it`() async throws {
        try await ServerPlay.run { play in
            let client = try await play.client(receiveBuffer: 4096)
            await client.send(get("/flood"))
            await play.until("bytes are queued") { play.notes.contains("queued") }
            await play.until("the kernel takes no more") { self.standsStill(play) }
            play.notes = []
            play.timers.advance(by: .seconds(29))
            #expect(play.notes.isEmpty)
            play.timers.advance(by: .seconds(6))
            await play.until("the client is cut") { play.notes == ["ended: client_too_slow, true"] }
            #expect(play.server.counters.clientsTooSlow == 1)
        }
    }

    @Test func `a bound that is changed holds for later connections, and not for those that are open`() async throws {
        try await ServerPlay.run { play in
            let earlier = try await play.client(receiveBuffer: 4096)
            await earlier.send(get("/hello"))
            _ = await earlier.receive(until: "hello")
            play.server.options.connection.clientReadIdle = .seconds(5)
            await earlier.send(get("/flood"))
            await play.until("bytes are queued") { play.notes.contains("queued") }
            await play.until("the kernel takes no more") { self.standsStill(play) }
            play.notes = []
            play.timers.advance(by: .seconds(10))
            #expect(play.server.counters.clientsTooSlow == 0)
            earlier.close()
            await play.until("the earlier one is gone") { play.server.connectionCount == 0 }
            let later = try await play.client(receiveBuffer: 4096)
            await later.send(get("/flood"))
            await play.until("bytes are queued") { play.notes.contains("queued") }
            await play.until("the kernel takes no more") { self.standsStill(play) }
            play.notes = []
            play.timers.advance(by: .seconds(6))
            await play.until("the client is cut") { play.notes == ["ended: client_too_slow, true"] }
        }
    }

    @Test func `closing all ends what is under way`() async throws {
        try await ServerPlay.run { play in
            let client = try await play.client()
            await client.send(get("/wait"))
            await play.until("the handler waits") { play.notes == ["waits"] }
            play.server.closeAll()
            #expect(play.notes == ["waits", "gone: shutdown"])
            #expect(await client.receiveAll() == "(reset)")
        }
    }

    /// Whether nothing has been sent since the last look.
    @LoopActor private func standsStill(_ play: ServerPlay) -> Bool {
        let sent = play.server.counters.bytesSent
        defer { play.lastSent = sent }
        return sent == play.lastSent
    }
}
