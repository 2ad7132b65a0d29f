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
    nonisolated(unsafe) let line = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
    let handle = unsafe EasyHandle.from(context)
    return LoopActor.assumeIsolated { unsafe handle.transfer?.receivedHeader(line) ?? 0 }
}

/// A piece of the answer's body.
func onBody(
    _ data: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let data = unsafe data, let context = unsafe context else { return 0 }
    nonisolated(unsafe) let bytes = unsafe UnsafeRawBufferPointer(start: data, count: size * count)
    let handle = unsafe EasyHandle.from(context)
    return LoopActor.assumeIsolated { unsafe handle.transfer?.receivedBody(bytes) ?? 0 }
}

/// A socket is to be opened. CURL_SOCKET_BAD refuses, and libcurl would go on to the next address: the transfer
/// remembers the refusal.
func onOpenSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype, _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let context = unsafe context, let address = unsafe address, purpose == CURLSOCKTYPE_IPCXN else {
        return CURL_SOCKET_BAD
    }
    let handle = unsafe EasyHandle.from(context)
    let peer = unsafe DialledPeer(address)
    let (family, kind, transport) = unsafe (address.pointee.family, address.pointee.socktype, address.pointee.protocol)
    return LoopActor.assumeIsolated {
        guard let transfer = handle.transfer, transfer.mayConnect(to: peer) else { return CURL_SOCKET_BAD }
        let socket = socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), transport)
        if socket >= 0 { transfer.openedSocket(socket) }
        return socket
    }
}

/// A socket is to be closed. Called for every socket that was connected once.
func onCloseSocket(_ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t) -> Int32 {
    guard let context = unsafe context else { return 1 }
    let pool = unsafe Pool.from(context)
    LoopActor.assumeIsolated { pool.outbound.sockets.remove(socket) }
    return close(socket) == 0 ? 0 : 1
}

/// A request is about to be written to a connection, new or kept.
func onPreRequest(
    _ context: UnsafeMutableRawPointer?, _ peer: UnsafeMutablePointer<CChar>?, _ local: UnsafeMutablePointer<CChar>?,
    _ peerPort: Int32, _ localPort: Int32
) -> Int32 {
    guard let context = unsafe context, let peer = unsafe peer else { return CURL_PREREQFUNC_ABORT }
    let handle = unsafe EasyHandle.from(context)
    nonisolated(unsafe) let text = unsafe UnsafePointer(peer)
    return LoopActor.assumeIsolated {
        let isAllowed = unsafe handle.transfer?.maySend(to: text, port: Int(peerPort)) ?? false
        return isAllowed ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }
}

/// libcurl wants to know when `socket` is ready, or no longer.
func onSocketWanted(
    _ handle: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ what: Int32, _ context: UnsafeMutableRawPointer?,
    _ perSocket: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context = unsafe context, let handle = unsafe handle else { return -1 }
    let pool = unsafe Pool.from(context)
    nonisolated(unsafe) let raw = unsafe handle
    return LoopActor.assumeIsolated { unsafe pool.watch(socket, what, for: raw) ? 0 : -1 }
}

/// libcurl wants to be called in `milliseconds`; not at all if that is negative.
func onTimerWanted(_ multi: UnsafeMutableRawPointer?, _ milliseconds: Int, _ context: UnsafeMutableRawPointer?) -> Int32
{
    guard let context = unsafe context else { return -1 }
    let pool = unsafe Pool.from(context)
    LoopActor.assumeIsolated { pool.wantsCall(in: milliseconds) }
    return 0
}
