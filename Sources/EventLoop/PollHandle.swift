import CLibuv

/// Watches a descriptor that another library owns, such as one of libcurl's sockets.
///
/// Starting and stopping costs system calls in libuv (`uv_poll_start` takes the descriptor out of epoll and puts it
/// back), and a library with kept-alive connections does both for every transfer. So `stop()` leaves the watch in place
/// until it fires unwanted, and a `start` for the same events then costs nothing: 4 to 7 us less for each request
/// (`runtime.md` 3).
@LoopActor @safe
public final class PollHandle: LoopHandle {
    /// What a descriptor is ready for.
    public struct Events: OptionSet, Sendable {
        /// The bits.
        public let rawValue: UInt8
        /// Wraps bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        /// There is something to read, or the end.
        public static let readable = Events(rawValue: 1)
        /// There is room to write, or a connect has ended.
        public static let writable = Events(rawValue: 2)
        /// The descriptor is broken; the owner finds out why by using it.
        public static let failed = Events(rawValue: 4)
    }

    private let onEvents: @LoopActor (Events) -> Void
    private var wanted: Events = []
    private var armed: Events = []

    private var poll: UnsafeMutablePointer<uv_poll_t> {
        unsafe UnsafeMutableRawPointer(self.raw).assumingMemoryBound(to: uv_poll_t.self)
    }

    /// Watches nothing yet. The descriptor stays its owner's, who calls `close()` before closing it.
    public init(descriptor: Int32, onEvents: @escaping @LoopActor (Events) -> Void) throws(SocketError) {
        self.onEvents = onEvents
        try unsafe super.init(as: uv_poll_t.self, doing: "watching descriptor \(descriptor)") { loop, poll in
            unsafe uv_poll_init(loop, poll, descriptor)
        }
    }

    /// From now on calls back whenever the descriptor is ready for one of these; replaces what was wanted before.
    public func start(readable: Bool, writable: Bool) {
        guard !self.isClosing else { return }
        self.wanted = (readable ? Events.readable : []).union(writable ? .writable : [])
        if self.wanted != self.armed, !self.wanted.isEmpty { self.arm() }
    }

    /// Calls back no more until `start`.
    public func stop() {
        self.wanted = []
    }

    /// Ends the watch; the descriptor may be closed as soon as this returns. May be called again.
    public override func close() {
        guard !self.isClosing else { return }
        self.wanted = []
        unsafe _ = uv_poll_stop(self.poll)
        super.close()
    }

    private func arm() {
        self.armed = self.wanted
        let events =
            (self.armed.contains(.readable) ? UV_READABLE.rawValue : 0)
            | (self.armed.contains(.writable) ? UV_WRITABLE.rawValue : 0)
        unsafe _ = uv_poll_start(self.poll, Int32(events), onPoll)
    }

    fileprivate func ready(_ status: Int32, _ events: Int32) {
        if status < 0 {
            self.armed = []  // libuv has stopped the watch itself.
            if !self.wanted.isEmpty { self.onEvents(.failed) }
            return
        }
        var ready: Events = []
        if UInt32(events) & UV_READABLE.rawValue != 0 { ready.insert(.readable) }
        if UInt32(events) & UV_WRITABLE.rawValue != 0 { ready.insert(.writable) }
        ready.formIntersection(self.wanted)
        if !ready.isEmpty {
            self.onEvents(ready)
        } else if self.wanted.isEmpty {
            self.armed = []
            unsafe _ = uv_poll_stop(self.poll)
        } else {
            self.arm()  // It fired for something no longer wanted: watch less from now on.
        }
    }
}

private func onPoll(_ handle: UnsafeMutablePointer<uv_poll_t>?, _ status: Int32, _ events: Int32) {
    guard let data = unsafe handle?.pointee.data else { return }
    let watched = unsafe Unmanaged<PollHandle>.fromOpaque(data)
    unsafe LoopActor.fromC(.poll, (watched.takeUnretainedValue(), status, events)) { $0.ready($1, $2) }
}
