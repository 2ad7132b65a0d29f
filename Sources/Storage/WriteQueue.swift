import Dispatch
import GRDB
import Synchronization
import Vocabulary

/// Work on the writing connection that is done between two commits, piece by piece, so that rows need not wait for it.
struct Chore: Sendable {
    /// What is done to the file, for messages: `delete old rows of`.
    let deed: String
    /// Does the next piece; `false` if it was the last.
    let piece: @Sendable (Database) throws -> Bool
}

/// What stands between those who append rows and the thread that writes them. The lock is held for some hundred
/// nanoseconds, never across a wait.
final class WriteQueue<Row: Sendable>: Sendable {
    /// When rows are committed together.
    struct Grouping {
        /// Rows that may wait; more are dropped and counted.
        var waitingMax: Int
        /// Rows in one commit at most.
        var rows: Int
        /// A row is committed so long after it came at the latest, if the disk keeps up.
        var time: Duration
    }

    /// What becomes of a row when the queue is full.
    enum Full {
        /// It is lost and counted.
        case lose
        /// It is not taken, and whoever brings it does without.
        case refuse
        /// It is taken nevertheless: it has been promised a place by an earlier row, so that there are not more of these.
        case exceed
    }

    /// A moment's counts.
    struct Counts: Equatable {
        var condition = StoreCondition.writing
        var dropped = 0
        var written = 0
        var queued = 0
    }

    /// What the writer does next.
    enum Work {
        case write([Row])
        case chore(Chore)
        case end
    }

    private enum Sleep { case none, forAnything, forGroup }

    private struct State {
        var rows: [Row] = []
        var rowsInHand = 0  // Taken by the writer and not yet committed: they count towards the bound.
        var taken = 0  // All rows ever taken into the queue; `settled` of them are committed or given up.
        var settled = 0
        var dropped = 0
        var written = 0
        var condition = StoreCondition.writing
        var isClosing = false
        var isEnded = false
        var isHurried = false  // Somebody waits in `flush`.
        var chores: [Chore] = []
        var sleep = Sleep.none
        var waiters: [(settled: Int, semaphore: DispatchSemaphore)] = []
    }

    private let grouping: Grouping
    private let state: Mutex<State>
    private let wake = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    init(_ grouping: Grouping) {
        self.grouping = grouping
        self.state = Mutex(State())
    }

    var counts: Counts {
        self.state.withLock { state in
            Counts(
                condition: state.isEnded ? .closed : state.condition, dropped: state.dropped, written: state.written,
                queued: state.rows.count + state.rowsInHand)
        }
    }

    /// Whether nothing more is taken.
    var isClosing: Bool { self.state.withLock(\.isClosing) }

    /// Whether work between commits is still to be done.
    var hasChores: Bool { self.state.withLock { !$0.chores.isEmpty } }
}

// MARK: For those who call the store

extension WriteQueue {
    func append(_ row: Row, whenFull: Full = .lose) -> Bool {
        let (isTaken, isWaking) = self.state.withLock { state -> (Bool, Bool) in
            let isFull = state.rows.count + state.rowsInHand >= self.grouping.waitingMax
            guard !state.isClosing, !isFull || whenFull == .exceed else {
                if whenFull != .refuse { state.dropped += 1 }
                return (false, false)
            }
            state.rows.append(row)
            state.taken += 1
            return (true, self.mustWake(&state))
        }
        if isWaking { self.wake.signal() }
        return isTaken
    }

    func flush(timeout: Duration) -> Bool {
        let semaphore = DispatchSemaphore(value: 0)
        let isWaiting = self.state.withLock { state -> Bool in
            guard !state.isEnded, state.settled < state.taken else { return false }
            state.isHurried = true
            state.waiters.append((state.taken, semaphore))
            return true
        }
        guard isWaiting else { return true }
        self.hurry()
        if semaphore.wait(timeout: .now() + .nanoseconds(Int(timeout.nanoseconds))) == .success { return true }
        self.state.withLock { $0.waiters.removeAll { $0.semaphore === semaphore } }
        return false
    }

    func add(_ chore: Chore) {
        self.state.withLock { $0.chores.append(chore) }
        self.hurry()
    }

    func beginClosing() {
        self.state.withLock { $0.isClosing = true }
        self.hurry()
    }

