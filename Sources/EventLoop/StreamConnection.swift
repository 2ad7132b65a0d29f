import CLibuv
import CShim
import Vocabulary

/// What a connection tells its user. Calls come from the loop, never from within a call to the connection.
@LoopActor
public protocol StreamHandler: AnyObject {
    /// Bytes have come. They are valid during this call only.
    func received(_ bytes: UnsafeRawBufferPointer)
    /// The peer will send no more. It may still be reading.
    func endOfStream()
    /// Queued bytes have gone out, and fewer than `StreamConnection.lowWater` are left. Comes after each queued write
    /// of which that is true, not only after one that was waited for.
    func drained()
    /// The connection is gone: the last call, and it comes exactly once, also after `close()`. Without an error it was
    /// this side that closed.
    func closed(_ error: SocketError?)
}

/// A connection that a client has opened, over TCP or a Unix socket. Lives until it is closed, by `close()` or by an
/// error, whoever else holds it.
@LoopActor @safe
public final class StreamConnection: LoopHandle, ByteStream {
    /// Below so many queued bytes a connection counts as drained.
    public static let lowWater = Bytes.kibibytes(16)

    /// Who is at the other end.
    public let peer: Peer
    /// Whom to tell. Held until `closed` has been called.
    public final var handler: (any StreamHandler)?
    /// Bytes go as they are.
    public var isSecure: Bool { false }
    /// Without TLS nobody shows a certificate.
    public var peerNames: [PeerName] { [] }

    private enum Sending {
        case open
        case endWanted  // When the queue is empty, the end will be sent.
        case ended
    }

    private var sending = Sending.open
    private var isReading = false
    private var hasEnded = false
    /// Whether libuv has a write of ours. While it has, later bytes gather in `waiting`, so that a slow reader costs
    /// one allocation and one system call for many small writes.
    private var isWriting = false
    private var waiting: [UInt8] = []
    private var bytesWritten = 0
    private var failure: SocketError?

    private var stream: UnsafeMutablePointer<uv_stream_t> {
        unsafe UnsafeMutableRawPointer(self.raw).assumingMemoryBound(to: uv_stream_t.self)
    }

    /// Takes over an accepted descriptor, which libuv closes with the handle; closes it itself if this fails.
    init(tcp descriptor: Int32, peer: SocketAddress, isUrgent: Bool = false) throws(SocketError) {
        self.peer = .tcp(peer)
        do throws(SocketError) {
            try unsafe super.init(
                as: uv_tcp_t.self, isUrgent: isUrgent, doing: "taking over a connection from \(peer)"
            ) { unsafe uv_tcp_init($0, $1) }
        } catch {
            closeDescriptor(descriptor)
            throw error
        }
        let status = unsafe self.raw.withMemoryRebound(to: uv_tcp_t.self, capacity: 1) { tcp in
            unsafe uv_tcp_open(tcp, descriptor)
        }
        try self.opened(status, descriptor)
    }

    /// The same for a Unix socket.
    init(unix descriptor: Int32, isUrgent: Bool = false) throws(SocketError) {
        var user: UInt32 = 0
        var group: UInt32 = 0
        var process: Int32 = 0
        let known = unsafe gatehouse_peer_credentials(descriptor, &user, &group, &process)
        self.peer = .unix(user: user, group: group, process: process)
        do throws(SocketError) {
            if known != 0 { throw SocketError(known, doing: "asking who connected to a Unix socket") }
            try unsafe super.init(
                as: uv_pipe_t.self, isUrgent: isUrgent, doing: "taking over a connection of a Unix socket"
            ) { unsafe uv_pipe_init($0, $1, 0) }
        } catch {
            closeDescriptor(descriptor)
            throw error
        }
        let status = unsafe self.raw.withMemoryRebound(to: uv_pipe_t.self, capacity: 1) { pipe in
            unsafe uv_pipe_open(pipe, descriptor)
        }
        try self.opened(status, descriptor)
    }

    private func opened(_ status: Int32, _ descriptor: Int32) throws(SocketError) {
        if status == 0 { return }
        self.close()
        closeDescriptor(descriptor)
        throw SocketError(status, doing: "taking over a connection from \(self.peer)")
    }

    /// The address that the client connected to; `nil` for a Unix socket, or after the end.
    public var local: SocketAddress? {
        var descriptor: Int32 = -1
        var address = gatehouse_address()
        guard !self.isClosing, unsafe uv_fileno(self.raw, &descriptor) == 0,
            unsafe gatehouse_local_address(descriptor, &address) == 0
        else { return nil }
        return address.socketAddress
    }

    // MARK: Reading

