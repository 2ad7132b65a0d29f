import EventLoop
import Glibc
import Residency
import Testing
import Vocabulary

@testable import Outbound

/// A server that is not who the policy says, and what that is called.
struct Impostor: Sendable, CustomTestStringConvertible {
    let name: String
    var certificate = "good"
    var newest = "TLSv1_3"
    /// Whose certificate counts; `nil` for the system's authorities.
    var root: String? = "root"
    var pins: [String] = []
    var reason = Reason.tlsIdentity
    var testDescription: String { self.name }

    /// `residency.md` A6, L30.
    static let all = [
        Impostor(name: "another authority", root: "other"),
        Impostor(name: "an authority that only we know, where the system's count", root: nil),
        Impostor(name: "another host", certificate: "wrong-host"),
        Impostor(name: "self-signed", certificate: "self-signed"),
        Impostor(name: "expired", certificate: "expired"),
        Impostor(name: "another key than the pinned one", pins: ["other"]),
        Impostor(name: "another key than both pinned ones", pins: ["other", "self-signed"]),
        Impostor(name: "the pinned key of another authority", root: "other", pins: ["good"]),
        Impostor(name: "TLS 1.0", newest: "TLSv1", reason: .upstreamConnectFailed),
        Impostor(name: "TLS 1.1", newest: "TLSv1_1", reason: .upstreamConnectFailed),
    ]

    func trust(_ authority: Authority) throws -> Trust {
        Trust(
            roots: try self.root.map { .bundle(try authority.pem($0)) } ?? .system,
            pins: try self.pins.map { try authority.pin($0) })
    }
}

extension OnTheLoop {
    @Suite(.enabled(if: Authority.shared != nil, Authority.missing)) struct ToTheOutside {
        let authority = Authority.shared!

        private func trust(pins: [String] = []) throws -> Trust {
            try Impostor(name: "", pins: pins).trust(self.authority)
        }

        /// `residency.md` A6, L15: all that the server sees.
        @Test func `a request goes outside with the granted headers, our own key and nothing else`() async throws {
            let server = try Outside.server(self.authority, "good")
            defer { server.stop() }
            let granter = try ExternalGranter(port: server.port, trust: self.trust())
            try await withDoor { door, _ in
                let answer = try await door.fetch(granter.grant(), timeout: .seconds(5)).get()
                #expect(answer.status == 200)
                #expect(String(decoding: answer.body, as: UTF8.self) == "{}")
                door.closeConnections(of: "cloud")
                #expect(await eventually { server.ended.count == 1 })
            }
            let record = try #require(server.ended.first)
            let lines = try #require(record.heads.first).split(separator: "\r\n").map(String.init)
            #expect(lines[0] == "POST /api/v1/chat/completions HTTP/1.1")
            #expect(
                lines.dropFirst().sorted() == [
                    "Accept: application/json", "Authorization: Bearer sk-canary", "Content-Length: 13",
                    "Content-Type: application/json", "Host: api.example.com:\(server.port)", "User-Agent: gatehouse",
                ])
            #expect(record.bytes == 13)
        }

        @Test(arguments: Impostor.all)
        func `nothing is sent to a server that is not who the policy says`(impostor: Impostor) async throws {
            let server = try Outside.server(self.authority, impostor.certificate, newest: impostor.newest)
            defer { server.stop() }
            // The server is at the second address too: who it is decides, not whether another could be tried.
            let granter = try ExternalGranter(
                addresses: ["127.0.0.1", "127.0.0.2"], port: server.port, trust: impostor.trust(self.authority))
            let attempts = impostor.reason == .tlsIdentity ? 1 : 2
            try await withDoor { door, _ in
                let recorder = Recorder()
                _ = door.send(try granter.grant(), to: recorder)
                let failure = try await recorder.waitForFailure()
                #expect(failure.reason == impostor.reason, "\(failure)")
                #expect(failure.sentNothing)
                #expect(!"\(failure)".contains("canary"))
                #expect(door.figures.connectionsOpened == attempts)
                #expect(door.figures.bytesSent == 0)
                #expect(await eventually { server.ended.count == attempts })
            }
            #expect(server.ended.allSatisfy { $0.heads.isEmpty && $0.bytes == 0 }, "\(server.ended)")
        }

