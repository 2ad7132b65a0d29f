import EventLoop
import Residency
import Testing
import Vocabulary

@testable import Outbound

extension OnTheLoop {
    @Test(arguments: ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent"])
    func `a redirect is refused and not followed`(status: String) async throws {
        let elsewhere = canary()
        let server = ScriptedServer { connection in
            while connection.readRequest() != nil {
                let url = "http://127.0.0.1:\(elsewhere.port)/"
                connection.answer(status: status, headers: "Location: \(url)\r\nRefresh: 0; url=\(url)\r\n")
            }
        }
        defer {
            server.stop()
            elsewhere.stop()
        }
        try await withDoor { door, _ in
            let recorder = Recorder()
            _ = door.send(try Granter(port: server.port).grant(), to: recorder)
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .redirectRefused)
            #expect(recorder.head == nil && recorder.body.isEmpty)
            #expect(server.requests.count == 1)
            #expect(elsewhere.connections == 0)
        }
    }

    @Test func `headers that point elsewhere change nothing`() async throws {
        let elsewhere = canary()
        let server = ScriptedServer { connection in
            while connection.readRequest() != nil {
                let place = "127.0.0.1:\(elsewhere.port)"
                connection.answer(
                    headers: "Alt-Svc: h2=\"\(place)\"; ma=86400, http/1.1=\"\(place)\"; persist=1\r\n"
                        + "Refresh: 0; url=http://\(place)/\r\nLocation: http://\(place)/\r\n"
                        + "Strict-Transport-Security: max-age=9999\r\nSet-Cookie: a=b\r\n")
            }
        }
        defer {
            server.stop()
            elsewhere.stop()
        }
        try await withDoor { door, _ in
            for _ in 0..<2 {
                let recorder = Recorder()
                _ = door.send(try Granter(port: server.port).grant(), to: recorder)
                let recorderEnd = await recorder.waitForEnd()
                #expect(recorderEnd == .completed)
            }
            #expect(elsewhere.connections == 0)
            #expect(server.requests.count == 2)
            #expect(!server.requests[1].head.contains("Cookie"))
        }
    }

