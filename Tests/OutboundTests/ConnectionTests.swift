import EventLoop
import Residency
import Testing
import Vocabulary

@testable import Outbound

extension Outbound {
    /// Sends one request and waits for its end.
    fileprivate func exchange(
        _ granter: Granter, _ request: OutboundRequest = .chat(), purpose: Purpose? = nil,
        now: Instant = SettableTimersStart.now
    ) async throws -> (end: TransferEnd, reused: Bool) {
        let recorder = Recorder()
        let transfer = self.send(try granter.grant(request, purpose: purpose, now: now), to: recorder)
        let end = await recorder.waitForEnd()
        return (end, transfer.timings.reusedConnection)
    }
}

extension OnTheLoop {
    @Test func `a connection is used again`() async throws {
        let server = echoServer()
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(port: server.port)
            #expect(try await door.exchange(granter) == (.completed, false))
            #expect(try await door.exchange(granter) == (.completed, true))
            #expect(server.connections == 1)
            #expect(door.figures.connectionsOpened == 1)
            #expect(door.figures.connectionsOpen == 1)
        }
    }

    @Test func `probes and backends never share connections`() async throws {
        let server = echoServer()
        defer { server.stop() }
        try await withDoor { door, _ in
            let (one, two) = (try Granter("one", port: server.port), try Granter("two", port: server.port))
            for _ in 0..<2 {
                _ = try await door.exchange(one)
                _ = try await door.exchange(two)
                _ = try await door.exchange(one, .get(.version), purpose: .probe)
            }
            #expect(server.connections == 3)
            let byConnection = Dictionary(grouping: server.requests, by: \.connection).values
            #expect(byConnection.allSatisfy { $0.count == 2 && $0[0].head == $0[1].head })
        }
    }

    @Test func `a new generation or address set uses new connections and closes the old`() async throws {
        let server = echoServer()
        defer { server.stop() }
        try await withDoor { door, _ in
            _ = try await door.exchange(try Granter(port: server.port, generation: 1))
            _ = try await door.exchange(try Granter(port: server.port, generation: 2))
            #expect(server.connections == 2)
            #expect(door.figures.connectionsOpen == 1)
            let several = try Granter(addresses: ["127.0.0.1", "127.0.0.2"], port: server.port, generation: 2)
            _ = try await door.exchange(several)
            #expect(server.connections == 3)
            let reordered = try several.gate.judge(
                [IPAddress("127.0.0.2")!, IPAddress("127.0.0.1")!], of: "one", at: SettableTimersStart.now)
            let grant = try several.gate.grant(
                .chat(), to: "one", at: reordered,
                purpose: .request(RequestID("0190e3a0-0000-7000-8000-000000000000")!, attempt: 1),
                now: SettableTimersStart.now)
            let recorder = Recorder()
            _ = door.send(grant, to: recorder)
            #expect(await recorder.waitForEnd() == .completed)
            #expect(server.connections == 3, "the same addresses in another order are no change")
        }
    }

    @Test func `closing a backend's connections spares the transfer under way`() async throws {
        let (asked, go) = (Flag(), Flag())
        let server = ScriptedServer { connection in
            while let request = connection.readRequest() {
                if request.body.count > 20 {
                    asked.set()
                    go.wait()
                }
                connection.answer()
            }
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(port: server.port)
            let (slow, quick) = (Recorder(), Recorder())
            _ = door.send(try granter.grant(.chat(#"{"model":"m","prompt":"slow"}"#)), to: slow)
            #expect(await eventually { asked.isSet })
            _ = door.send(try granter.grant(), to: quick)
            #expect(await quick.waitForEnd() == .completed)
            #expect(door.figures.connectionsOpen == 2)
            door.closeConnections(of: "one")
            #expect(try await door.exchange(granter) == (.completed, false))
            go.set()
            #expect(await slow.waitForEnd() == .completed)
            #expect(server.connections == 3)
            #expect(door.figures.connectionsOpen == 1)
        }
    }

    @Test func `an idle backend's connections are closed after a minute`() async throws {
        let ended = Flag()
        let server = ScriptedServer { connection in
            while connection.readRequest() != nil { connection.answer() }
            ended.set()
        }
        defer { server.stop() }
        try await withDoor { door, timers in
            let granter = try Granter(port: server.port)
            _ = try await door.exchange(granter)
            timers.advance(by: .seconds(40))
            _ = try await door.exchange(granter, now: timers.now)
            timers.advance(by: .seconds(59))
            #expect(door.figures.connectionsOpen == 1)
            timers.advance(by: .seconds(1))
            #expect(door.figures.connectionsOpen == 0)
            #expect(await eventually { ended.isSet })
            #expect(try await door.exchange(granter, now: timers.now).end == .completed)
        }
    }

    // MARK: Kept connections that are no more

    @Test func `a kept connection that the backend has closed is not used`() async throws {
        let closed = Flag()
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.answer()
            if connection.number == 0 { closed.set() } else { connection.waitForEnd() }
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(port: server.port)
            _ = try await door.exchange(granter)
            #expect(await eventually { closed.isSet })
            for _ in 0..<5 { await LoopTimers().sleep(for: .milliseconds(2)) }
            #expect(try await door.exchange(granter) == (.completed, false))
            #expect(door.figures.resends == 0)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a kept connection that ends as the request arrives is replaced at once`() async throws {
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.answer()
            if connection.number == 0 {
                connection.readRequest()  // Taken, and not answered.
            } else {
                connection.waitForEnd()
            }
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(port: server.port)
            _ = try await door.exchange(granter)
            #expect(try await door.exchange(granter) == (.completed, false))
            #expect(door.figures.resends == 1)
            #expect(server.requests.map(\.connection) == [0, 0, 1])
        }
    }

    @Test func `every request that meets a dying connection is sent again, and to its own path`() async throws {
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.answer()
            connection.readRequest()  // Taken, and not answered.
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(port: server.port)
            let paths = (0..<9).map { $0 % 2 == 0 ? BackendPath.openAIChat : .openAICompletions }
            for path in paths {
                let recorder = Recorder()
                let request = OutboundRequest.post(path, body: Array(#"{"model":"m"}"#.utf8), model: "m")
                _ = door.send(try granter.grant(request), to: recorder)
                #expect(await recorder.waitForEnd() == .completed)
            }
            #expect(door.figures.resends == 8)
            // Each but the first was sent to a dying connection and then to a new one.
            let sent = [paths[0]] + paths.dropFirst().flatMap { [$0, $0] }
            #expect(server.requests.map { $0.head.split(separator: " ")[1] } == sent.map { Substring($0.rawValue) })
        }
    }

    @Test func `a backend that dies over a request is not sent it again`() async throws {
        let (asked, go) = (Flag(), Flag())
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.answer()
            guard connection.readRequest() != nil else { return }
            asked.set()
            go.wait()
        }
        defer { server.stop() }
        try await withDoor { door, timers in
            let granter = try Granter(port: server.port)
            _ = try await door.exchange(granter)
            let recorder = Recorder()
            _ = door.send(try granter.grant(), to: recorder)
            #expect(await eventually { asked.isSet })
            timers.advance(by: Transfer.staleWithin + .milliseconds(1))
            go.set()
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .upstreamTruncated)
            #expect(failure.phase == .waiting)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a kept connection that ends inside the answer is not replaced`() async throws {
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.answer()
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n")
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let granter = try Granter(port: server.port)
            _ = try await door.exchange(granter)
            let (end, reused) = try await door.exchange(granter)
            #expect(reused)
            guard case .failed(let failure) = end else {
                Issue.record("half a head was taken for an answer")
                return
            }
            #expect(failure.reason == .upstreamTruncated)
            #expect(server.requests.count == 2)
            #expect(door.figures.resends == 0)
        }
    }

    @Test func `descriptors that change hands are watched for their new owners`() async throws {
        let server = echoServer()
        let dead = echoServer()
        let deadPort = dead.port
        dead.stop()
        defer { server.stop() }
        try await withDoor { door, _ in
            let (alive, gone) = (try Granter("one", port: server.port), try Granter("two", port: deadPort))
            for _ in 0..<50 {
                let (first, second) = (Recorder(), Recorder())
                _ = door.send(try gone.grant(), to: first)
                _ = door.send(try alive.grant(), to: second)
                #expect(try await first.waitForFailure().reason == .upstreamConnectFailed)
                #expect(await second.waitForEnd() == .completed)
                door.closeConnections(of: "one")
            }
        }
    }
}
