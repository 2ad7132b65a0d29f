import CLibcurl
import CShim
import EventLoop
import Glibc

// What libcurl calls. Always on the loop's thread, since it calls from within our own calls to it. Each function finds
// its object and leaves the rest to a method.

/// One line of the answer's head. Anything but the line's length ends the transfer.
func onHeaderLine(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let data = unsafe data, let context = unsafe context else { return 0 }
    let line = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
    return unsafe LoopActor.assumeIsolated((EasyHandle.from(context), line)) { handle, line in
        unsafe handle.transfer?.receivedHeader(line) ?? 0
    }
}

/// A piece of the answer's body.
func onBody(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let data = unsafe data, let context = unsafe context else { return 0 }
    let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
    return unsafe LoopActor.assumeIsolated((EasyHandle.from(context), bytes)) { handle, bytes in
        unsafe handle.transfer?.receivedBody(bytes) ?? 0
    }
}

/// A socket is to be opened. CURL_SOCKET_BAD refuses, and libcurl would go on to the next address: the transfer
/// remembers the refusal.
func onOpenSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context = unsafe context, let address = unsafe address, purpose == CURLSOCKTYPE_IPCXN else {
        return CURL_SOCKET_BAD
    }
    return unsafe LoopActor.assumeIsolated((EasyHandle.from(context), address)) { handle, address in
        guard let transfer = handle.transfer, unsafe transfer.mayConnect(to: DialledPeer(address)) else {
            return CURL_SOCKET_BAD
        }
        let wanted = unsafe address.pointee
        let socket = socket(wanted.family, wanted.socktype | Int32(SOCK_CLOEXEC.rawValue), wanted.protocol)
        if socket >= 0 { transfer.openedSocket(socket) }
        return socket
    }
}

/// A socket is to be closed. Called for every socket that was connected once.
func onCloseSocket(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
    guard let context = unsafe context else { return 1 }
    unsafe LoopActor.assumeIsolated((Pool.from(context), socket)) { $0.outbound.sockets.remove($1) }
    return close(socket) == 0 ? 0 : 1
}

/// A request is about to be written to a connection, new or kept.
func onPreRequest(
    _ context: UnsafeMutableRawPointer?, _ peer: UnsafeMutablePointer<CChar>?, _ local: UnsafeMutablePointer<CChar>?,
    _ peerPort: Int32, _ localPort: Int32
) -> Int32 {
    guard let context = unsafe context, let peer = unsafe peer else { return CURL_PREREQFUNC_ABORT }
    return unsafe LoopActor.assumeIsolated((EasyHandle.from(context), peer, peerPort)) { handle, peer, port in
        let isAllowed = unsafe handle.transfer?.maySend(to: peer, port: Int(port)) ?? false
        return isAllowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
}

/// libcurl wants to know when `socket` is ready, or no longer.
func onSocketWanted(
    _ handle: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: Int32, _ context: UnsafeMutableRawPointer?,
    _ perSocket: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context, let handle = unsafe handle else { return -1 }
    return unsafe LoopActor.assumeIsolated((Pool.from(context), socket, what, handle)) { pool, socket, what, handle in
        unsafe pool.watch(socket, what, for: handle) ? 0 : -1
    }
}

/// libcurl wants to be called in `milliseconds`; not at all if that is negative.
func onTimerWanted(_ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?) -> Int32
{
    guard let context = unsafe context else { return -1 }
    unsafe LoopActor.assumeIsolated((Pool.from(context), milliseconds)) { $0.wantsCall(in: $1) }
    return 0
}
