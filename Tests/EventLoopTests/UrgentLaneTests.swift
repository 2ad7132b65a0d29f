import CLibuv
import Glibc
import Testing
import Vocabulary

@testable import EventLoop

extension OnTheLoop {
    @Suite struct Urgent {
        /// How many of 100 descriptors that were all ready at once, each of which holds the loop for half a
        /// millisecond, had been dealt with when bytes arrived that were sent during the first.
        @LoopActor private static func dealtWithBefore(isUrgent: Bool) async throws -> Int {
            let pair = try await Pair(isUrgent: isUrgent)
            let client = pair.client
            let dealtWith = Box(0)
            let seen = Box<Int?>(nil)
            pair.recorder.onBytes = { _ in seen.value = dealtWith.value }
            let done = Waiter<Void>()
            let polls = Box<[PollHandle]>([])
            var descriptors: [Int32] = []
            for index in 0..<100 {
                var ends: [Int32] = [0, 0]
                try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
                try #require(send(ends[1], "x", 1, 0) == 1)
                let poll = try PollHandle(descriptor: ends[0]) { _ in
                    polls.value[index].close()
                    if dealtWith.value == 0 { try? client.send([1]) }
                    dealtWith.value += 1
                    let until = monotonicNanoseconds() + 500_000
                    while monotonicNanoseconds() < until {}
                    if dealtWith.value == 100 { done.resume(()) }
                }
                polls.value.append(poll)
                descriptors += ends
            }
            for poll in polls.value { poll.start(readable: true, writable: false) }
            await done.wait()
            await pair.recorder.until { _ in seen.value != nil }
            for descriptor in descriptors { close(descriptor) }
            await pair.end()
            return try #require(seen.value)
        }

        @Test func `an urgent connection is served in the middle of a busy turn`() async throws {
            try await onLoop {
                let urgent = try await Self.dealtWithBefore(isUrgent: true)
                #expect(urgent <= 20)
                let ordinary = try await Self.dealtWithBefore(isUrgent: false)
                #expect(ordinary > 20)
            }
        }

        @Test func `an urgent connection works as any other does while the loop is idle`() async throws {
            try await onLoop {
                let pair = try await Pair(isUrgent: true)
                let client = pair.client
                pair.recorder.onBytes = { pair.connection.write($0) }
                let sent = [UInt8](repeating: 7, count: 3 << 20)
                let sending = startTask {
                    _ = try? await runOnWorker {
                        try client.send(sent)
                        client.endSending()
                    }
                }
                let ending = startTask {
                    await pair.recorder.until { $0.ends == 1 }
                    pair.connection.shutdownWrite()
                }
                let received = try await runOnWorker { try client.receiveAll() }
                #expect(received == sent)
                await sending.value
                await ending.value
                await pair.end()
            }
        }
    }
}
