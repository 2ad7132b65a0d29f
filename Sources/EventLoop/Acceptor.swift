import CLibuv
import CShim
import Glibc
import Vocabulary

/// Accepts connections from one listening descriptor, which it owns.
///
/// It calls `accept4` itself, where libuv's own listening would accept and silently drop connections once descriptors
/// run out (`uv__emfile_trick`), or spin if another thread has taken the reserve. Here accepting rests for a while and
/// says so; clients wait in the kernel's backlog meanwhile.
@LoopActor @safe
final class Acceptor: LoopHandle {
    /// Connections accepted before the loop may look at anything else.
    static let connectionsPerCallbackMax = 64
    /// How long accepting rests when the system has no descriptor or memory left.
    static let restAfterTrouble = Duration.milliseconds(100)

    private let descriptor: Int32
    private let label: String
    private let onDescriptor: @LoopActor (Int32, gatehouse_address) -> Void
    private let onTrouble: @LoopActor (SocketError) -> Void
    private var rest: TimerToken?

    /// Takes over `descriptor`.
    init(
        descriptor: Int32, label: String, isUrgent: Bool, onTrouble: @escaping @LoopActor (SocketError) -> Void,
        onDescriptor: @escaping @LoopActor (Int32, gatehouse_address) -> Void
    ) throws(SocketError) {
        self.descriptor = descriptor
        self.label = label
        self.onTrouble = onTrouble
        self.onDescriptor = onDescriptor
        do throws(SocketError) {
            try unsafe super.init(as: uv_poll_t.self, isUrgent: isUrgent, doing: "listening on \(label)") {
                loop, poll in
                unsafe uv_poll_init(loop, poll, descriptor)
            }
        } catch {
            closeDescriptor(descriptor)
            throw error
        }
        self.resume()
    }

    private var poll: UnsafeMutablePointer<uv_poll_t> {
        unsafe UnsafeMutableRawPointer(self.raw).assumingMemoryBound(to: uv_poll_t.self)
    }

    private func resume() {
        self.rest = nil
        self.touched()
        unsafe _ = uv_poll_start(self.poll, Int32(UV_READABLE.rawValue), onAcceptable)
    }

    override func close() {
        guard !self.isClosing else { return }
        self.rest?.cancel()
        unsafe _ = uv_poll_stop(self.poll)
        super.close()
        // After `uv_poll_stop` the descriptor is out of libuv's hands, and closing it frees the port at once.
        closeDescriptor(self.descriptor)
    }

    /// Accepts what the kernel has completed already, then closes: else those clients would be reset, who have been told
    /// that they are connected.
    func closeAfterBacklog() {
        var hasMore = !self.isClosing
        while hasMore { hasMore = self.acceptable() }
        self.close()
    }

    /// False if nobody waits any more.
    @discardableResult
    fileprivate func acceptable() -> Bool {
        for _ in 0..<Self.connectionsPerCallbackMax {
            if self.isClosing { return false }
            var peer = gatehouse_address()
            let accepted = unsafe gatehouse_accept(self.descriptor, &peer)
            if accepted >= 0 {
                self.onDescriptor(accepted, peer)
                continue
            }
            switch -accepted {
            case EAGAIN:
                return false
            case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
                ENETUNREACH, EPERM:
                // accept(2): errors of one connection that are handed on here; the next one may be well. EPERM is a
                // firewall's.
                continue
            default:
                self.takeRest(because: accepted)
                return false
            }
        }
        return true
    }

    private func takeRest(because status: Int32) {
        unsafe _ = uv_poll_stop(self.poll)
        self.rest = TimerDriver.shared.schedule(at: UVLoop.main.now + Self.restAfterTrouble) { [weak self] in
            guard let self, !self.isClosing else { return }
            self.resume()
        }
        self.onTrouble(SocketError(status, doing: "accepting a connection on \(self.label)"))
    }
}

private func onAcceptable(_ handle: UnsafeMutablePointer<uv_poll_t>?, _ status: Int32, _ events: Int32) {
    guard let data = unsafe handle?.pointee.data else { return }
    let acceptor = unsafe Unmanaged<Acceptor>.fromOpaque(data)
    unsafe LoopActor.fromC(.accept, acceptor.takeUnretainedValue()) { _ = $0.acceptable() }
}

/// Closes a descriptor that libuv does not own. Linux frees it whatever `close` returns.
func closeDescriptor(_ descriptor: Int32) {
    _ = close(descriptor)
}
