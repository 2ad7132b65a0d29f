import Vocabulary

/// Names one scheduled action. Sequence numbers are never used twice, so an old ticket cannot cancel a new action.
struct TimerTicket: Hashable, Sendable {
    let slot: UInt32
    let sequence: UInt64
}

/// Actions by deadline, those with equal deadlines by order of insertion.
///
/// A binary heap of small entries; actions stand beside it, in slots. Most timers guard a request and are cancelled
/// long before they are due, so cancelling only empties the slot, and the entry stays in the heap until it reaches the
/// top or until dead entries outnumber live ones, when all are swept out at once: never more than
/// `2 * live + sweepAbove` entries, and a constant cost for each cancellation.
struct TimerQueue<Action> {
    private struct Entry {
        let deadline: Instant
        let sequence: UInt64
        let slot: UInt32

        @inline(__always)
        func isBefore(_ other: Entry) -> Bool {
            (self.deadline.nanoseconds, self.sequence) < (other.deadline.nanoseconds, other.sequence)
        }
    }

    private struct Slot {
        var sequence: UInt64
        var action: Action?
    }

    /// Dead entries up to this number are not worth a sweep.
    static var sweepAbove: Int { 64 }

    private var heap: [Entry] = []
    private var slots: [Slot] = []
    private var freeSlots: [UInt32] = []
    private var dead = 0
    private var nextSequence: UInt64 = 1

    /// Actions that wait.
    var count: Int { self.heap.count - self.dead }
    /// Entries kept, dead ones included.
    var entries: Int { self.heap.count }

    /// Every ticket given out from now on has this sequence number or a higher one.
    var sequence: UInt64 { self.nextSequence }

    mutating func schedule(at deadline: Instant, _ action: Action) -> TimerTicket {
        let sequence = self.nextSequence
        self.nextSequence += 1
        let slot: UInt32
        if let free = self.freeSlots.popLast() {
            slot = free
            self.slots[Int(slot)] = Slot(sequence: sequence, action: action)
        } else {
            slot = UInt32(self.slots.count)
            self.slots.append(Slot(sequence: sequence, action: action))
        }
        self.heap.append(Entry(deadline: deadline, sequence: sequence, slot: slot))
        self.siftUp(self.heap.count - 1)
        return TimerTicket(slot: slot, sequence: sequence)
    }

    /// Says whether the action was still waiting.
    @discardableResult
    mutating func cancel(_ ticket: TimerTicket) -> Bool {
        guard self.take(slot: ticket.slot, sequence: ticket.sequence) != nil else { return false }
        self.dead += 1
        if self.dead > Self.sweepAbove, self.dead > self.heap.count / 2 { self.sweep() }
        return true
    }

    /// The deadline of the next action.
    mutating func nextDeadline() -> Instant? {
        self.dropDeadTop()
        return self.heap.first?.deadline
    }

    /// Takes the next action that is due at `now` and was scheduled before `sequence`: actions scheduled while others
    /// run wait for the next round.
    mutating func popDue(at now: Instant, before sequence: UInt64 = .max) -> (deadline: Instant, action: Action)? {
        self.dropDeadTop()
        guard let top = self.heap.first, top.deadline <= now, top.sequence < sequence else { return nil }
        self.removeTop()
        guard let action = self.take(slot: top.slot, sequence: top.sequence) else {
            preconditionFailure("a timer at the top of the heap has no action")
        }
        return (top.deadline, action)
    }

    private mutating func take(slot: UInt32, sequence: UInt64) -> Action? {
        guard self.slots[Int(slot)].sequence == sequence else { return nil }
        var emptied = Slot(sequence: 0, action: nil)
        swap(&emptied, &self.slots[Int(slot)])
        self.freeSlots.append(slot)
        return emptied.action
    }

    private func isLive(_ entry: Entry) -> Bool {
        self.slots[Int(entry.slot)].sequence == entry.sequence
    }

    private mutating func dropDeadTop() {
        while self.dead > 0, let top = self.heap.first, !self.isLive(top) {
            self.removeTop()
            self.dead -= 1
        }
    }

    private mutating func sweep() {
        let slots = self.slots
        self.heap.removeAll { slots[Int($0.slot)].sequence != $0.sequence }
        self.dead = 0
        for index in stride(from: self.heap.count / 2 - 1, through: 0, by: -1) { self.siftDown(index) }
    }

    private mutating func removeTop() {
        let last = self.heap.removeLast()
        guard !self.heap.isEmpty else { return }
        self.heap[0] = last
        self.siftDown(0)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        let entry = self.heap[index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.isBefore(self.heap[parent]) else { break }
            self.heap[index] = self.heap[parent]
            index = parent
        }
        self.heap[index] = entry
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        let entry = self.heap[index]
        while true {
            var child = 2 * index + 1
            guard child < self.heap.count else { break }
            if child + 1 < self.heap.count, self.heap[child + 1].isBefore(self.heap[child]) { child += 1 }
            guard self.heap[child].isBefore(entry) else { break }
            self.heap[index] = self.heap[child]
            index = child
        }
        self.heap[index] = entry
    }
}
