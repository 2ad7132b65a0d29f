import CLibuv
import Glibc
import Testing
import Vocabulary

@testable import EventLoop

extension OnTheLoop {
    @Suite struct Streams {
        @Test func `an echo of 20 MB to a slow reader comes back whole from a flat queue`() async throws {
            try await onLoop {
                let pair = try await Pair()
                let connection = pair.connection
                var queuedMax = 0
                let firstPause = Waiter<Void>()
                pair.recorder.onBytes = { bytes in
                    connection.write(bytes)
                    queuedMax = max(queuedMax, connection.bytesQueued)
                    if connection.bytesQueued > Bounds.streamBuffer.count {
                        connection.pauseReading()
                        firstPause.resume(())
                    }
                }
                pair.recorder.onDrained = { connection.startReading() }
                let client = pair.client
                let sent = pattern(20 << 20)
                let sending = startTask {
                    _ = try? await runOnWorker {
                        try client.send(sent)
                        client.endSending()
                    }
                }
                let ending = startTask {
                    await pair.recorder.until { $0.ends == 1 }
                    connection.shutdownWrite()
                }
                await firstPause.wait()  // The reader takes nothing until every buffer on the way is full.
                let received = try await runOnWorker { try client.receiveAll(max: 16_384) }
                await sending.value
                await ending.value
                #expect(received == sent)
                #expect(queuedMax > Bounds.streamBuffer.count)
                // One buffer of 64 KiB may arrive on top of a queue just below the bound.
                #expect(queuedMax <= Bounds.streamBuffer.count + 65_536)
                await pair.end()
            }
        }

        @Test func `many small writes to a stopped reader stay in order, and the end waits for them`() async throws {
            try await onLoop {
                let pair = try await Pair()
                var expected: [UInt8] = []
                var number = 0
                // Until every buffer of the kernel is full and a good part waits here.
                while pair.connection.bytesQueued < 1 << 20 {
                    let line = Array(
                        "line \(number), somewhat longer than the shortest that could be thought of\n".utf8)
                    expected += line + line + [0x2E] + line + line + [0x21]
                    pair.connection.write(line)
                    pair.connection.write(line, [0x2E])
                    pair.connection.write(line, line, [0x21])
                    number += 1
                }
                pair.connection.shutdownWrite()
                pair.connection.shutdownWrite()
                pair.connection.write([1])  // Too late: goes nowhere.
                let client = pair.client
                let received = try await runOnWorker { try client.receiveAll() }
                #expect(received == expected)
                await pair.end()
                #expect(pair.recorder.drains > 0)
                #expect(pair.recorder.error == nil)
            }
        }

        @Test func `a connection closed twice is told once, and nothing after`() async throws {
            try await onLoop {
                let pair = try await Pair()
                let client = pair.client
                try await runOnWorker { try client.send([1, 2, 3]) }
                pair.connection.close()
                pair.connection.close()
                pair.connection.reset()
                pair.connection.startReading()
                pair.connection.write([1])
                pair.connection.shutdownWrite()
                await pair.recorder.until { $0.closes > 0 }
                await handlesClosed()
                #expect(pair.recorder.closes == 1)
                #expect(pair.recorder.error == nil)
                #expect(pair.connection.handler == nil)
                #expect(pair.connection.bytesQueued == 0)
                #expect(pair.connection.local == nil)
                await pair.end()
            }
        }

        @Test func `closing with bytes queued frees them`() async throws {
            try await onLoop {
                let pair = try await Pair()
                pair.connection.write(pattern(8 << 20))
                pair.connection.write(pattern(1 << 20))
                #expect(pair.connection.bytesQueued > 1 << 20)
                pair.connection.close()
                await pair.recorder.until { $0.closes == 1 }
                #expect(pair.recorder.error == nil)
                await pair.end()
            }
        }

        @Test func `after the client's end answers still reach it`() async throws {
            try await onLoop {
                let pair = try await Pair()
                let client = pair.client
                try await runOnWorker {
                    try client.send([1, 2])
                    client.endSending()
                }
                await pair.recorder.until { $0.ends == 1 }
                #expect(pair.recorder.bytes == [1, 2])
                pair.connection.startReading()  // As after a pause; the end is not told again.
                pair.connection.write([3, 4])
                pair.connection.shutdownWrite()
                #expect(try await runOnWorker { try client.receiveAll() } == [3, 4])
                #expect(pair.recorder.ends == 1)
                await pair.end()
            }
        }

        @Test func `a paused connection takes nothing until it is started again`() async throws {
            try await onLoop {
                let pair = try await Pair()
                pair.connection.pauseReading()
                pair.connection.pauseReading()
                let client = pair.client
                try await runOnWorker { try client.send([7]) }
                await LoopTimers().sleep(for: .milliseconds(3))
                #expect(pair.recorder.bytes.isEmpty)
                pair.connection.startReading()
                pair.connection.startReading()
                await pair.recorder.until { $0.bytes == [7] }
                await pair.end()
            }
        }

        @Test func `a reset shows as one on either side`() async throws {
            try await onLoop {
                let ours = try await Pair()
                let client = ours.client
                ours.connection.reset()
                let failure = await runOnWorker { () throws(Never) -> Int32 in
                    do { return Int32(try client.receive().count) } catch {
                        return (error as? TestClient.Failure)?.errno ?? 0
                    }
                }
                #expect(failure == ECONNRESET)
                await ours.end()

                let theirs = try await Pair()
                theirs.client.reset()
                await theirs.recorder.until { $0.closes == 1 }
                #expect(theirs.recorder.error?.code == .connectionLost)
                let message = try #require(theirs.recorder.error?.message)
                #expect(message.hasPrefix("reading from 127.0.0.1:"))
                #expect(message.hasSuffix("(ECONNRESET)"))
                theirs.listener.close()
            }
        }

        @Test func `writing to a client that has gone ends the connection with its cause`() async throws {
            try await onLoop {
                let pair = try await Pair()
                pair.connection.pauseReading()
                pair.client.reset()
                await LoopTimers().sleep(for: .milliseconds(2))
                pair.connection.write([1])
                pair.connection.write([2])
                await pair.recorder.until { $0.closes == 1 }
                #expect(pair.recorder.error?.code == .connectionLost)
                pair.listener.close()
            }
        }

        @Test(arguments: [false, true]) func `both ends are known, and small writes go out at once`(
            v6: Bool
        ) async throws {
            try await onLoop {
                let pair = try await Pair(v6: v6)
                guard case .tcp(let peer) = pair.connection.peer else {
                    Issue.record("not a TCP peer")
                    return
                }
                #expect(peer.address == IPAddress(v6 ? "::1" : "127.0.0.1"))
                #expect(peer.port != 0)
                #expect(pair.connection.local == pair.listener.address)
                #expect(noDelay(of: pair.connection) == 1)
                await pair.end()
            }
        }
    }
}

/// Bytes that repeat only after 251, so that a lost or doubled block shows.
private func pattern(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: index % 251) }
        filled = count
    }
}

@LoopActor private func noDelay(of connection: StreamConnection) -> Int32 {
    var descriptor: Int32 = -1
    var value: Int32 = -1
    var size = socklen_t(MemoryLayout<Int32>.size)
    uv_fileno(connection.raw, &descriptor)
    getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &value, &size)
    return value
}
