import Testing
import Vocabulary

@testable import EventLoop

@Suite struct TimerQueueTests {
    private func at(_ nanoseconds: UInt64) -> Instant { Instant(nanoseconds: nanoseconds) }

    @Test func `actions come by deadline, equal ones in the order of insertion`() {
        let queue = Queue<String>()
        for (deadline, name) in [(30, "c"), (10, "a1"), (20, "b"), (10, "a2"), (10, "a3")] as [(UInt64, String)] {
            _ = queue.schedule(at: self.at(deadline), name)
        }
        var order: [String] = []
        while let due = queue.popDue(at: self.at(30)) { order.append(due.action) }
        #expect(order == ["a1", "a2", "a3", "b", "c"])
    }

    @Test func `nothing comes before its deadline`() {
        let queue = Queue<Int>()
        _ = queue.schedule(at: self.at(10), 1)
        #expect(queue.popDue(at: self.at(9))?.action == nil)
        #expect(queue.popDue(at: self.at(10))?.action == 1)
        #expect(queue.popDue(at: self.at(11))?.action == nil)
    }

    @Test func `an old ticket does not cancel the action that took its slot`() {
        let queue = Queue<Int>()
        let first = queue.schedule(at: self.at(10), 1)
        #expect(queue.cancel(first))
        #expect(!queue.cancel(first))
        let second = queue.schedule(at: self.at(10), 2)
        #expect(second.slot == first.slot)
        #expect(!queue.cancel(first))
        #expect(queue.popDue(at: self.at(10))?.action == 2)
        #expect(!queue.cancel(second))
    }

    @Test func `actions scheduled in a round wait for the next`() {
        let queue = Queue<Int>()
        _ = queue.schedule(at: self.at(10), 1)
        let round = queue.sequence
        _ = queue.schedule(at: self.at(10), 2)
        #expect(queue.popDue(at: self.at(10), before: round)?.action == 1)
        #expect(queue.popDue(at: self.at(10), before: round)?.action == nil)
        #expect(queue.popDue(at: self.at(10))?.action == 2)
    }

    @Test func `cancelled timers leave bounded garbage`() {
        let queue = Queue<Int>()
        // As in the daemon: a long timer for each request, cancelled soon, with a hundred requests under way.
        var open: [TimerTicket] = []
        var entriesMax = 0
        for number in 0..<100_000 {
            open.append(queue.schedule(at: self.at(1_000_000 + UInt64(number)), number))
            if open.count > 100 { _ = queue.cancel(open.removeFirst()) }
            entriesMax = max(entriesMax, queue.entries)
        }
        #expect(queue.count == 100)
        #expect(entriesMax <= 2 * 101 + TimerQueue<Int>.sweepAbove)
    }

    /// The heap against the plainest model there is: a list searched for the least entry.
    @Test(arguments: 0..<20 as Range<UInt64>) func `any mixture of calls goes as in a sorted list`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let queue = Queue<UInt64>()
        var model: [(deadline: UInt64, ticket: TimerTicket)] = []
        var now: UInt64 = 0
        for step in 0..<2_000 {
            switch UInt8.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let deadline = now + UInt64.random(in: 0..<50, using: &generator)
                model.append((deadline, queue.schedule(at: self.at(deadline), UInt64(step))))
            case 5..<8:
                guard let index = model.indices.randomElement(using: &generator) else { continue }
                #expect(queue.cancel(model.remove(at: index).ticket))
            default:
                now += UInt64.random(in: 0..<20, using: &generator)
                while let least = model.indices.min(by: { self.isBefore(model[$0], model[$1]) }),
                    model[least].deadline <= now
                {
                    #expect(queue.popDue(at: self.at(now))?.deadline.nanoseconds == model[least].deadline)
                    #expect(!queue.cancel(model[least].ticket))
                    model.remove(at: least)
                }
                #expect(queue.popDue(at: self.at(now))?.action == nil)
            }
            #expect(queue.count == model.count)
            #expect(queue.nextDeadline()?.nanoseconds == model.map(\.deadline).min())
        }
    }

    private func isBefore(
        _ left: (deadline: UInt64, ticket: TimerTicket), _ right: (deadline: UInt64, ticket: TimerTicket)
    ) -> Bool {
        (left.deadline, left.ticket.sequence) < (right.deadline, right.ticket.sequence)
    }
}

/// The queue behind a reference, since `#expect` cannot call what mutates a value.
private final class Queue<Action> {
    private var base = TimerQueue<Action>()

    var count: Int { self.base.count }
    var entries: Int { self.base.entries }
    var sequence: UInt64 { self.base.sequence }

    func schedule(at deadline: Instant, _ action: Action) -> TimerTicket { self.base.schedule(at: deadline, action) }
    func cancel(_ ticket: TimerTicket) -> Bool { self.base.cancel(ticket) }
    func nextDeadline() -> Instant? { self.base.nextDeadline() }
    func popDue(at now: Instant, before sequence: UInt64 = .max) -> (deadline: Instant, action: Action)? {
        self.base.popDue(at: now, before: sequence)
    }
}
