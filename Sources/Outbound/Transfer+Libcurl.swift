import CLibcurl
import EventLoop
import Glibc
import Vocabulary

/// What libcurl asks and tells from within its callbacks. Nothing here calls libcurl or whoever began the transfer:
/// findings are noted, and told by `deliver` afterwards.
extension Transfer {
    /// A kept connection that turns out to be closed is noticed at once; one that ends later ended while the backend
    /// worked on the request, and sending that again is not libcurl's to decide.
    static let staleWithin = Duration.seconds(1)

    /// Bytes from which on a body event is told before more are read.
    static let bodyEvent = Bounds.streamBuffer.count

    // MARK: Asked

    /// Whether a socket may be opened to `peer`. A refusal ends the whole transfer, though libcurl would try others.
    func mayConnect(to peer: DialledPeer) -> Bool {
        guard self.refusal == nil, let destination = self.pool?.destination else { return false }
        let isGranted =
            switch peer {
            case .tcp(let address): destination.mayDial(address)
            case .unix(let path): destination.unixPath == path
            case .other: false
            }
        if !isGranted {
            self.outbound.counted.connectionsRefused += 1
            self.refuse(.addressForbidden, "\(peer) is not an address that was granted")
        }
        return isGranted
    }

    func openedSocket(_ socket: Int32) {
        self.outbound.counted.connectionsOpened += 1
        self.outbound.sockets.opened(socket)
        self.newSocket = socket
    }

    /// Whether the request may be written to a connection with `peer`. Asked before every sending, on kept connections
    /// too. libcurl sends again by itself when a kept connection ends before it has brought a byte, whatever the method
    /// (`Curl_retry_request` in lib/transfer.c): then this is asked a second time.
    func maySend(to peer: UnsafePointer<CChar>, port: Int) -> Bool {
        guard self.refusal == nil, let pool else { return false }
        guard unsafe self.isGranted(peer, port, in: pool) else {
            self.outbound.counted.connectionsRefused += 1
            self.refuse(.addressForbidden, "the connection leads to another address than was granted")
            return false
        }
        guard self.isInTime(in: pool) else { return false }
        self.outbound.counted.bytesSent += UInt64(self.request.body.count)
        self.timings.reusedConnection = self.newSocket == nil
        if let socket = self.newSocket {
            self.newSocket = nil
            self.outbound.sockets.becameConnected(socket, of: pool)
            pool.preferred = self.aimedAt
        }
        return true
    }

    /// The peer must be the address that was aimed at, and that one the gate's. libcurl names it in the usual form
    /// (`inet_ntop`); of a Unix socket it tells the beginning of the path, or nothing, and any port. Where there is a
    /// proxy it tells the proxy's.
    private func isGranted(_ peer: UnsafePointer<CChar>, _ port: Int, in pool: Pool) -> Bool {
        let target = pool.dial.targets[self.aimedAt]
        guard target.isGranted else { return false }
        if let expected = target.port { return unsafe port == expected && strcmp(peer, target.peer) == 0 }
        return unsafe strncmp(peer, target.peer, strlen(peer)) == 0
    }

    private func isInTime(in pool: Pool) -> Bool {
        let now = self.outbound.timers.now
        guard let sent = self.timings.sent else {
            if now < self.expires, !pool.isRetired {
                self.timings.sent = now
                self.armTimer()  // Only where the first byte is due sooner than the connection was.
                return true
            }
            self.refuse(.grantInvalid, "the grant ended while the connection was made")
            return false
        }
        if now - sent > Self.staleWithin {
            self.refuse(.upstreamTruncated, "the backend closed the connection without an answer")
            return false
        }
        self.outbound.counted.resends += 1
        self.wasResent = true
        return true
    }

    // MARK: Told

    /// One line of the head. Returns the number of bytes taken; another number than there are ends the transfer.
    func receivedHeader(_ line: UnsafeRawBufferPointer) -> Int {
        guard self.refusal == nil else { return 0 }
        switch unsafe self.collector.take(line) {
        case .incomplete:
            break
        case .refused(let reason, let detail):
            self.refuse(reason, detail)
            return 0
        case .complete(let head):
            let now = self.outbound.timers.now
            self.timings.firstByte = now
            self.deadlines.lastActivity = now
            self.pendingHead = head
            self.outbound.deliveries.add(self)
        }
        return line.count
    }

    /// The next bytes of the body. Returns the number of bytes taken, or CURL_WRITEFUNC_PAUSE: then libcurl keeps
    /// these, and reads no more. Pieces that libcurl hands over in one call become one event; since it would read up
    /// to 100 times in one call (1.6 MB), it is made to leave the loop to others when there is enough for one event.
    func receivedBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard self.refusal == nil else { return 0 }
        if self.isPaused || self.pendingBody.count >= Self.bodyEvent {
            self.isHeldByLibcurl = true
            if !self.isPaused { self.outbound.deliveries.resumeNextTurn(self) }
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        self.deadlines.lastActivity = self.outbound.timers.now
        self.outbound.counted.bytesReceived += UInt64(bytes.count)
        if self.pendingBody.isEmpty { self.outbound.deliveries.add(self) }
        unsafe self.pendingBody.append(contentsOf: bytes)
        return bytes.count
    }

    /// libcurl is done, with `code` and its own words.
    func concluded(_ code: CURLcode, _ message: String) -> Outcome {
        if let refusal { return .ended(.failed(refusal)) }
        if code == CURLE_OK {
            let isWhole = self.phase == .answering
            // libcurl takes a connection that ends between two header lines for the end of a good answer.
            return .ended(
                isWhole ? .completed : .failed(self.failure(.upstreamTruncated, "the answer ended inside its head")))
        }
        let failure = TransferFailure(code, message: message, phase: self.phase)
        // Somebody else answers at one of the addresses: that is told, and not passed over by trying the next.
        if self.phase == .connecting, failure.reason != .tlsIdentity, self.aimNext() { return .dialNext }
        return .ended(.failed(failure))
    }

    private func refuse(_ reason: Reason, _ detail: String) {
        if self.refusal == nil { self.refusal = self.failure(reason, detail) }
    }
}