    /// As if the addresses had been changed behind the gate's back: the hook sees the binary address.
    @Test func `a socket to an address outside the grant is refused`() async throws {
        let elsewhere = canary()
        let server = echoServer()
        defer {
            server.stop()
            elsewhere.stop()
        }
        try await withDoor { door, _ in
            let granter = try Granter(port: server.port)
            let wrong = SocketAddress(IPAddress("127.0.0.1")!, port: elsewhere.port)
            let right = SocketAddress(IPAddress("127.0.0.1")!, port: server.port)
            // The second address is granted, but a refusal ends the whole transfer.
            let dial = Dial(to: granter.destination, addresses: [wrong, right])
            let pool = try Pool(granter.destination, dial: dial, of: door)
            let recorder = Recorder()
            door.counted.transfersOpen += 1
            let transfer = Transfer(try granter.grant(), limits: .bounds, of: door) { recorder.take($0) }
            try transfer.begin(in: pool)
            door.deliveries.deliverSoon()
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .addressForbidden)
            #expect(failure.sentNothing)
            #expect(door.figures.connectionsRefused == 1)
            #expect(elsewhere.connections == 0)
            #expect(server.connections == 0)
            pool.retire()
        }
    }

    @Test func `only the addresses of the grant are dialled, in their order`() async throws {
        let server = ScriptedServer(address: "127.0.0.3") { connection in
            while connection.readRequest() != nil { connection.answer() }
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(addresses: ["127.0.0.2", "127.0.0.3", "127.0.0.4"], port: server.port)
            let recorder = Recorder()
            _ = door.send(try granter.grant(), to: recorder)
            let recorderEnd = await recorder.waitForEnd()
            #expect(recorderEnd == .completed)
            #expect(door.figures.connectionsOpened == 2)
            let request = try #require(server.requests.first)
            #expect(request.head.contains("Host: 127.0.0.2:\(server.port)\r\n"))

            let second = Recorder()
            _ = door.send(try granter.grant(), to: second)
            let secondEnd = await second.waitForEnd()
            #expect(secondEnd == .completed)
            #expect(door.figures.connectionsOpened == 2, "the address that answered comes first")
        }
    }

    /// The name cannot be resolved, so whatever arrives came by the pinned addresses.
    @Test func `over TLS nothing is sent before the peer has proved its name`() async throws {
        let seen = Locked<[UInt8]>([])
        let server = ScriptedServer { connection in
            let bytes = connection.readSome()
            seen.withLock { $0 += bytes }
            connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(addresses: ["127.0.0.1", "127.0.0.2"], port: server.port, tls: true)
            let recorder = Recorder()
            _ = door.send(try granter.grant(), to: recorder)
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .upstreamConnectFailed)
            #expect(failure.sentNothing)
            let bytes = seen.withLock { $0 }
            #expect(bytes.first == 22, "a TLS handshake record")
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("several.test"), "the configured name is asked for")
            #expect(!text.contains("POST") && !text.contains("model"))
        }
    }

    @Test func `no address answers`() async throws {
        let server = echoServer()
        let port = server.port
        server.stop()
        try await withDoor { door, _ in
            let granter = try Granter(addresses: ["127.0.0.1", "127.0.0.2"], port: port)
            let recorder = Recorder()
            _ = door.send(try granter.grant(), to: recorder)
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .upstreamConnectFailed)
            #expect(failure.phase == .connecting)
            #expect(door.figures.connectionsOpened == 2)
        }
    }

    @Test func `an old grant connects to nothing`() async throws {
        let server = canary()
        defer { server.stop() }
        try await withDoor { door, timers in
            let grant = try Granter(port: server.port).grant()
            timers.advance(by: Bounds.grantLife)
            let recorder = Recorder()
            _ = door.send(grant, to: recorder)
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .grantInvalid)
            #expect(failure.sentNothing)
            #expect(door.figures.connectionsOpened == 0)
        }
    }

    @Test func `an earlier configuration's grant connects to nothing`() async throws {
        let server = echoServer()
        defer { server.stop() }
        try await withDoor { door, _ in
            let old = try Granter(port: server.port, generation: 1).grant()
            let older = try Granter("two", port: server.port, generation: 1).grant()
            let first = Recorder()
            _ = door.send(try Granter(port: server.port, generation: 2).grant(), to: first)
            let firstEnd = await first.waitForEnd()
            #expect(firstEnd == .completed)
            let second = Recorder()
            _ = door.send(old, to: second)
            #expect(try await second.waitForFailure().reason == .grantInvalid)
            door.closeConnections(before: 2)
            let third = Recorder()
            _ = door.send(older, to: third)
            #expect(try await third.waitForFailure().reason == .grantInvalid)
            #expect(server.connections == 1)
        }
    }
}

/// Binary addresses as libcurl hands them over.
struct DialledPeerTests {
    @Test func `addresses are read from their bytes`() {
        let v4: [UInt8] = [2, 0, 0x2C, 0xAA, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(
            DialledPeer(family: 2, bytes: v4) == .tcp(SocketAddress(IPAddress("10.0.0.1")!, port: 11434)))
        let v6: [UInt8] = [10, 0, 0x2C, 0xAA, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 15) + [1, 0, 0, 0, 0]
        #expect(DialledPeer(family: 10, bytes: v6) == .tcp(SocketAddress(IPAddress("::1")!, port: 11434)))
        #expect(DialledPeer(family: 1, bytes: [1, 0] + Array("/run/x".utf8) + [0, 0]) == .unix(path: "/run/x"))
    }

    @Test(
        arguments: [
            (Int32(2), [UInt8](repeating: 0, count: 7)), (10, [UInt8](repeating: 0, count: 23)),
            (1, [UInt8]([1, 0])), (1, [UInt8]([1, 0, 0, 0x61])), (16, [UInt8](repeating: 0, count: 12)),
        ] as [(Int32, [UInt8])])
    func `short, abstract and foreign addresses are none`(family: Int32, bytes: [UInt8]) {
        #expect(DialledPeer(family: family, bytes: bytes) == .other(family: family))
    }
}
