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
            let descriptors = try Self.readyDescriptors(100)
            for (index, descriptor) in descriptors.enumerated() {
                let poll = try PollHandle(descriptor: descriptor.ours) { _ in
                    polls.value[index].close()
                    if dealtWith.value == 0 { try? client.send([1]) }
                    dealtWith.value += 1
                    Self.hold(for: 500_000)
                    if dealtWith.value == 100 { done.resume(()) }
                }
                polls.value.append(poll)
            }
            for poll in polls.value { poll.start(readable: true, writable: false) }
            await done.wait()
            await pair.recorder.until { _ in seen.value != nil }
            for descriptor in descriptors { descriptor.close() }
            await pair.end()
            return try #require(seen.value)
        }

        /// Sockets that are ready to be read.
        private static func readyDescriptors(_ count: Int) throws -> [ReadySocket] {
            try (0..<count).map { _ in
                var ends: [Int32] = [0, 0]
                try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
                try #require(send(ends[1], "x", 1, 0) == 1)
                return ReadySocket(ours: ends[0], other: ends[1])
            }
        }

        private struct ReadySocket {
            let ours: Int32
            let other: Int32

            func close() {
                _ = Glibc.close(self.ours)
                _ = Glibc.close(self.other)
            }
        }

        /// Keeps the loop's thread busy.
        private static func hold(for nanoseconds: UInt64) {
            let until = monotonicNanoseconds() + nanoseconds
            while monotonicNanoseconds() < until {}
        }

        @Test func `an urgent connection is served in the middle of a busy turn`() async throws {
            try await onLoop {
                let urgent = try await Self.dealtWithBefore(isUrgent: true)
                #expect(urgent <= 20)
                let ordinary = try await Self.dealtWithBefore(isUrgent: false)
                #expect(ordinary > 20)
            }
        }

        @Test func `an urgent connection that never rests has half of the time at most`() async throws {
            try await onLoop {
                let pair = try await Pair(isUrgent: true)
                let client = pair.client
                let served = Box(0)
                let descriptors = try Self.readyDescriptors(50)
                let polls = Box<[PollHandle]>([])
                let dealtWith = Box(0)
                let done = Waiter<Void>()
                pair.recorder.onBytes = { _ in
                    served.value += 1
                    Self.hold(for: 2_000_000)
                    if dealtWith.value < 50 { try? client.send([1]) }
                }
                for (index, descriptor) in descriptors.enumerated() {
                    let poll = try PollHandle(descriptor: descriptor.ours) { _ in
                        polls.value[index].close()
                        if dealtWith.value == 0 { try? client.send([1]) }
                        dealtWith.value += 1
                        Self.hold(for: 200_000)
                        if dealtWith.value == 50 { done.resume(()) }
                    }
                    polls.value.append(poll)
                }
                for poll in polls.value { poll.start(readable: true, writable: false) }
                await done.wait()
                // 50 x 0.2 ms are 10 ms, in which 5 answers of 2 ms fit; once for each callback would be nearly 50.
                #expect(1...15 ~= served.value)
                for descriptor in descriptors { descriptor.close() }
                await pair.end()
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
