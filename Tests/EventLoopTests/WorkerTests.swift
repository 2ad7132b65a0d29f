import EventLoop
import Glibc
import Testing
import Vocabulary

extension OnTheLoop {
    @Suite struct Workers {
        struct Broken: Error, Equatable {
            let number: Int
        }

        @Test func `a worker's result and its error come back to the loop`() async throws {
            try await onLoop {
                #expect(await runOnWorker { () throws(Never) -> String in "done" } == "done")
                do throws(Broken) {
                    try await runOnWorker { () throws(Broken) -> Void in throw Broken(number: 7) }
                    Issue.record("nothing was thrown")
                } catch {
                    #expect(error == Broken(number: 7))  // Typed all the way: no cast.
                }
                #expect(UVLoop.main.onThread)
            }
        }

        @Test func `many pieces of work at once each get their own result`() async throws {
            try await onLoop {
                var results: [Int] = []
                var tasks: [Task<Void, Never>] = []
                for number in 0..<200 {
                    tasks.append(startTask { results.append(await runOnWorker { number * 2 }) })
                }
                for task in tasks { await task.value }
                #expect(results.sorted() == (0..<200).map { $0 * 2 })
            }
        }

        @Test func `names resolve, addresses pass, the rest is refused with a code`() async throws {
            try await onLoop {
                let local = try await resolveName("localhost").get()
                #expect(local.contains(IPAddress("127.0.0.1")!))
                #expect(Set(local).count == local.count)
                #expect(await resolveName("10.1.2.3") == .success([IPAddress("10.1.2.3")!]))
                #expect(await resolveName("fd00::1") == .success([IPAddress("fd00::1")!]))
                for name in ["", "a\0b", "fe80::1%lo", String(repeating: "x", count: 254)] {
                    guard case .failure(let error) = await resolveName(name) else {
                        Issue.record("\(name) was resolved")
                        continue
                    }
                    #expect(error.code == .nameUnknown)
                }
                guard case .failure(let error) = await resolveName("no-such-name.invalid") else {
                    Issue.record("a name that cannot exist (RFC 6761 section 6.4) was resolved")
                    return
                }
                #expect([.nameUnknown, .nameServiceFailed].contains(error.code))
                #expect(error.message.hasPrefix("resolving the name no-such-name.invalid: "))
            }
        }

        @Test func `a signal arrives on the loop until its source is closed`() async throws {
            try await onLoop {
                let arrived = Waiter<Void>()
                // By default this signal is ignored, so a late one does no harm.
                let source = try SignalSource(signal: SIGWINCH) { arrived.resume(()) }
                for _ in 0..<3 {
                    kill(getpid(), SIGWINCH)
                    await arrived.wait()
                }
                source.close()
                source.close()
                let error = #expect(throws: SocketError.self) { _ = try SignalSource(signal: SIGKILL) {} }
                #expect(error != nil)
            }
        }
    }

    @Suite struct Polls {
        @Test func `a watched descriptor is told while wanted, and only then`() async throws {
            try await onLoop {
                var ends: [Int32] = [0, 0]
                #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
                let (ours, theirs) = (ends[0], ends[1])
                var calls = 0
                let told = Waiter<PollHandle.Events>()
                let poll = try PollHandle(descriptor: ours) { events in
                    calls += 1
                    var byte: UInt8 = 0
                    if events.contains(.readable) { recv(ours, &byte, 1, 0) }
                    told.resume(events)
                }
                poll.start(readable: true, writable: false)
                send(theirs, [1], 1, 0)
                #expect(await told.wait() == .readable)

                poll.start(readable: true, writable: true)
                #expect(await told.wait() == .writable)
                poll.stop()
                let before = calls
                send(theirs, [1], 1, 0)
                await LoopTimers().sleep(for: .milliseconds(2))
                #expect(calls == before)

                poll.start(readable: true, writable: false)  // The byte is still there.
                #expect(await told.wait() == .readable)
                poll.stop()
                poll.start(readable: true, writable: false)
                close(theirs)
                #expect(await told.wait() == .readable)

                poll.close()
                poll.close()
                poll.start(readable: true, writable: true)
                close(ours)
            }
        }

        @Test func `a descriptor that cannot be watched is refused`() async throws {
            try await onLoop {
                let error = #expect(throws: SocketError.self) { _ = try PollHandle(descriptor: 9999) { _ in } }
                #expect(error?.code == .other)
                #expect(error?.message == "watching descriptor 9999: bad file descriptor (EBADF)")
            }
        }
    }
}
