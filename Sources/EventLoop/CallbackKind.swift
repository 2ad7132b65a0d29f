/// What libuv called us for. It names, in the watchdog's report, what held the loop.
public enum CallbackKind: UInt8, Sendable, CaseIterable, CustomStringConvertible {
    /// Jobs from other threads, or the rest of a long queue.
    case wake = 1
    /// A listening socket has connections.
    case accept
    /// A connection has bytes, or has ended.
    case read
    /// Queued bytes of a connection have gone out.
    case write
    /// A handle is closed.
    case close
    /// Timers are due.
    case timer
    /// A signal has arrived.
    case signal
    /// A result of the worker pool.
    case worker
    /// A resolved name.
    case resolve
    /// A watched descriptor of another library is ready.
    case poll
    /// A callback of another library, not from the loop.
    case foreign

    /// One word, as logs and metrics carry it.
    public var description: String {
        switch self {
        case .wake: "wake"
        case .accept: "accept"
        case .read: "read"
        case .write: "write"
        case .close: "close"
        case .timer: "timer"
        case .signal: "signal"
        case .worker: "worker"
        case .resolve: "resolve"
        case .poll: "poll"
        case .foreign: "foreign"
        }
    }
}
