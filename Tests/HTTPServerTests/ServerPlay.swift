import EventLoop
import Foundation
import Testing
import Vocabulary

@testable import HTTPServer

/// The tests that drive a real server over loopback, one after another.
@Suite(.serialized, .timeLimit(.minutes(1))) struct ServerTests {}

/// A server on loopback whose clock stands still until it is told to move.
@LoopActor final class ServerPlay {
    let timers = SettableTimers()
    let server: HTTPServer
    private(set) var address = SocketAddress(IPAddress(octets: [127, 0, 0, 1]), port: 0)
    /// What handlers want to tell the test.
    var notes: [String] = []
    var lastSent = 0
    private var gates: [String: Waiter<Void>] = [:]
    private var clients: [Client] = []

    private init(options: HTTPServer.Options) {
        let handler = Box<HTTPServer.Handler> { _ in }
        self.server = HTTPServer(options: options, timers: self.timers) { exchange in await handler.value(exchange) }
        handler.value = { [unowned self] exchange in await self.handle(exchange) }
    }

    /// Runs `body` on a fresh server; afterwards no connection may be left.
    nonisolated static func run(
        options: HTTPServer.Options = HTTPServer.Options(),
        _ body: @escaping @LoopActor @Sendable (ServerPlay) async throws -> Void
    ) async throws {
        UVLoop.main.runOnOwnThread()
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            startTask {
                do {
                    let play = ServerPlay(options: options)
                    play.address = try play.server.listen(on: play.address)
                    try await body(play)
                    for client in play.clients { client.close() }
                    play.server.stopAccepting()
                    play.server.closeAll()
                    await play.until("all connections are closed") { play.server.connectionCount == 0 }
                    await play.until("all handlers have returned") { play.server.requestsInFlight == 0 }
                    #expect(play.server.bodyBytesInFlight == 0)
                    done.resume()
                } catch {
                    done.resume(throwing: error)
                }
            }
        }
    }

    func client(receiveBuffer: Int32? = nil) async throws -> Client {
        let client = try Client(to: self.address, receiveBuffer: receiveBuffer)
        self.clients.append(client)
        return client
    }

    /// Sends one text on a new connection, and returns all that comes until the server ends it.
    func exchange(_ text: String) async throws -> String {
        let client = try await self.client()
        await client.send(text)
        let answer = await client.receiveAll()
        client.close()
        return answer
    }

    /// Lets the loop turn until `condition` holds; two real seconds are the end.
    func until(_ what: Comment, _ condition: () -> Bool) async {
        let real = LoopTimers()
        let end = real.now + .seconds(2)
        while !condition() {
            guard real.now < end else {
                Issue.record("not within two seconds: \(what)")
                return
            }
            await real.sleep(for: .milliseconds(1))
        }
    }

    /// Until the server has read so many bytes in all.
    func untilReceived(_ count: Int) async {
        await self.until("\(count) bytes are received") { self.server.counters.bytesReceived >= count }
    }

    /// Suspends a handler until `open` is called with the same name.
    func gate(_ name: String) -> Waiter<Void> {
        if let waiter = self.gates[name] { return waiter }
        let waiter = Waiter<Void>()
        self.gates[name] = waiter
        return waiter
    }

    // MARK: The handler

    private func handle(_ exchange: HTTPExchange) async {
        switch String(decoding: exchange.head.path, as: UTF8.self) {
        case "/hello": exchange.respond(status: 200, headers: [HTTPHeader("X-A", "1")], body: Array("hello".utf8))
        case "/peer": exchange.respond(status: 200, body: Array("\(exchange.peer) \(exchange.isForwarded)".utf8))
        case "/echo": await self.echo(exchange)
        case "/nothing": exchange.respond(status: 204, body: Array("no".utf8))
        case "/silent": break
        case "/stream": await self.stream(exchange)
        case "/events":
            exchange.beginStream(status: 200, headers: [HTTPHeader("Content-Type", "text/event-stream")])
            exchange.write(SSEWriter.event(data: Array("a".utf8)))
            exchange.finish(SSEWriter.event(data: Array("b".utf8)))
        case "/wait": await self.wait(exchange)
        case "/broken":
            exchange.beginStream(status: 200, first: Array("half".utf8))
            exchange.abort()
        case "/unfinished": exchange.beginStream(status: 200, first: Array("half".utf8))
        case "/long": exchange.beginStream(status: 200, contentLength: 3, first: Array("four".utf8))
        case "/short":
            exchange.beginStream(status: 200, contentLength: 3, first: Array("ab".utf8))
            exchange.finish()
        case "/exact":
            exchange.beginStream(status: 200, contentLength: 4, first: Array("ab".utf8))
            exchange.write(Array("c".utf8))
            exchange.finish(Array("d".utf8))
        case "/flood": await self.flood(exchange)
        default: exchange.respond(status: 404)
        }
    }

    private func echo(_ exchange: HTTPExchange) async {
        do throws(HTTPFailure) {
            let body = try await exchange.readBody()
            exchange.respond(status: 200, body: body)
        } catch {
            self.notes.append("no body: \(error.reason.rawValue)")
            exchange.reject(error)
        }
    }

    private func stream(_ exchange: HTTPExchange) async {
        exchange.beginStream(status: 200)
        for piece in ["one", "", "two"] {
            exchange.write(Array(piece.utf8))
            _ = await exchange.drained()
        }
        exchange.write([UInt8](repeating: UInt8(ascii: "x"), count: 20_000))
        exchange.finish()
    }

    private func wait(_ exchange: HTTPExchange) async {
        self.notes.append("waits")
        exchange.onClientGone = { [unowned self, unowned exchange] in
            self.notes.append("gone: \(exchange.goneReason?.rawValue ?? "")")
            self.gate("wait").resume(())
        }
        await self.gate("wait").wait()
        exchange.respond(status: 200, body: Array("waited".utf8))
    }

    /// Writes 64 KiB pieces as long as the client takes them.
    private func flood(_ exchange: HTTPExchange) async {
        exchange.beginStream(status: 200)
        var most = 0
        while true {
            exchange.write([UInt8](repeating: 0, count: 65_536))
            most = max(most, exchange.bytesQueued)
            if exchange.bytesQueued > 0 { self.notes.append("queued") }
            guard await exchange.drained() else { break }
        }
        self.notes.append("ended: \(exchange.goneReason?.rawValue ?? ""), \(most <= 65_536 + 16_384)")
    }
}

@LoopActor final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}