        @Test(arguments: [["good"], ["other", "good"]])
        func `one of the pinned keys is enough`(pins: [String]) async throws {
            let server = try Outside.server(self.authority, "good", newest: "TLSv1_2")
            defer { server.stop() }
            let granter = try ExternalGranter(port: server.port, trust: self.trust(pins: pins))
            try await withDoor { door, _ in
                let answer = try await door.fetch(granter.grant(), timeout: .seconds(5)).get()
                #expect(answer.status == 200)
            }
        }

        @Test func `authorities that cannot be read count for nobody`() async throws {
            let server = try Outside.server(self.authority, "good")
            defer { server.stop() }
            let granter = try ExternalGranter(
                port: server.port, trust: Trust(roots: .bundle(Array("no certificate\n".utf8))))
            try await withDoor { door, _ in
                let recorder = Recorder()
                _ = door.send(try granter.grant(), to: recorder)
                let failure = try await recorder.waitForFailure()
                #expect(failure.reason == .tlsIdentity, "\(failure)")
                #expect(failure.sentNothing)
            }
        }

        /// `residency.md` A6, L07.
        @Test func `a kept connection serves no other policy, key or trust`() async throws {
            let server = try Outside.server(self.authority, "good")
            defer { server.stop() }
            let first = try ExternalGranter(port: server.port, trust: self.trust())
            let sameAgain = try ExternalGranter(port: server.port, trust: self.trust(), credential: "sk-second")
            let pinned = try ExternalGranter(port: server.port, trust: self.trust(pins: ["other"]))
            let next = try ExternalGranter(port: server.port, trust: self.trust(), generation: 2)
            try await withDoor { door, _ in
                for granter in [first, first, sameAgain] {
                    #expect(try await door.fetch(granter.grant(), timeout: .seconds(5)).get().status == 200)
                }
                #expect(door.figures.connectionsOpened == 1)
                // Under another trust the same server is nobody, however well it is known.
                let failure = await door.fetch(try pinned.grant(), timeout: .seconds(5))
                #expect(throws: TransferFailure.self) { try failure.get() }
                #expect(door.figures.connectionsOpened == 2)
                #expect(try await door.fetch(next.grant(), timeout: .seconds(5)).get().status == 200)
                #expect(door.figures.connectionsOpened == 3)
                let stale = await door.fetch(try first.grant(), timeout: .seconds(5))
                #expect(throws: TransferFailure.self) { try stale.get() }
                #expect(door.figures.connectionsOpened == 3)
                door.closeConnections(of: "cloud")
                #expect(await eventually { server.ended.count == 3 })
            }
            let heads = server.ended.sorted { $0.connection < $1.connection }.map(\.heads)
            #expect(heads.map(\.count) == [3, 0, 1])
            #expect(heads[0].map { $0.contains("sk-second") } == [false, false, true])
        }

