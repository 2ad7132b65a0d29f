import EventLoop
import Testing
import Vocabulary

@testable import HTTPServer

/// A proxy says first for whom it speaks.
extension ServerTests {
    private static let line = "PROXY TCP4 10.1.2.3 10.0.0.1 12345 11430\r\n"

    @Test func `the client that a proxy names is the peer, however its header comes`() async throws {
        try await ServerPlay.run { play in
            play.server.beginning = { _ in .proxyHeader }
            for cut in [0, 1, 20, Self.line.utf8.count - 1, Self.line.utf8.count, Self.line.utf8.count + 5] {
                let bytes = Array((Self.line + get("/peer")).utf8)
                let client = try await play.client()
                await client.send(Array(bytes[..<cut]))
                if cut > 0, cut < Self.line.utf8.count {
                    await play.until("the beginning is read") { play.server.greetings.count == 1 }
                }
                await client.send(Array(bytes[cut...]))
                #expect(await client.receive(until: "true").hasSuffix("10.1.2.3:12345 true"))
                // It holds for the connection.
                await client.send(get("/peer"))
                #expect(await client.receive(until: "true").hasSuffix("10.1.2.3:12345 true"))
                client.close()
            }
            #expect(play.server.counters.proxyHeadersRefused == 0)
        }
    }

    @Test func `a proxy that asks for itself, or for somebody it cannot name, keeps its address`() async throws {
        try await ServerPlay.run { play in
            play.server.beginning = { _ in .proxyHeader }
            let itself = try await play.client()
            await itself.send(ProxyHeaderTests.binary(0x20, 0, []) + Array(get("/peer").utf8))
            #expect(await itself.receive(until: " false").contains("127.0.0.1:"))
            let unknown = try await play.client()
            await unknown.send("PROXY UNKNOWN\r\n" + get("/peer"))
            #expect(await unknown.receive(until: " true").contains("127.0.0.1:"))
        }
    }

    @Test func `a connection that does not begin so is cut, and told of`() async throws {
        try await ServerPlay.run { play in
            var told: [String] = []
            play.server.onProxyRefused = { _, message in told.append(message) }
            play.server.beginning = { _ in .proxyHeader }
            let plain = try await play.exchange(get("/peer"))
            play.server.beginning = { _ in .nothing }
            let stranger = try await play.exchange(Self.line + get("/peer"))
            #expect(plain == "(reset)")
            // Its bytes meet a connection that is gone, which the kernel may tell by then or not.
            #expect(["", "(reset)"].contains(stranger))
            #expect(told == ["it begins with no PROXY header", "it comes from no address of a proxy"])
            #expect(play.server.counters.proxyHeadersRefused == 2)
            #expect(play.server.counters.requests == 0)
        }
    }

    @Test func `a header that stands still is cut after ten seconds`() async throws {
        try await ServerPlay.run { play in
            play.server.beginning = { _ in .proxyHeader }
            let client = try await play.client()
            await client.send("PROXY TCP4")
            await play.until("it is greeted") { play.server.greetings.count == 1 }
            play.timers.advance(by: .milliseconds(9_999))
            #expect(play.server.connectionCount == 1)
            play.timers.advance(by: .milliseconds(1))
            #expect(await client.receiveAll() == "(reset)")
            #expect(play.server.connectionCount == 0)
            #expect(play.server.counters.proxyHeadersRefused == 1)
        }
    }

    @Test func `connections that say nothing count against the bound, and end with the server`() async throws {
        var options = HTTPServer.Options()
        options.connectionsMax = 2
        try await ServerPlay.run(options: options) { play in
            play.server.beginning = { _ in .proxyHeader }
            let first = try await play.client()
            let second = try await play.client()
            await play.until("both are greeted") { play.server.connectionCount == 2 }
            let third = try await play.client()
            #expect(await third.receiveAll() == "(reset)")
            #expect(play.server.counters.connectionsTurnedAway == 1)
            play.server.closeIdle(for: .seconds(1))
            #expect(play.server.connectionCount == 2)
            play.timers.advance(by: .seconds(1))
            play.server.closeIdle(for: .seconds(1))
            #expect(play.server.connectionCount == 0)
            #expect(await first.receiveAll() == "(reset)")
            #expect(await second.receiveAll() == "(reset)")
        }
    }
}
