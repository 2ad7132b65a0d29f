import EventLoop
import Testing
import Vocabulary

extension OnTheLoop {
    /// What both clocks promise.
    @Suite struct BothClocks {
        enum Kind: CaseIterable { case real, settable }

        @Test(arguments: Kind.allCases) func `timers fire in order, never early, never within the call`(
            _ kind: Kind
        ) async throws {
            try await onLoop {
                let timers: any Timers = kind == .real ? LoopTimers() : SettableTimers()
                var order: [String] = []
                let begin = timers.now
                let done = Waiter<Void>()
                timers.schedule(after: .milliseconds(4)) {
                    #expect(timers.now - begin >= .milliseconds(4))
                    order.append("last")
                    done.resume(())
                }
                timers.schedule(after: .milliseconds(2)) {
                    #expect(timers.now - begin >= .milliseconds(2))
                    order.append("second")
                }
                timers.schedule(after: .zero) { order.append("zero") }
                timers.schedule(after: .milliseconds(-5)) { order.append("past") }
                timers.schedule(after: .milliseconds(2)) { order.append("third") }
                #expect(order.isEmpty)
                (timers as? SettableTimers)?.advance(by: .milliseconds(4))
                await done.wait()
                #expect(order == ["zero", "past", "second", "third", "last"])
            }
        }

        @Test(arguments: Kind.allCases) func `a cancelled timer does not fire, even if cancelled by one before it`(
            _ kind: Kind
        ) async throws {
            try await onLoop {
                let timers: any Timers = kind == .real ? LoopTimers() : SettableTimers()
                var fired: [Int] = []
                let done = Waiter<Void>()
                let first = timers.schedule(after: .milliseconds(1)) { fired.append(1) }
                var third: TimerToken?
                timers.schedule(after: .milliseconds(2)) {
                    fired.append(2)
                    third?.cancel()
                    third?.cancel()
                }
                third = timers.schedule(after: .milliseconds(2)) { fired.append(3) }
                let last = timers.schedule(after: .milliseconds(3)) { done.resume(()) }
                first.cancel()
                first.cancel()
                (timers as? SettableTimers)?.advance(by: .milliseconds(3))
                await done.wait()
                last.cancel()
                #expect(fired == [2])
            }
        }
    }

    @Suite struct RealTimers {
        @Test func `more timers than one callback takes all fire, in order`() async throws {
            try await onLoop {
                let timers = LoopTimers()
                var fired: [Int] = []
                let done = Waiter<Void>()
                for number in 0..<1000 {
                    timers.schedule(after: .zero) {
                        fired.append(number)
                        if number == 999 { done.resume(()) }
                    }
                }
                await done.wait()
                #expect(fired == Array(0..<1000))
            }
        }

        @Test func `a timer that sets itself again for now leaves room for others`() async throws {
            try await onLoop {
                let timers = LoopTimers()
                var rounds = 0
                var goesOn = true
                @LoopActor func again() {
                    rounds += 1
                    if goesOn { timers.schedule(after: .zero) { again() } }
                }
                again()
                await timers.sleep(for: .milliseconds(3))
                goesOn = false
                #expect(rounds > 1)
            }
        }

        @Test func `an earlier timer after a later one is not held up`() async throws {
            try await onLoop {
                let timers = LoopTimers()
                let long = timers.schedule(after: .seconds(600)) {}
                let begin = timers.now
                await timers.sleep(for: .milliseconds(1))
                #expect(timers.now - begin < .seconds(60))
                long.cancel()
            }
        }

        @Test func `the clocks stand still within a job and move between jobs`() async throws {
            try await onLoop {
                let timers = LoopTimers()
                let (now, wall) = (timers.now, timers.wallNow)
                var sum = 0
                for number in 0..<100_000 { sum &+= number }
                #expect(sum > 0)
                #expect(timers.now == now)
                #expect(timers.wallNow == wall)
                await timers.sleep(for: .milliseconds(2))
                #expect(timers.now - now >= .milliseconds(2))
                #expect(timers.wallNow > wall)
                #expect(timers.wallNow.utc.year >= 2024)
            }
        }
    }

    @Suite struct Settable {
        @Test func `each action sees its own deadline, and what it schedules in time runs too`() async throws {
            try await onLoop {
                let timers = SettableTimers(now: .zero)
                var seen: [Int64] = []
                @LoopActor func note() { seen.append((timers.now - .zero).milliseconds) }
                timers.schedule(after: .milliseconds(10)) {
                    note()
                    timers.schedule(after: .milliseconds(5)) { note() }
                    timers.schedule(after: .milliseconds(50)) { note() }
                }
                timers.schedule(after: .milliseconds(12)) { note() }
                timers.advance(by: .milliseconds(20))
                #expect(seen == [10, 12, 15])
                #expect(timers.now == .zero + .milliseconds(20))
                #expect(timers.nextDeadline == .zero + .milliseconds(60))
                #expect(timers.count == 1)
                timers.advance(by: .milliseconds(40))
                #expect(seen == [10, 12, 15, 60])
            }
        }

        @Test func `the wall clock goes along, and jumps alone`() async throws {
            try await onLoop {
                let timers = SettableTimers()
                let (now, wall) = (timers.now, timers.wallNow)
                timers.advance(by: .seconds(3))
                #expect(timers.wallNow == wall + .seconds(3))
                timers.stepWallClock(by: .seconds(-3600))
                #expect(timers.wallNow == wall + .seconds(-3597))
                #expect(timers.now == now + .seconds(3))
            }
        }
    }
}
