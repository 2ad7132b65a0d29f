import Testing
import Vocabulary

@testable import SimulatedOllama

@Suite struct SchedulerTests {
    typealias Ticket = Scheduler.Ticket

    private var scheduler = Scheduler(loadedMax: 1, queueMax: 1, keepAlive: .seconds(300))

    private static func at(_ seconds: Double) -> Instant {
        Instant(nanoseconds: 1_000_000_000) + .nanoseconds(Int64(seconds * 1e9))
    }

    private static func need(
        _ file: String, slots: Int = 1, context: Int = 4096, keepAlive: Duration? = nil, load: Duration = .zero,
        fails: Bool = false
    ) -> Scheduler.Need {
        .init(
            file: file, options: .init(contextLength: context), slots: slots, keepAlive: keepAlive, loadTime: load,
            failsToLoad: fails)
    }

    private mutating func submit(_ number: UInt64, _ need: Scheduler.Need, at seconds: Double = 0)
        -> Scheduler.Admission
    {
        self.scheduler.submit(Ticket(number: number), need, at: Self.at(seconds))
    }

    @Test mutating func `slots are given in the order of asking`() {
        #expect(self.submit(1, Self.need("a", slots: 2)) == .running)
        #expect(self.submit(2, Self.need("a", slots: 2)) == .running)
        #expect(self.submit(3, Self.need("a", slots: 2)) == .waiting)
        #expect(self.submit(4, Self.need("a", slots: 2)) == .waiting)
        self.scheduler.finished(Ticket(number: 2), at: Self.at(1))
        #expect(self.scheduler.takeEvents() == [.started(Ticket(number: 3), afterLoad: false)])
        self.scheduler.finished(Ticket(number: 1), at: Self.at(2))
        #expect(self.scheduler.takeEvents() == [.started(Ticket(number: 4), afterLoad: false)])
    }

    @Test mutating func `lost slots are back when the model is unloaded`() {
        #expect(self.submit(1, Self.need("a")) == .running)
        self.scheduler.loseSlots(of: "a")
        self.scheduler.finished(Ticket(number: 1), at: Self.at(1))
        #expect(self.submit(2, Self.need("a"), at: 1) == .waiting)
        self.scheduler.abandoned(Ticket(number: 2), at: Self.at(2))
        #expect(self.scheduler.runners.count == 1 && self.scheduler.takeEvents().isEmpty)
        self.scheduler.unload("a", at: Self.at(3))
        #expect(self.scheduler.runners.isEmpty)
        #expect(self.submit(3, Self.need("a"), at: 4) == .running)
    }

