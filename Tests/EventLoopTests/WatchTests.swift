import EventLoop
import Foundation
import Synchronization
import Testing
import Vocabulary

extension OnTheLoop {
    @Suite struct Watch {
        @Test func `a timer that holds the loop is named`() async throws {
            let told = try await onLoop {
                let told = Waiter<String>()
                UVLoop.main.onSlow = { _, label in told.resume(label) }
                LoopTimers().schedule(after: .zero) { spin(for: 60) }
                defer { UVLoop.main.onSlow = nil }
                return await told.wait()
            }
            #expect(told == "timer")
        }

        @Test func `a job that holds the loop is named by the callback that made it ready`() async throws {
            let (label, held) = try await onLoop {
                let told = Waiter<(String, Duration)>()
                UVLoop.main.onSlow = { held, label in told.resume((label, held)) }
                await LoopTimers().sleep(for: .zero)
                let slowBefore = UVLoop.main.figures.slow
                spin(for: 60)
                defer { UVLoop.main.onSlow = nil }
                let result = await told.wait()
                #expect(UVLoop.main.figures.slow == slowBefore + 1)
                return result
            }
            #expect(label == "jobs after timer")
            #expect(held >= .milliseconds(60))
        }

        @Test func `another thread sees what holds the loop, and since when`() async throws {
            UVLoop.main.runOnOwnThread()
            let isInside = DispatchSemaphore(value: 0)
            let mayLeave = DispatchSemaphore(value: 0)
            startTask {
                LoopTimers().schedule(after: .zero) {
                    isInside.signal()
                    mayLeave.wait()
                }
            }
            let seen = await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    isInside.wait()
                    let first = UVLoop.main.held
                    let second = UVLoop.main.held
                    let tick = UVLoop.main.lastTick
                    mayLeave.signal()
                    continuation.resume(returning: (first, second, tick))
                }
            }
            #expect(seen.0?.by == "timer")
            #expect(try #require(seen.1?.for) >= #require(seen.0?.for))
            #expect(seen.2 > .zero)
        }

        @Test func `figures count turns by their length`() async throws {
            try await onLoop {
                _ = UVLoop.main.takeLongestTurn()
                let before = UVLoop.main.figures
                LoopTimers().schedule(after: .zero) { spin(for: 12) }
                for _ in 0..<3 { await LoopTimers().sleep(for: .milliseconds(1)) }
                let after = UVLoop.main.figures
                #expect(after.turns > before.turns)
                #expect(after.callbacks > before.callbacks)
                #expect(after.jobs > before.jobs)
                #expect(after.busy - before.busy >= .milliseconds(12))
                #expect(after.turnsByLength.reduce(0, +) == after.turns)
                #expect(UVLoop.main.takeLongestTurn() >= .milliseconds(12))
            }
        }
    }
}

/// Holds the thread, as a computation would.
private func spin(for milliseconds: Double) {
    let end = Date().addingTimeInterval(milliseconds / 1000)
    while Date() < end {}
}
