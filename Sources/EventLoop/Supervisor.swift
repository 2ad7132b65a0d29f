import CShim
import Vocabulary

/// Whoever watches over this process, as systemd does (sd_notify(3)): it is told what the process is about and, where it
/// wants to, that the loop still turns. Nobody is told where nobody asked.
@LoopActor
public final class Supervisor {
    /// What there is to tell.
    public enum State: Hashable, Sendable {
        /// Requests are taken.
        case ready
        /// The end has begun.
        case stopping
        /// The loop turns.
        case alive
        /// What it is doing, for people.
        case status(String)

        fileprivate var text: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .alive: "WATCHDOG=1"
            // A line end would begin another assignment.
            case .status(let text): "STATUS=\(text.filter { !$0.isNewline })"
            }
        }
    }

    private let path: String?
    /// The supervisor ends a process of which it has heard nothing for twice this time; `nil` if it does not watch.
    private let interval: Duration?
    private let timers: any Timers

    /// What `environment` tells: `NOTIFY_SOCKET`, and `WATCHDOG_USEC` if `WATCHDOG_PID` is this process or not there
    /// (sd_watchdog_enabled(3), which advises half of that time).
    public init(environment: [String: String], process: Int32, timers: any Timers) {
        let path = environment["NOTIFY_SOCKET"]
        self.path = path.flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        self.timers = timers
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(process) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        self.interval = isMeant && microseconds > 0 ? .nanoseconds(microseconds * 500) : nil
        self.beat()
    }

    /// Tells `states` in one message. Without a listener it is lost, as nothing hangs on it here.
    public func tell(_ states: State...) {
        guard let path else { return }
        _ = unsafe gatehouse_notify(path, states.map(\.text).joined(separator: "\n"))
    }

    /// From the loop's own timers: a loop that stands still does not beat.
    private func beat() {
        guard let interval, self.path != nil else { return }
        self.tell(.alive)
        self.timers.schedule(after: interval) { [weak self] in self?.beat() }
    }
}
