import CLibuv

/// Calls an action on the loop whenever the process gets a signal, until it is closed. The signal's default effect is
/// off meanwhile.
@LoopActor @safe
public final class SignalSource: LoopHandle {
    private let action: @LoopActor () -> Void

    /// Listens for `signal`, a number of `signal(7)`.
    public init(signal: Int32, action: @escaping @LoopActor () -> Void) throws(SocketError) {
        self.action = action
        try unsafe super.init(as: uv_signal_t.self, doing: "waiting for signal \(signal)") { loop, handle in
            unsafe uv_signal_init(loop, handle)
        }
        let status = unsafe self.raw.withMemoryRebound(to: uv_signal_t.self, capacity: 1) { handle in
            unsafe uv_signal_start(handle, onSignal, signal)
        }
        guard status == 0 else {
            self.close()
            throw SocketError(status, doing: "waiting for signal \(signal)")
        }
    }

    fileprivate func arrived() {
        self.action()
    }
}

private func onSignal(_ handle: UnsafeMutablePointer<uv_signal_t>?, _ signal: Int32) {
    guard let data = unsafe handle?.pointee.data else { return }
    let source = unsafe Unmanaged<SignalSource>.fromOpaque(data)
    unsafe LoopActor.fromC(.signal, source.takeUnretainedValue()) { $0.arrived() }
}
