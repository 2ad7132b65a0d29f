import CLibuv

/// One handle of libuv: the owner of its memory, in one place for all kinds.
///
/// Who keeps whom: libuv keeps the memory's address until it has called back from `uv_close`, so the handle's `data`
/// holds a retained reference to this object from its making until that callback, which frees the memory and lets the
/// object go. An open handle therefore needs no other owner, and one that nobody closes leaks: see `UVLoop.liveHandles`.
@LoopActor @safe
public class LoopHandle {
    static private(set) var alive = 0

    let raw: UnsafeMutablePointer<uv_handle_t>
    /// Whether the handle belongs to the loop's `UrgentLane`.
    final let isUrgent: Bool
    /// Whether `close()` has been called, or an error has ended the handle.
    public private(set) final var isClosing = false

    /// Makes the memory and has `initialize` fill it in by a `uv_*_init`; a negative status of that is thrown.
    init<Raw>(
        as type: Raw.Type, isUrgent: Bool = false, doing what: @autoclosure () -> String,
        _ initialize: (UnsafeMutablePointer<uv_loop_t>, UnsafeMutablePointer<Raw>) -> Int32
    ) throws(SocketError) {
        self.isUrgent = isUrgent
        let memory = UnsafeMutablePointer<Raw>.allocate(capacity: 1)
        let status = unsafe initialize(isUrgent ? UVLoop.main.urgent.raw : UVLoop.main.raw, memory)
        guard status == 0 else {
            unsafe memory.deallocate()
            throw SocketError(status, doing: what())
        }
        unsafe self.raw = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: uv_handle_t.self)
        unsafe self.raw.pointee.data = Unmanaged.passRetained(self).toOpaque()
        Self.alive += 1
    }

    /// Ends the handle; nothing of it is called after this, except what tells that it is closed. May be called again.
    public func close() {
        guard self.beginClosing() else { return }
        unsafe uv_close(self.raw, onClosed)
    }

    /// The same for a TCP connection whose peer shall see a reset.
    final func closeWithReset() {
        guard self.beginClosing() else { return }
        let status = unsafe self.raw.withMemoryRebound(to: uv_tcp_t.self, capacity: 1) { tcp in
            unsafe uv_tcp_close_reset(tcp, onClosed)
        }
        // Refused while a shutdown is under way, for example.
        if status != 0 { unsafe uv_close(self.raw, onClosed) }
    }

    /// Something was asked of the handle that takes effect within `uv_run`.
    final func touched() {
        if self.isUrgent { UVLoop.main.urgent.isTouched = true }
    }

    private final func beginClosing() -> Bool {
        if self.isClosing { return false }
        self.isClosing = true
        self.touched()
        return true
    }

    /// libuv is done with the handle. Subclasses tell their users.
    func handleClosed() {}

    fileprivate final func freeMemory() {
        Self.alive -= 1
        unsafe UnsafeMutableRawPointer(self.raw).deallocate()
    }
}

private func onClosed(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
    guard let data = unsafe handle?.pointee.data else { return }
    let owner = unsafe Unmanaged<LoopHandle>.fromOpaque(data)
    unsafe LoopActor.fromC(.close, owner.takeRetainedValue()) { object in
        object.freeMemory()
        object.handleClosed()
    }
}
