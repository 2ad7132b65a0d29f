import EventLoop

/// The sockets that libcurl has open, by descriptor: which the loop watches, and which are connected.
///
/// A connected socket's watch stays in place between two transfers (`runtime.md` 3: 4 to 7 us less for each request)
/// and ends in libcurl's close-socket callback, before the descriptor is closed. A socket that never got connected is
/// closed by libcurl 7.88 without that callback (`cf_socket_close` in lib/cf-socket.c), so its watch must end as soon
/// as libcurl no longer wants it: a watch that outlived its descriptor would take the next owner of that number out
/// of epoll.
@LoopActor
final class SocketTable {
    private final class Entry {
        var watch: PollHandle?
        /// Set once the socket is connected: whose connection it is.
        weak var pool: Pool?
        var isConnected = false
        /// Whether a transfer uses the connection.
        var isBusy = false
        /// What libcurl waits for.
        var wanted: (readable: Bool, writable: Bool) = (false, false)
    }

    private var entries: [Entry?] = []
    /// Sockets with a usable connection.
    private(set) var connected = 0

    /// libcurl has just got the descriptor `socket`: whatever was known under that number is over.
    func opened(_ socket: Int32) {
        self.remove(socket)
    }

    /// `socket` is a usable connection of `pool`, and a request is about to be written to it.
    func becameConnected(_ socket: Int32, of pool: Pool) {
        let entry = self.entry(socket)
        if !entry.isConnected { self.connected += 1 }
        entry.isConnected = true
        entry.isBusy = true
        entry.pool = pool
    }

    /// The kept connections of `pool` that no transfer uses.
    func idle(of pool: Pool) -> [Int32] {
        self.entries.indices.compactMap { index in
            guard let entry = self.entries[index], entry.pool === pool, !entry.isBusy else { return nil }
            return Int32(index)
        }
    }

    /// Calls `onEvents` whenever `socket` is ready. False if the loop cannot watch it.
    func watch(
        _ socket: Int32, readable: Bool, writable: Bool, onEvents: @escaping @LoopActor (PollHandle.Events) -> Void
    ) -> Bool {
        let entry = self.entry(socket)
        entry.isBusy = true
        entry.wanted = (readable, writable)
        if let watch = entry.watch {
            watch.start(readable: readable, writable: writable)
            return true
        }
        guard let watch = try? PollHandle(descriptor: socket, onEvents: onEvents) else { return false }
        entry.watch = watch
        watch.start(readable: readable, writable: writable)
        return true
    }

    /// A failure has ended the watch, and perhaps it was not one of `socket`.
    func watchAgain(_ socket: Int32) {
        guard let entry = self.existing(socket), entry.wanted != (false, false) else { return }
        entry.watch?.start(readable: entry.wanted.readable, writable: entry.wanted.writable)
    }

    /// libcurl no longer cares for `socket`, for now or for ever. `isHeld` if only because the transfer is paused.
    func unwatch(_ socket: Int32, isHeld: Bool) {
        guard let entry = self.existing(socket) else { return }
        if entry.isConnected {
            entry.isBusy = isHeld
            entry.wanted = (false, false)
            entry.watch?.stop()
        } else {
            self.remove(socket)
        }
    }

    /// `socket` is about to be closed, or has just been.
    func remove(_ socket: Int32) {
        guard let entry = self.existing(socket) else { return }
        entry.watch?.close()
        if entry.isConnected { self.connected -= 1 }
        self.entries[Int(socket)] = nil
    }

    private func existing(_ socket: Int32) -> Entry? {
        let index = Int(socket)
        return index < self.entries.count ? self.entries[index] : nil
    }

    private func entry(_ socket: Int32) -> Entry {
        if let entry = self.existing(socket) { return entry }
        let index = Int(socket)
        if index >= self.entries.count {
            self.entries.append(contentsOf: repeatElement(nil, count: max(64, index + 1 - self.entries.count)))
        }
        let entry = Entry()
        self.entries[index] = entry
        return entry
    }
}
