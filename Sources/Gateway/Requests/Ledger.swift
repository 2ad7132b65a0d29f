import DequeModule
import EventLoop
import Vocabulary

/// The requests under way and the last ones that ended, for `requests list`, `show` and `cancel`.
@LoopActor
final class Ledger {
    private var runs: [RequestID: RequestRun] = [:]
    private var ended = Deque<RequestRecord>()
    /// Inference requests since the start.
    private(set) var total = 0

    /// Requests under way.
    var openCount: Int { self.runs.count }

    func begin(_ run: RequestRun) {
        self.total += 1
        self.runs[run.record.id] = run
    }

    func end(_ record: RequestRecord) {
        self.runs[record.id] = nil
        if self.ended.count >= Bounds.requestsRemembered { self.ended.removeFirst() }
        self.ended.append(record)
    }

    /// The newest first: those under way, then those that ended.
    func newest(_ count: Int) -> [RequestRecord] {
        let open = self.runs.values.map(\.record).sorted { $0.id > $1.id }
        return Array((open + self.ended.reversed()).prefix(count))
    }

    func record(_ id: RequestID) -> RequestRecord? {
        self.runs[id]?.record ?? self.ended.last { $0.id == id }
    }

    /// Ends a request under way; false if there is none of this id.
    func cancel(_ id: RequestID) -> Bool {
        guard let run = self.runs[id] else { return false }
        run.cancel()
        return true
    }

    /// The node waits no longer.
    func stopAll() {
        for run in self.runs.values { run.stop() }
    }
}
