import EventLoop
import Foundation
import Glibc
import Residency
import Testing
import Vocabulary

@testable import Outbound

#if DEBUG
    private let longAnswer = 64 << 20
#else
    private let longAnswer = 300 << 20
#endif

private let hasAddressSanitizer = dlsym(nil, "__asan_init") != nil

/// Answers with `count` bytes, chunked or not, in pieces of 64 KiB.
private func longServer(_ count: Int, chunked: Bool) -> ScriptedServer {
    ScriptedServer { connection in
        connection.readRequest()
        let piece = [UInt8](repeating: 0x78, count: 65_536)
        connection.send("HTTP/1.1 200 OK\r\n")
        connection.send(chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "Content-Length: \(count)\r\n\r\n")
        for _ in 0..<(count / piece.count) {
            if chunked { connection.send("10000\r\n") }
            guard connection.send(piece) else { return }
            if chunked { connection.send("\r\n") }
        }
        if chunked { connection.send("0\r\n\r\n") }
        connection.waitForEnd()
    }
}

/// Resident memory of this process in bytes.
private func residentBytes() -> Int {
    let fields = try! String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    return Int(fields[1])! * Int(getpagesize())
}

extension OnTheLoop {
    @Test(arguments: [false, true])
    func `a reader that pauses keeps memory flat`(chunked: Bool) async throws {
        let server = longServer(longAnswer, chunked: chunked)
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            recorder.keepsBody = false
            let transfer = door.send(try Granter(port: server.port).grant(), to: recorder)
            var untilPause = 0
            var pauses = 0
            var longest = 0
            recorder.onEvent = { event in
                guard case .body(let bytes) = event else { return }
                longest = max(longest, bytes.count)
                untilPause += bytes.count
                if untilPause > 1 << 20 {
                    untilPause = 0
                    pauses += 1
                    transfer.pause()
                    // Before the pause has reached libcurl, and after.
                    if pauses % 2 == 0 { transfer.resume() }
                    startTask {
                        for _ in 0..<3 { await LoopTimers().sleep(for: .zero) }
                        transfer.resume()
                    }
                }
            }
            await recorder.waitForBody()
            let before = residentBytes()
            var most = before
            while recorder.end == nil {
                most = max(most, residentBytes())
                await LoopTimers().sleep(for: .milliseconds(5))
            }
            #expect(await recorder.waitForEnd() == .completed)
            #expect(recorder.bytes == longAnswer)
            #expect(pauses >= longAnswer >> 21)
            #expect(longest < Bounds.streamBuffer.count + 32_768)
            // The address sanitizer keeps what is freed.
            if !hasAddressSanitizer { #expect(most - before < 24 << 20, "memory grew by \((most - before) >> 20) MiB") }
        }
    }

    @Test func `a paused transfer tells nothing, not even its end`() async throws {
        let server = echoServer("whole")
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            let transfer = door.send(try Granter(port: server.port).grant(), to: recorder)
            recorder.onEvent = { event in
                if case .head = event { transfer.pause() }
            }
            await recorder.waitForHead()
            for _ in 0..<20 { await LoopTimers().sleep(for: .milliseconds(1)) }
            #expect(recorder.bytes == 0 && recorder.end == nil)
            transfer.resume()
            #expect(recorder.bytes == 0, "nothing is told within resume")
            #expect(await recorder.waitForEnd() == .completed)
            #expect(recorder.text == "whole")
        }
    }

    @Test func `a paused backend is held back`() async throws {
        let server = longServer(longAnswer, chunked: true)
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            recorder.keepsBody = false
            let transfer = door.send(try Granter(port: server.port).grant(), to: recorder)
            await recorder.waitForBody()
            transfer.pause()
            for _ in 0..<10 { await LoopTimers().sleep(for: .milliseconds(1)) }
            let before = recorder.bytes
            for _ in 0..<30 { await LoopTimers().sleep(for: .milliseconds(1)) }
            #expect(recorder.bytes == before)
            transfer.cancel()
            transfer.resume()
            transfer.pause()
            transfer.cancel()
        }
    }

    // MARK: Cancelling

    @Test func `a transfer is cancelled while it connects`() async throws {
        let hole = try BlackHole()
        defer { hole.close() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            let transfer = door.send(try Granter(port: hole.port).grant(), to: recorder)
            for _ in 0..<5 { await LoopTimers().sleep(for: .zero) }
            #expect(transfer.phase == .connecting)
            transfer.cancel()
            #expect(door.figures.transfersOpen == 0)
            for _ in 0..<5 { await LoopTimers().sleep(for: .zero) }
            #expect(recorder.end == nil)
        }
    }

    @Test func `a transfer is cancelled at once after it was begun`() async throws {
        let server = echoServer()
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            door.send(try Granter(port: server.port).grant(), to: recorder).cancel()
            for _ in 0..<20 { await LoopTimers().sleep(for: .milliseconds(1)) }
            #expect(recorder.head == nil && recorder.end == nil)
        }
    }

    @Test func `a transfer is cancelled while it waits, and the backend sees the end`() async throws {
        let (asked, left) = (Flag(), Flag())
        let server = ScriptedServer { connection in
            connection.readRequest()
            asked.set()
            connection.waitForEnd()
            left.set()
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            let transfer = door.send(try Granter(port: server.port).grant(), to: recorder)
            #expect(await eventually { asked.isSet })
            #expect(transfer.phase == .waiting)
            transfer.cancel()
            #expect(await eventually { left.isSet })
            #expect(recorder.end == nil)
        }
    }

    @Test(arguments: ["head", "body", "end"])
    func `a transfer is cancelled from inside its events`(event: String) async throws {
        let server = ScriptedServer { connection in
            while connection.readRequest() != nil { connection.answer("0123456789") }
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let recorder = Recorder()
            var transfer: Transfer?
            var events: [String] = []
            recorder.onEvent = { told in
                switch told {
                case .head: events.append("head")
                case .body: events.append("body")
                case .end: events.append("end")
                }
                if events.last == event { transfer?.cancel() }
            }
            transfer = door.send(try Granter(port: server.port).grant(), to: recorder)
            #expect(await eventually { events.last == event })
            for _ in 0..<5 { await LoopTimers().sleep(for: .milliseconds(1)) }
            #expect(events.last == event)
            #expect(door.figures.transfersOpen == 0)
        }
    }

    @Test func `closing the door ends every transfer once`() async throws {
        let asked = Flag()
        let server = ScriptedServer { connection in
            connection.readRequest()
            asked.set()
            connection.waitForEnd()
        }
        defer { server.stop() }
        try await withDoor { door, _ in
            let (waiting, late) = (Recorder(), Recorder())
            _ = door.send(try Granter(port: server.port).grant(), to: waiting)
            #expect(await eventually { asked.isSet })
            door.close()
            #expect(waiting.end == nil, "nothing is told within close")
            #expect(try await waiting.waitForFailure().reason == .shutdown)
            _ = door.send(try Granter(port: server.port).grant(), to: late)
            #expect(try await late.waitForFailure().reason == .shutdown)
            #expect(server.connections == 1)
        }
    }
}
