import EventLoop
import Glibc
import Residency
import Testing
import Vocabulary

@testable import Outbound

/// The value that says when a phase has lasted too long.
struct DeadlineTests {
    private let start = Instant(nanoseconds: 5_000_000_000)
    private let limits = TransferLimits(
        connect: .seconds(2), firstByte: .seconds(300), betweenBytes: .seconds(60), whole: .seconds(3_600))

    @Test func `each address gets an equal share of the time that is left`() {
        var deadlines = Deadlines(self.limits, began: self.start)
        let timings = TransferTimings(began: self.start)
        deadlines.dialling(at: self.start, others: 3)
        #expect(deadlines.next(timings, at: self.start).at == self.start + .milliseconds(500))
        // The first was refused at once: more is left for the others.
        deadlines.dialling(at: self.start + .milliseconds(200), others: 2)
        let second = deadlines.next(timings, at: self.start)
        #expect(second.at == self.start + .milliseconds(800))
        #expect(second.expiry == .address)
        deadlines.dialling(at: self.start + .milliseconds(1_900), others: 0)
        let last = deadlines.next(timings, at: self.start)
        #expect(last.at == self.start + .seconds(2))
        #expect(last.expiry == .connect)
    }

    @Test func `each phase has its own limit`() {
        var deadlines = Deadlines(self.limits, began: self.start)
        var timings = TransferTimings(began: self.start)
        timings.sent = self.start + .seconds(1)
        #expect(deadlines.next(timings, at: self.start).at == self.start + .seconds(301))
        #expect(deadlines.next(timings, at: self.start).expiry == .firstByte)
        timings.firstByte = self.start + .seconds(10)
        deadlines.lastActivity = self.start + .seconds(12)
        #expect(deadlines.next(timings, at: self.start).at == self.start + .seconds(72))
        #expect(deadlines.next(timings, at: self.start).expiry == .betweenBytes)
    }

    @Test func `a pause counts for the whole alone`() {
        var deadlines = Deadlines(self.limits, began: self.start)
        var timings = TransferTimings(began: self.start)
        timings.sent = self.start
        timings.firstByte = self.start
        deadlines.isPaused = true
        let later = self.start + .seconds(1_000)
        #expect(deadlines.next(timings, at: later).at == later + .seconds(60))
        let end = self.start + .seconds(3_599)
        #expect(deadlines.next(timings, at: end).at == self.start + .seconds(3_600))
        #expect(deadlines.next(timings, at: end).expiry == .whole)
    }
}

extension OnTheLoop {
    @Test func `connecting takes too long`() async throws {
        let hole = try BlackHole()
        defer { hole.close() }
        try await withDoor { door, timers in
            let recorder = Recorder()
            _ = door.send(try Granter(port: hole.port).grant(), to: recorder)
            await LoopTimers().sleep(for: .milliseconds(5))
            timers.advance(by: Bounds.connect - .milliseconds(1))
            #expect(recorder.end == nil)
            timers.advance(by: .milliseconds(1))
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .upstreamConnectTimeout)
            #expect(failure.sentNothing)
        }
    }

    @Test func `an address that swallows everything leaves time for the next`() async throws {
        let server = ScriptedServer(address: "127.0.0.3") { connection in
            while connection.readRequest() != nil { connection.answer() }
        }
        let hole = try BlackHole(address: "127.0.0.2", port: server.port)
        defer {
            server.stop()
            hole.close()
        }
        try await withDoor { door, timers in
            let recorder = Recorder()
            let granter = try Granter(addresses: ["127.0.0.2", "127.0.0.3"], port: server.port)
            _ = door.send(try granter.grant(), to: recorder)
            await LoopTimers().sleep(for: .milliseconds(5))
            #expect(server.connections == 0)
            timers.advance(by: .seconds(1))
            #expect(await recorder.waitForEnd() == .completed)
        }
    }

    @Test func `the answer does not begin`() async throws {
        let asked = Flag()
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n")
            asked.set()
            connection.waitForEnd()
        }
        defer { server.stop() }
        try await withDoor { door, timers in
            let recorder = Recorder()
            _ = door.send(try Granter(port: server.port).grant(), to: recorder)
            #expect(await eventually { asked.isSet })
            timers.advance(by: Bounds.firstByte - .milliseconds(1))
            #expect(recorder.end == nil)
            timers.advance(by: .milliseconds(1))
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .upstreamFirstByteTimeout)
            #expect(failure.phase == .waiting)
        }
    }

    @Test func `a limit for the first byte below that for connecting is kept too`() async throws {
        let asked = Flag()
        let server = ScriptedServer { connection in
            connection.readRequest()
            asked.set()
            connection.waitForEnd()
        }
        defer { server.stop() }
        try await withDoor { door, timers in
            let recorder = Recorder()
            let limits = TransferLimits(firstByte: .milliseconds(100))
            _ = door.send(try Granter(port: server.port).grant(), limits: limits, to: recorder)
            #expect(await eventually { asked.isSet })
            timers.advance(by: .milliseconds(99))
            #expect(recorder.end == nil)
            timers.advance(by: .milliseconds(1))
            #expect(try await recorder.waitForFailure().reason == .upstreamFirstByteTimeout)
        }
    }

    @Test func `the answer falls silent, unless we keep it waiting`() async throws {
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
            connection.waitForEnd()
        }
        defer { server.stop() }
        try await withDoor { door, timers in
            let recorder = Recorder()
            let transfer = door.send(try Granter(port: server.port).grant(), to: recorder)
            await recorder.waitForBody()
            timers.advance(by: .seconds(59))
            transfer.pause()
            timers.advance(by: .seconds(500))
            transfer.resume()
            timers.advance(by: .seconds(59))
            #expect(recorder.end == nil)
            timers.advance(by: .seconds(1))
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .upstreamStalled)
            #expect(failure.phase == .answering)
        }
    }

    @Test func `bytes that keep coming end at the limit for the whole`() async throws {
        let server = ScriptedServer { connection in
            connection.readRequest()
            connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while connection.send("x") { usleep(200) }
        }
        defer { server.stop() }
        try await withDoor { door, timers in
            let recorder = Recorder()
            _ = door.send(try Granter(port: server.port).grant(), to: recorder)
            for _ in 0..<72 {
                await recorder.waitForBody()
                #expect(recorder.end == nil)
                timers.advance(by: .seconds(50))
            }
            let failure = try await recorder.waitForFailure()
            #expect(failure.reason == .upstreamTimeout)
        }
    }

    @Test func `timings tell where the time went`() async throws {
        let (asked, go) = (Flag(), Flag())
        let server = ScriptedServer { connection in
            while connection.readRequest() != nil {
                asked.set()
                go.wait()
                connection.answer()
            }
        }
        defer { server.stop() }
        try await withDoor { door, timers in
            let recorder = Recorder()
            let transfer = door.send(try Granter(port: server.port).grant(), to: recorder)
            #expect(await eventually { asked.isSet })
            timers.advance(by: .seconds(7))
            go.set()
            #expect(await recorder.waitForEnd() == .completed)
            #expect(transfer.timings.connecting == .zero)
            #expect(transfer.timings.untilFirstByte == .seconds(7))
            #expect(!transfer.timings.reusedConnection)
            #expect(timers.nextDeadline == timers.now + .seconds(60), "only the idle pool's timer is left")
        }
    }
}
