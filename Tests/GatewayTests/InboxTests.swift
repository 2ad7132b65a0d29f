import EventLoop
import Testing

@testable import Gateway

/// The border between callbacks and the task that lives through a request.
@Suite(.timeLimit(.minutes(1))) struct InboxTests {
    @Test func `events that came before are taken in their order`() async throws {
        let taken = try await onLoop {
            let inbox = Inbox<Int>()
            for event in 1...5 { inbox.push(event) }
            var taken: [Int] = []
            for _ in 1...5 { taken.append(await inbox.next()) }
            return taken
        }
        #expect(taken == [1, 2, 3, 4, 5])
    }

    @Test func `a task that waits is woken by the next event, and finds those behind it`() async throws {
        let taken = try await onLoop {
            let inbox = Inbox<Int>()
            let done = Waiter<[Int]>()
            _ = startTask {
                var taken: [Int] = []
                while taken.count < 6 { taken.append(await inbox.next()) }
                done.resume(taken)
            }
            // The first one may find nobody, later ones find the task that waits for them.
            for event in 1...3 { inbox.push(event) }
            await LoopTimers().sleep(for: .zero)
            for event in 4...6 {
                inbox.push(event)
                await LoopTimers().sleep(for: .zero)
            }
            return await done.wait()
        }
        #expect(taken == [1, 2, 3, 4, 5, 6])
    }

    @Test func `two tasks that wait for one inbox are a fault of ours`() async {
        await #expect(processExitsWith: .failure) {
            _ = try await onLoop {
                let inbox = Inbox<Int>()
                _ = startTask { _ = await inbox.next() }
                _ = startTask { _ = await inbox.next() }
                await LoopTimers().sleep(for: .milliseconds(50))
            }
        }
    }

    @Test func `what is forgotten is not taken, and the rest keeps its order`() async throws {
        let taken = try await onLoop {
            let inbox = Inbox<Int>()
            for event in 1...6 { inbox.push(event) }
            inbox.forget { $0.isMultiple(of: 2) }
            inbox.push(8)
            var taken: [Int] = []
            for _ in 1...4 { taken.append(await inbox.next()) }
            return taken
        }
        #expect(taken == [1, 3, 5, 8])
    }
}