    @Test mutating func `requests for a loaded model are never refused`() {
        #expect(self.submit(0, Self.need("a")) == .running)
        for number in 1..<1000 as Range<UInt64> { #expect(self.submit(number, Self.need("a")) == .waiting) }
    }

    @Test mutating func `one load is worked on, one waits, the next is refused`() {
        #expect(self.submit(1, Self.need("busy")) == .running)
        #expect(self.submit(2, Self.need("b")) == .waiting)
        #expect(self.submit(3, Self.need("c")) == .waiting)
        #expect(self.submit(4, Self.need("d")) == .refused)
        #expect(self.submit(5, Self.need("busy")) == .waiting)
        #expect(self.scheduler.counters.refusals == 1)
    }

    @Test mutating func `a model takes its time to load, and all other loads wait behind it`() {
        self.scheduler = Scheduler(loadedMax: 3, queueMax: 8, keepAlive: .seconds(300))
        #expect(self.submit(1, Self.need("a", load: .seconds(10))) == .waiting)
        #expect(self.submit(2, Self.need("b", load: .seconds(1))) == .waiting)
        #expect(self.scheduler.nextDeadline == Self.at(10))
        self.scheduler.advance(to: Self.at(9))
        #expect(self.scheduler.takeEvents().isEmpty)
        #expect(self.scheduler.runners.isEmpty)
        self.scheduler.advance(to: Self.at(10))
        #expect(self.scheduler.takeEvents() == [.started(Ticket(number: 1), afterLoad: true)])
        self.scheduler.advance(to: Self.at(11))
        #expect(self.scheduler.takeEvents() == [.started(Ticket(number: 2), afterLoad: true)])
    }

    @Test mutating func `a busy model is put out when it drains, and takes its own requests until then`() {
        #expect(self.submit(1, Self.need("a", slots: 2)) == .running)
        #expect(self.submit(2, Self.need("b")) == .waiting)
        #expect(self.submit(3, Self.need("a", slots: 2)) == .running)
        self.scheduler.finished(Ticket(number: 1), at: Self.at(1))
        #expect(self.scheduler.takeEvents().isEmpty)
        self.scheduler.finished(Ticket(number: 3), at: Self.at(2))
        #expect(self.scheduler.takeEvents() == [.started(Ticket(number: 2), afterLoad: true)])
        #expect(self.scheduler.runners.map(\.file) == ["b"])
        #expect(self.scheduler.counters.evictions == 1)
    }

    @Test mutating func `an abandoned waiter still causes its eviction, and nothing is loaded after it`() {
        #expect(self.submit(1, Self.need("a")) == .running)
        #expect(self.submit(2, Self.need("b")) == .waiting)
        self.scheduler.abandoned(Ticket(number: 2), at: Self.at(1))
        self.scheduler.finished(Ticket(number: 1), at: Self.at(2))
        #expect(self.scheduler.runners.isEmpty)
        #expect(self.scheduler.takeEvents().isEmpty)
        #expect(self.submit(3, Self.need("c"), at: 3) == .running)
    }

    @Test mutating func `a client that leaves keeps its place in the queue until the loop reaches it`() {
        #expect(self.submit(1, Self.need("a")) == .running)
        #expect(self.submit(2, Self.need("b")) == .waiting)
        #expect(self.submit(3, Self.need("c")) == .waiting)
        self.scheduler.abandoned(Ticket(number: 3), at: Self.at(1))
        #expect(self.submit(4, Self.need("d"), at: 1) == .refused)
        self.scheduler.finished(Ticket(number: 1), at: Self.at(2))
        #expect(self.scheduler.takeEvents() == [.started(Ticket(number: 2), afterLoad: true)])
        #expect(self.submit(5, Self.need("d"), at: 2) == .waiting)
    }

    @Test mutating func `a client that leaves while its model loads aborts the load`() {
        #expect(self.submit(1, Self.need("a", load: .seconds(10))) == .waiting)
        self.scheduler.abandoned(Ticket(number: 1), at: Self.at(9))
        #expect(self.scheduler.nextDeadline == nil)
        #expect(self.submit(2, Self.need("a", load: .seconds(10)), at: 9) == .waiting)
        #expect(self.scheduler.nextDeadline == Self.at(19))
    }

    @Test mutating func `a client that leaves while answering frees its slot`() {
        #expect(self.submit(1, Self.need("a")) == .running)
        #expect(self.submit(2, Self.need("a")) == .waiting)
        #expect(self.submit(3, Self.need("a")) == .waiting)
        self.scheduler.abandoned(Ticket(number: 2), at: Self.at(1))
        self.scheduler.abandoned(Ticket(number: 1), at: Self.at(2))
        #expect(self.scheduler.takeEvents() == [.started(Ticket(number: 3), afterLoad: false)])
    }

    @Test mutating func `another context reloads, the same one does not`() {
        #expect(self.submit(1, Self.need("a")) == .running)
        self.scheduler.finished(Ticket(number: 1), at: Self.at(1))
        #expect(self.submit(2, Self.need("a"), at: 1) == .running)
        self.scheduler.finished(Ticket(number: 2), at: Self.at(2))
        #expect(self.scheduler.counters.reloads == 0)
        #expect(self.submit(3, Self.need("a", context: 8192), at: 2) == .running)
        #expect(self.scheduler.counters == .init(loads: 2, reloads: 1))
        #expect(self.scheduler.runners.map(\.options.contextLength) == [8192])
    }

    @Test mutating func `keep alive counts from the end of the last request`() {
        #expect(self.submit(1, Self.need("a", keepAlive: .seconds(10))) == .running)
        self.scheduler.advance(to: Self.at(60))
        #expect(self.scheduler.runners.count == 1)
        self.scheduler.finished(Ticket(number: 1), at: Self.at(60))
        #expect(self.scheduler.nextDeadline == Self.at(70))
        self.scheduler.advance(to: Self.at(70))
        #expect(self.scheduler.runners.isEmpty)
        #expect(self.scheduler.counters.expiries == 1)
    }

    @Test mutating func `a keep alive of zero unloads after the answer, a negative one never`() {
        #expect(self.submit(1, Self.need("a", keepAlive: .zero)) == .running)
        self.scheduler.finished(Ticket(number: 1), at: Self.at(1))
        #expect(self.scheduler.runners.isEmpty)
        #expect(self.submit(2, Self.need("a", keepAlive: GoDuration.forever), at: 1) == .running)
        self.scheduler.finished(Ticket(number: 2), at: Self.at(2))
        #expect(self.scheduler.nextDeadline == nil)
        // Nothing said: what the runner has stays.
        #expect(self.submit(3, Self.need("a"), at: 2) == .running)
        self.scheduler.finished(Ticket(number: 3), at: Self.at(3))
        #expect(self.scheduler.nextDeadline == nil)
    }

    @Test mutating func `an idle model with the shortest keep alive goes first`() {
        self.scheduler = Scheduler(loadedMax: 2, queueMax: 8, keepAlive: .seconds(300))
        #expect(self.submit(1, Self.need("long", keepAlive: .seconds(600))) == .running)
        #expect(self.submit(2, Self.need("short", keepAlive: .seconds(60))) == .running)
        self.scheduler.finished(Ticket(number: 1), at: Self.at(1))
        #expect(self.submit(3, Self.need("new"), at: 2) == .running)
        #expect(self.scheduler.runners.map(\.file) == ["short", "new"])
    }

    @Test mutating func `a model that cannot be loaded fails its request and lets the next one on`() {
        #expect(self.submit(1, Self.need("broken", load: .seconds(1), fails: true)) == .waiting)
        #expect(self.submit(2, Self.need("a")) == .waiting)
        self.scheduler.advance(to: Self.at(1))
        #expect(
            self.scheduler.takeEvents() == [
                .loadFailed(Ticket(number: 1)), .started(Ticket(number: 2), afterLoad: true),
            ])
    }

    @Test mutating func `unloading waits for what is running`() {
        #expect(self.submit(1, Self.need("a")) == .running)
        self.scheduler.unload("a", at: Self.at(1))
        #expect(self.scheduler.runners.count == 1)
        self.scheduler.finished(Ticket(number: 1), at: Self.at(2))
        #expect(self.scheduler.runners.isEmpty)
    }
}
