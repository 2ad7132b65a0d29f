import Vocabulary

/// What is going to happen, by time, then in the order in which it was scheduled: a binary heap.
struct EventQueue<Event> {
    private struct Entry {
        let time: Instant
        let number: Int
        let event: Event

        func isBefore(_ other: Entry) -> Bool {
            self.time != other.time ? self.time < other.time : self.number < other.number
        }
    }

    private var heap: [Entry] = []
    private var scheduled = 0

    mutating func schedule(_ event: Event, at time: Instant) {
        self.heap.append(Entry(time: time, number: self.scheduled, event: event))
        self.scheduled += 1
        var child = self.heap.count - 1
        while child > 0, self.heap[child].isBefore(self.heap[(child - 1) / 2]) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (time: Instant, event: Event)? {
        guard let first = self.heap.first else { return nil }
        self.heap.swapAt(0, self.heap.count - 1)
        self.heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < self.heap.count {
                if self.heap[child].isBefore(self.heap[least]) { least = child }
            }
            if least == parent { return (first.time, first.event) }
            self.heap.swapAt(parent, least)
            parent = least
        }
    }
}