    /// Has bytes delivered from now on. They come through one buffer of 64 KiB that all connections share. After the
    /// peer's end there is nothing more to deliver.
    public func startReading() {
        guard !self.isReading, !self.hasEnded, !self.isClosing else { return }
        self.touched()
        let status = unsafe uv_read_start(self.stream, onAllocate, onRead)
        if status == 0 { self.isReading = true } else { self.fail(status, "reading from \(self.peer)") }
    }

    /// Delivers no more until `startReading()`. The kernel's buffer fills and the peer has to wait; neither its end
    /// nor its loss is seen meanwhile.
    public func pauseReading() {
        guard self.isReading, !self.isClosing else { return }
        self.isReading = false
        self.touched()
        unsafe _ = uv_read_stop(self.stream)
    }

    fileprivate func read(_ count: Int, _ buffer: UnsafePointer<uv_buf_t>?) {
        if count > 0, let buffer = unsafe buffer {
            unsafe self.handler?.received(UnsafeRawBufferPointer(start: buffer.pointee.base, count: count))
        } else if count == Int(UV_EOF.rawValue) {
            self.isReading = false
            self.hasEnded = true  // libuv would tell it again if it were started again.
            self.handler?.endOfStream()
        } else if count < 0 {
            self.fail(Int32(count), "reading from \(self.peer)")
        }
    }

    // MARK: Writing

    /// Bytes that the kernel has not taken yet; none after the end.
    public var bytesQueued: Int {
        if self.isClosing { return 0 }  // libuv's memory may be gone.
        return unsafe self.stream.pointee.write_queue_size + self.waiting.count
    }

    /// Bytes that the kernel has taken so far.
    public var bytesTaken: Int { self.bytesWritten - self.bytesQueued }

    /// Sends `bytes`, or queues what the kernel does not take at once; the caller bounds the queue by looking at
    /// `bytesQueued`. Bytes written after `shutdownWrite()` or `close()` go nowhere.
    public func write(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe self.write($0) }
    }

    /// Sends two arrays by one system call: a head and a body.
    public func write(_ first: [UInt8], _ second: [UInt8]) {
        unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in
                var parts = unsafe (uv_buf_t(first), uv_buf_t(second))
                unsafe withUnsafeMutableBytes(of: &parts) { unsafe self.send($0.bindMemory(to: uv_buf_t.self)) }
            }
        }
    }

    /// Sends three arrays by one system call: a chunk with its size line and its end.
    public func write(_ first: [UInt8], _ second: [UInt8], _ third: [UInt8]) {
        unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in
                unsafe third.withUnsafeBytes { third in
                    var parts = unsafe (uv_buf_t(first), uv_buf_t(second), uv_buf_t(third))
                    unsafe withUnsafeMutableBytes(of: &parts) { unsafe self.send($0.bindMemory(to: uv_buf_t.self)) }
                }
            }
        }
    }

    /// Sends bytes that need to be valid during this call only.
    public func write(_ bytes: UnsafeRawBufferPointer) {
        var part = unsafe uv_buf_t(bytes)
        unsafe withUnsafeMutablePointer(to: &part) { part in
            unsafe self.send(UnsafeMutableBufferPointer(start: part, count: 1))
        }
    }

    /// The common case is one `writev` without a copy, since the kernel's buffer has room.
    private func send(_ parts: UnsafeMutableBufferPointer<uv_buf_t>) {
        guard !self.isClosing, case .open = self.sending else { return }
        for index in parts.indices { unsafe self.bytesWritten += parts[index].len }
        if self.isWriting {
            for index in parts.indices { unsafe self.waiting.append(contentsOf: parts[index].bytes) }
            return
        }
        unsafe self.transmit(parts)
    }

    private func transmit(_ parts: UnsafeMutableBufferPointer<uv_buf_t>) {
        let total = unsafe parts.reduce(0) { unsafe $0 + $1.len }
        guard total > 0 else { return }
        let taken = unsafe uv_try_write(self.stream, parts.baseAddress, UInt32(parts.count))
        if taken < 0, taken != UV_EAGAIN.rawValue { return self.fail(taken, "writing to \(self.peer)") }
        let sent = max(0, Int(taken))
        if sent < total { unsafe self.queue(parts, from: sent, count: total - sent) }
    }

    /// Copies what is left into one block behind its request, and hands it to libuv until it calls back.
    private func queue(_ parts: UnsafeMutableBufferPointer<uv_buf_t>, from sent: Int, count: Int) {
        let block = unsafe UnsafeMutableRawPointer.allocate(
            byteCount: MemoryLayout<uv_write_t>.stride + count, alignment: MemoryLayout<uv_write_t>.alignment)
        let request = unsafe block.bindMemory(to: uv_write_t.self, capacity: 1)
        let bytes = unsafe block + MemoryLayout<uv_write_t>.stride
        var skip = sent
        var filled = 0
        for index in parts.indices {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: parts[index].bytes.dropFirst(skip))
            unsafe skip = max(0, skip - parts[index].len)
            unsafe UnsafeMutableRawBufferPointer(start: bytes + filled, count: rest.count).copyMemory(from: rest)
            filled += rest.count
        }
        var buffer = unsafe uv_buf_t(UnsafeRawBufferPointer(start: bytes, count: count))
        self.touched()
        let status = unsafe uv_write(request, self.stream, &buffer, 1, onWritten)
        if status == 0 {
            self.isWriting = true
        } else {
            unsafe block.deallocate()
            self.fail(status, "writing to \(self.peer)")
        }
    }

    fileprivate func written(_ status: Int32) {
        self.isWriting = false
        if self.isClosing { return }
        if status < 0 { return self.fail(status, "writing to \(self.peer)") }
        if !self.waiting.isEmpty {
            let bytes = self.waiting
            self.waiting = []
            unsafe bytes.withUnsafeBytes { bytes in
                var part = unsafe uv_buf_t(bytes)
                unsafe withUnsafeMutablePointer(to: &part) { part in
                    unsafe self.transmit(UnsafeMutableBufferPointer(start: part, count: 1))
                }
            }
        }
        if !self.isWriting, case .endWanted = self.sending { self.sendEnd() }
        if !self.isClosing, self.bytesQueued < Self.lowWater.count { self.handler?.drained() }
    }

    // MARK: Ending

    /// Tells the peer, after all that is queued, that no more will come; reading goes on. May be called again.
    public func shutdownWrite() {
        guard !self.isClosing, case .open = self.sending else { return }
        if self.isWriting { self.sending = .endWanted } else { self.sendEnd() }
    }

    private func sendEnd() {
        self.sending = .ended
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        self.touched()
        let status = unsafe uv_shutdown(request, self.stream, onShutdown)
        // A peer that has gone already needs no goodbye; reading will tell.
        if status != 0 { unsafe request.deallocate() }
    }

    /// Ends the connection so that a TCP peer sees a reset, and cannot take a broken answer for a whole one.
    public func reset() {
        switch self.peer {
        case .tcp: self.closeWithReset()
        case .unix: self.close()
        }
    }

    private func fail(_ status: Int32, _ what: String) {
        guard !self.isClosing else { return }
        self.failure = SocketError(status, doing: what)
        self.close()
    }

    override func handleClosed() {
        let handler = self.handler
        self.handler = nil
        self.waiting = []
        handler?.closed(self.failure)
    }
}