        /// The addresses are of a network that no test reaches: only the proxy can have led to the server.
        @Test func `behind a proxy the judged address is asked for, and the proxy sees no more than that`() async throws
        {
            let server = try Outside.server(self.authority, "good")
            let proxy = try Outside.proxy(to: server.port)
            defer {
                proxy.stop()
                server.stop()
            }
            let granter = try ExternalGranter(
                addresses: ["8.8.8.8", "8.8.8.9"], port: 443, trust: self.trust(),
                proxy: SocketAddress(IPAddress("127.0.0.1")!, port: proxy.port))
            try await withDoor { door, _ in
                for _ in 0..<2 {
                    let answer = try await door.fetch(granter.grant(), timeout: .seconds(5)).get()
                    #expect(answer.status == 200)
                    #expect(answer.head.header("x-of-the-proxy") == nil)
                }
                #expect(door.figures.connectionsOpened == 1)
                door.closeConnections(of: "cloud")
                #expect(await eventually { server.ended.count == 1 })
            }
            let asked = try #require(proxy.ended.first?.heads.first).split(separator: "\r\n").map(String.init)
            #expect(asked[0] == "CONNECT 8.8.8.8:443 HTTP/1.1")
            #expect(
                Set(asked.dropFirst()) == [
                    "Host: 8.8.8.8:443", "User-Agent: gatehouse", "Proxy-Connection: Keep-Alive",
                ])
            #expect(proxy.ended.first?.bytes == 0)
            #expect(server.ended.first?.heads.count == 2)
            #expect(server.ended.first?.heads.allSatisfy { $0.contains("Host: api.example.com\r\n") } == true)
        }

        @Test func `a proxy that refuses is not passed by`() async throws {
            let server = try Outside.server(self.authority, "good")
            let proxy = try Outside.proxy(to: server.port, status: 403)
            defer {
                proxy.stop()
                server.stop()
            }
            let granter = try ExternalGranter(
                port: server.port, trust: self.trust(),
                proxy: SocketAddress(IPAddress("127.0.0.1")!, port: proxy.port))
            try await withDoor { door, _ in
                let recorder = Recorder()
                _ = door.send(try granter.grant(), to: recorder)
                let failure = try await recorder.waitForFailure()
                #expect(failure.reason == .upstreamConnectFailed, "\(failure)")
                #expect(failure.sentNothing)
            }
            #expect(server.ended.isEmpty)
        }

        @Test func `the server behind a proxy must prove who it is all the same`() async throws {
            let server = try Outside.server(self.authority, "wrong-host")
            let proxy = try Outside.proxy(to: server.port)
            defer {
                proxy.stop()
                server.stop()
            }
            let granter = try ExternalGranter(
                addresses: ["8.8.8.8"], port: 443, trust: self.trust(),
                proxy: SocketAddress(IPAddress("127.0.0.1")!, port: proxy.port))
            try await withDoor { door, _ in
                let recorder = Recorder()
                _ = door.send(try granter.grant(), to: recorder)
                #expect(try await recorder.waitForFailure().reason == .tlsIdentity)
                #expect(await eventually { server.ended.count == 1 })
            }
            #expect(server.ended.first?.bytes == 0)
        }
    }

    /// As if the dial had been changed behind the gate's back.
    @Test func `with a proxy no other socket is opened, to the backend neither`() async throws {
        let server = canary()
        defer { server.stop() }
        let proxy = SocketAddress(IPAddress("127.0.0.1")!, port: 9)
        let direct = try ExternalGranter(port: server.port, trust: .system)
        let granter = try ExternalGranter(port: server.port, trust: .system, proxy: proxy)
        try await withDoor { door, _ in
            let pool = try Pool(granter.destination, dial: Dial(to: direct.destination), of: door)
            let recorder = Recorder()
            door.counted.transfersOpen += 1
            let transfer = Transfer(try granter.grant(), limits: .bounds, of: door) { recorder.take($0) }
            try transfer.begin(in: pool)
            door.deliveries.deliverSoon()
            #expect(try await recorder.waitForFailure().reason == .addressForbidden)
            #expect(door.figures.connectionsRefused == 1)
            #expect(server.connections == 0)
            pool.retire()
        }
    }

    @Test func `connecting outside may take longer than inside`() async throws {
        let hole = try BlackHole()
        defer { hole.close() }
        try await withDoor { door, timers in
            let recorder = Recorder()
            _ = door.send(try ExternalGranter(port: hole.port, trust: .system).grant(), to: recorder)
            await LoopTimers().sleep(for: .milliseconds(5))
            timers.advance(by: Bounds.connectExternal - .milliseconds(1))
            #expect(recorder.end == nil)
            timers.advance(by: .milliseconds(1))
            #expect(try await recorder.waitForFailure().reason == .upstreamConnectTimeout)
        }
    }
}
