import EventLoop
import Foundation
import Synchronization
import Testing
import Vocabulary

actor Elsewhere {
    func answer() -> Int { 42 }
}

extension OnTheLoop {
    @Suite struct Executor {
        @Test func `a task stays on the loop's thread across every kind of suspension`() async throws {
            try await onLoop {
                let timers = LoopTimers()
                #expect(UVLoop.main.onThread)
                await timers.sleep(for: .zero)
                #expect(UVLoop.main.onThread)
                #expect(await runOnWorker { UVLoop.main.onThread } == false)
                #expect(UVLoop.main.onThread)
                #expect(await Elsewhere().answer() == 42)
                #expect(UVLoop.main.onThread)
                await startTask { #expect(UVLoop.main.onThread) }.value
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<10 { group.addTask { @LoopActor in UVLoop.main.onThread } }
                    for await onThread in group { #expect(onThread) }
                }
                #expect(UVLoop.main.onThread)
            }
            #expect(!UVLoop.main.onThread)
        }

        @Test func `a flood of jobs keeps neither timers nor sockets waiting`() async throws {
            try await onLoop {
                let pair = try await Pair()
                let isFlooding = Box(true)
                var jobs = 0
                // Each job makes the next one ready: drained without a cap, the first callback would never end.
                let flood = startTask {
                    while isFlooding.value {
                        jobs += 1
                        await startTask {}.value
                    }
                }
                while jobs <= 2 * UVLoop.jobsPerCallbackMax { await LoopTimers().sleep(for: .milliseconds(1)) }
                let client = pair.client
                try await runOnWorker { try client.send([1, 2, 3]) }
                await pair.recorder.until { $0.bytes == [1, 2, 3] }
                isFlooding.value = false
                await flood.value
                await pair.end()
            }
        }

        @Test func `a burst of jobs from many threads runs whole`() async throws {
            let sum = try await onLoop {
                var sum = 0
                let done = Waiter<Void>()
                let add: @LoopActor @Sendable (Int) -> Void = { number in
                    sum += number
                    if sum == 4 * 5050 { done.resume(()) }
                }
                for _ in 0..<4 {
                    Thread.detachNewThread {
                        for number in 1...100 { startTask { add(number) } }
                    }
                }
                await done.wait()
                return sum
            }
            #expect(sum == 20_200)
        }

        @Test func `jobs of one task and one actor keep their order`() async throws {
            try await onLoop {
                var order: [Int] = []
                var tasks: [Task<Void, Never>] = []
                for number in 0..<1000 { tasks.append(startTask { order.append(number) }) }
                for task in tasks { await task.value }
                #expect(order == Array(0..<1000))
            }
        }

        @Test func `a waiter gives an early value to the next wait and says whether anyone waited`() async throws {
            try await onLoop {
                let waiter = Waiter<Int>()
                #expect(waiter.resume(1) == false)
                #expect(waiter.resume(2) == false)
                #expect(await waiter.wait() == 2)
                LoopTimers().schedule(after: .zero) { #expect(waiter.resume(3)) }
                #expect(await waiter.wait() == 3)
            }
        }
    }

    @Suite struct Isolation {
        @Test func `claiming the loop's isolation on another thread traps`() async {
            await #expect(processExitsWith: .failure) {
                LoopActor.assumeIsolated(()) {}
            }
        }

        @Test func `the loop can be stopped, before it runs too, and run again without losing a job`() async {
            await #expect(processExitsWith: .success) {
                UVLoop.main.stop()
                UVLoop.main.run()
                for _ in 0..<20 {
                    let onThread = Atomic<Bool>(false)
                    startTask {
                        await LoopTimers().sleep(for: .zero)
                        onThread.store(UVLoop.main.onThread, ordering: .relaxed)
                        UVLoop.main.stop()
                    }
                    UVLoop.main.run()
                    precondition(onThread.load(ordering: .relaxed))
                    precondition(!UVLoop.main.onThread)
                }
                exit(0)
            }
        }

        @Test func `running the loop twice traps`() async {
            await #expect(processExitsWith: .failure) {
                UVLoop.main.runOnOwnThread()
                await startTask {}.value
                UVLoop.main.run()
            }
        }
    }
}