    func waitUntilClosed(timeout: Duration) -> Bool {
        guard self.ended.wait(timeout: .now() + .nanoseconds(Int(timeout.nanoseconds))) == .success else {
            return false
        }
        self.ended.signal()  // For the next one who asks.
        return true
    }

    /// Wakes the writer from any sleep.
    private func hurry() {
        let isAsleep = self.state.withLock { state -> Bool in
            defer { state.sleep = .none }
            return state.sleep != .none
        }
        if isAsleep { self.wake.signal() }
    }

    /// Whether the writer waits for just this row: the first one, or the one that makes a group full.
    private func mustWake(_ state: inout State) -> Bool {
        switch state.sleep {
        case .none: return false
        case .forAnything: break
        case .forGroup where state.rows.count >= self.grouping.rows: break
        case .forGroup: return false
        }
        state.sleep = .none
        return true
    }
}

// MARK: For the writer's thread

extension WriteQueue {
    /// Waits for the first row, then for the group's time or size, and takes all rows. Rows that came during the last
    /// commit wait as well: else a steady trickle would be committed one by one.
    func next() -> Work {
        let (rows, time) = (self.grouping.rows, self.grouping.time)
        while true {
            self.sleep(.forAnything, timeout: nil) { $0.rows.isEmpty && $0.chores.isEmpty && !$0.isClosing }
            self.sleep(.forGroup, timeout: time) {
                !$0.rows.isEmpty && $0.rows.count < rows && !$0.isHurried && !$0.isClosing
            }
            if let work = self.workNow() { return work }
        }
    }

    private func workNow() -> Work? {
        self.state.withLock { state in
            if !state.rows.isEmpty {
                let rows = state.rows
                state.rows = []
                state.rows.reserveCapacity(min(rows.count, self.grouping.rows))
                state.rowsInHand = rows.count
                state.isHurried = false  // All that a `flush` waits for is in hand; what comes now may share a commit.
                return .write(rows)
            }
            state.isHurried = false
            if state.isClosing { return .end }
            return state.chores.first.map { .chore($0) }
        }
    }

    /// Rows were committed.
    func committed(_ count: Int) {
        self.settle(count) { $0.written += count }
    }

    /// Rows are given up, at the end of the program.
    func gaveUp(_ count: Int) {
        self.settle(count) { $0.dropped += count }
    }

    private func settle(_ count: Int, _ change: (inout State) -> Void) {
        let done = self.state.withLock { state -> [DispatchSemaphore] in
            state.settled += count
            state.rowsInHand -= count
            change(&state)
            let settled = state.settled
            let done = state.waiters.filter { $0.settled <= settled }.map(\.semaphore)
            state.waiters.removeAll { $0.settled <= settled }
            return done
        }
        for semaphore in done { semaphore.signal() }
    }

    /// The first chore is done, or given up.
    func choreDone() {
        self.state.withLock { _ = $0.chores.removeFirst() }
    }

    func conditionChanged(to condition: StoreCondition) {
        self.state.withLock { $0.condition = condition }
    }

    /// Rests after a failure; `false` if the store is being closed, so that this was the last try.
    func rest(_ time: Duration) -> Bool {
        self.sleep(.forAnything, timeout: time) { !$0.isClosing && !$0.isHurried }
        return self.state.withLock { state in
            state.isHurried = false
            return !state.isClosing
        }
    }

    func end() {
        self.state.withLock { state in
            state.isEnded = true
            for waiter in state.waiters { waiter.semaphore.signal() }
            state.waiters = []
        }
        self.ended.signal()
    }

    /// Sleeps while `reason` holds, at most for `timeout`. A signal that comes too late wakes the next sleep early, and
    /// does no harm.
    private func sleep(_ sleep: Sleep, timeout: Duration?, while reason: (State) -> Bool) {
        let isNeeded = self.state.withLock { state -> Bool in
            guard reason(state) else { return false }
            state.sleep = sleep
            return true
        }
        guard isNeeded else { return }
        if let timeout {
            _ = self.wake.wait(timeout: .now() + .nanoseconds(Int(timeout.nanoseconds)))
        } else {
            self.wake.wait()
        }
        self.state.withLock { $0.sleep = .none }
    }
}