// MARK: - From libuv

/// One buffer for all connections: what `received` is given is gone when it returns.
private let readBufferSize = 65_536
nonisolated(unsafe) private let readBuffer = UnsafeMutablePointer<CChar>.allocate(capacity: readBufferSize)

private func onAllocate(
    _ handle: UnsafeMutablePointer<uv_handle_t>?, _ suggested: Int, _ buffer: UnsafeMutablePointer<uv_buf_t>?
) {
    unsafe buffer?.pointee = uv_buf_t(base: readBuffer, len: readBufferSize)
}

private func onRead(_ stream: UnsafeMutablePointer<uv_stream_t>?, _ count: Int, _ buffer: UnsafePointer<uv_buf_t>?) {
    guard let data = unsafe stream?.pointee.data else { return }
    let connection = unsafe Unmanaged<StreamConnection>.fromOpaque(data)
    unsafe LoopActor.fromC(.read, (connection.takeUnretainedValue(), count, buffer)) { unsafe $0.read($1, $2) }
}

private func onWritten(_ request: UnsafeMutablePointer<uv_write_t>?, _ status: Int32) {
    guard let request = unsafe request else { return }
    let data = unsafe request.pointee.handle.pointee.data
    unsafe UnsafeMutableRawPointer(request).deallocate()
    guard let data = unsafe data else { return }
    let connection = unsafe Unmanaged<StreamConnection>.fromOpaque(data)
    unsafe LoopActor.fromC(.write, (connection.takeUnretainedValue(), status)) { $0.written($1) }
}

private func onShutdown(_ request: UnsafeMutablePointer<uv_shutdown_t>?, _ status: Int32) {
    unsafe request?.deallocate()
}

extension uv_buf_t {
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        // libuv only reads what it is to write.
        let base = unsafe UnsafeMutablePointer(mutating: bytes.bindMemory(to: CChar.self).baseAddress)
        unsafe self.init(base: base, len: bytes.count)
    }

    fileprivate var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: self.base, count: self.len)
    }
}
