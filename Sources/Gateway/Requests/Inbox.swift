import DequeModule
import EventLoop

/// Events for one task, in order: callbacks of the loop put them in, the task awaits them one by one. This is the only
/// border between callback code and `async` code on a request's path.
@LoopActor
final class Inbox<Event: Sendable> {
    private var events = Deque<Event>()
    private var waiting: UnsafeContinuation<Event, Never>?

    /// Adds an event; a task that waits goes on when the current callback ends.
    func push(_ event: Event) {
        guard let waiting else { return self.events.append(event) }
        self.waiting = nil  // Before resuming: a second resume would be a silent memory fault.
        waiting.resume(returning: event)
    }

    /// Forgets events that nobody wants any more and that the task has not taken yet.
    func forget(where isUnwanted: (Event) -> Bool) {
        self.events.removeAll(where: isUnwanted)
    }

    /// The oldest event not yet taken. One task at a time may wait.
    func next() async -> Event {
        if let event = self.events.popFirst() { return event }
        return await withUnsafeContinuation { continuation in
            precondition(self.waiting == nil, "two tasks wait for the same inbox")
            self.waiting = continuation
        }
    }
}
