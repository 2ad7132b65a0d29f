import CLibcurl
import CShim
import EventLoop
import Glibc
@_spi(Door) import Residency
import Vocabulary

/// The connections to one backend for one kind of traffic, under one configuration and to one set of addresses: a
/// multi handle of its own, so that libcurl cannot use a connection for anything else. When any of these changes the
/// pool is retired and another takes its place.
///
/// One multi handle each, rather than one for all, also keeps libcurl's walks over all its connections short
/// (`curl_multi_remove_handle` looks at every one), and costs nothing per request.
///
/// libcurl's callbacks get an unretained pointer to this object, which therefore stays in the door's lists until
/// `close` has destroyed the multi handle.
@LoopActor @safe
final class Pool {
    /// Kept connections: none is dropped while the number of requests only breathes.
    private static let connectionsKept = Bounds.connections
    /// Handles kept for the next transfers; each is some 5 KiB.
    private static let handlesKeptMax = 64
    /// Without a transfer for so long the pool is given up, and its connections with it.
    private static let idleMax = Profile.connectionAge

    let destination: CheckedAddresses
    let dial: Dial
    unowned let outbound: Outbound
    private let multi: UnsafeMutableRawPointer
    private let curlTimers = LoopTimers()

    private var running: [EasyHandle] = []
    private var resting: [EasyHandle] = []
    private var headerLists: [(headers: [OutboundHeader], credential: ShownCredential?, list: StringList)] = []
    private var urls: [(path: String, target: Int, url: ParsedURL)] = []

    /// The address that answered last; the next transfer begins with it.
    var preferred = 0
    private(set) var isRetired = false
    private var isClosed = false
    private var inLibcurl = false
    private var isCallDue = false
    private var callTimer: (token: TimerToken, at: Instant)?
    private var idleTimer: TimerToken?
    private var lastUse: Instant

    init(_ destination: CheckedAddresses, dial: Dial? = nil, of outbound: Outbound) throws(OutboundProblem) {
        self.destination = destination
        self.dial = dial ?? Dial(to: destination)
        self.outbound = outbound
        self.lastUse = outbound.timers.now
        guard let multi = unsafe curl_multi_init() else { throw OutboundProblem("libcurl makes no multi handle") }
        unsafe self.multi = multi
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        for code in unsafe [
            gatehouse_curl_multi_set_socket_callback(multi, onSocketWanted),
            gatehouse_curl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context),
            gatehouse_curl_multi_set_timer_callback(multi, onTimerWanted),
            gatehouse_curl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context),
            gatehouse_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.connectionsKept),
            gatehouse_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING)),
        ] where code != CURLM_OK {
            throw OutboundProblem("setting up a multi handle of libcurl: error \(code.rawValue)")
        }
    }

    /// The object behind a pointer that `init` gave to libcurl.
    nonisolated static func from(_ opaque: UnsafeMutableRawPointer) -> Pool {
        unsafe Unmanaged<Pool>.fromOpaque(opaque).takeUnretainedValue()
    }

    // MARK: Transfers

    /// Begins `transfer`; may end it too, but tells nobody before the caller delivers.
    func begin(_ transfer: Transfer) throws(OutboundProblem) {
        let handle = if let rested = self.resting.popLast() { rested } else { try self.makeHandle() }
        handle.transfer = transfer
        transfer.handle = handle
        try transfer.configure(handle)
        handle.index = self.running.count
        self.running.append(handle)
        self.work { self.add(handle) }
    }

    private func makeHandle() throws(OutboundProblem) -> EasyHandle {
        let handle = try EasyHandle()
        try unsafe self.dial.profile.apply(to: handle, closing: Unmanaged.passUnretained(self).toOpaque())
        return handle
    }

    /// Dials the next address for a transfer whose handle libcurl has let go of.
    private func beginAgain(_ handle: EasyHandle, _ transfer: Transfer) {
        do {
            try transfer.aim(handle)
            self.add(handle)
        } catch {
            self.end(handle, transfer, .failed(transfer.failure(.internalError, error.description)))
        }
    }

    private func add(_ handle: EasyHandle) {
        let code = unsafe curl_multi_add_handle(self.multi, handle.raw)
        precondition(code == CURLM_OK, "libcurl takes no handle: error \(code.rawValue)")
        self.isCallDue = true
    }

    /// Takes a running transfer out of libcurl, which closes its connection. `then` may have it dial again.
    func interrupt(_ transfer: Transfer, _ outcome: Transfer.Outcome) {
        guard let handle = transfer.handle else { return }
        self.work {
            self.remove(handle)
            self.settle(handle, transfer, outcome)
        }
    }

    /// Lets libcurl go on with a transfer that it holds.
    func unpause(_ handle: EasyHandle) {
        self.work { unsafe _ = curl_easy_pause(handle.raw, CURLPAUSE_CONT) }
    }

    private func settle(_ handle: EasyHandle, _ transfer: Transfer, _ outcome: Transfer.Outcome) {
        switch outcome {
        case .dialNext: self.beginAgain(handle, transfer)
        case .cancelled: self.end(handle, transfer, nil)
        case .ended(let end): self.end(handle, transfer, end)
        }
    }

    private func end(_ handle: EasyHandle, _ transfer: Transfer, _ end: TransferEnd?) {
        let last = self.running.removeLast()
        if last !== handle {
            self.running[handle.index] = last
            last.index = handle.index
        }
        handle.index = -1
        // Only one that did all that it was made for rests: libcurl counts resends over a handle's life
        // (`Curl_retry_request` in lib/transfer.c), and gives up at the fifth.
        let isSpent = end != .completed || transfer.wasResent
        if !isSpent, self.resting.count < Self.handlesKeptMax, !self.isRetired, handle.rest() {
            self.resting.append(handle)
        }
        transfer.ended(end)
        self.lastUse = self.outbound.timers.now
        if self.running.isEmpty { self.armIdleTimer() }
    }

    // MARK: Calling libcurl

    /// `socket` is ready, or a time has come (CURL_SOCKET_TIMEOUT): libcurl goes on, and what it found is told.
    private func act(_ socket: curl_socket_t, _ what: Int32) {
        self.work { self.socketAction(socket, what) }
        self.outbound.deliveries.deliver()
    }

    /// Makes a call to libcurl, then those that it asked for meanwhile, and gathers the transfers that have ended.
    private func work(_ call: () -> Void) {
        precondition(!self.inLibcurl, "libcurl was called from inside one of its callbacks")
        guard !self.isClosed else { return }
        self.inLibcurl = true
        call()
        var rounds = 0
        repeat {
            if self.isCallDue {
                self.isCallDue = false
                self.socketAction(CURL_SOCKET_TIMEOUT, 0)
            }
            self.gatherEnded()
            rounds += 1
        } while self.isCallDue && rounds < 4
        self.inLibcurl = false
        if self.isCallDue { self.armCallTimer(after: .zero) }
        if self.isRetired, self.running.isEmpty { self.close() }
    }

    private func socketAction(_ socket: curl_socket_t, _ what: Int32) {
        var running: Int32 = 0
        let code = unsafe curl_multi_socket_action(self.multi, socket, what, &running)
        precondition(code == CURLM_OK || code == CURLM_BAD_SOCKET, "libcurl is broken: error \(code.rawValue)")
    }

    private func gatherEnded() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(self.multi, &left) {
            let code = unsafe message.pointee.data.result
            let handle = unsafe EasyHandle.owner(of: message.pointee.easy_handle!)
            guard let transfer = handle.transfer else { preconditionFailure("a resting handle has ended") }
            let outcome = transfer.concluded(code, handle.message(for: code))
            self.remove(handle)
            self.settle(handle, transfer, outcome)
        }
    }

    private func remove(_ handle: EasyHandle) {
        let code = unsafe curl_multi_remove_handle(self.multi, handle.raw)
        precondition(code == CURLM_OK, "libcurl gives a handle not back: error \(code.rawValue)")
    }

    // MARK: What libcurl wants

    func watch(_ socket: curl_socket_t, _ what: Int32, for raw: UnsafeMutableRawPointer) -> Bool {
        let table = self.outbound.sockets
        if what == CURL_POLL_REMOVE || what == CURL_POLL_NONE {
            let transfer = unsafe EasyHandle.owner(of: raw).transfer
            table.unwatch(socket, isHeld: transfer?.isHeldByLibcurl ?? false)
            return true
        }
        return table.watch(
            socket, readable: what & CURL_POLL_IN != 0, writable: what & CURL_POLL_OUT != 0
        ) { [unowned self] events in
            var ready: Int32 = 0
            if events.contains(.readable) { ready |= CURL_CSELECT_IN }
            if events.contains(.writable) { ready |= CURL_CSELECT_OUT }
            // libcurl shall try and meet the error itself. It closes sockets that never got connected before the loop
            // has let go of them; while a child process is being started such a one lives on in epoll, and its error
            // is told of the next socket with that number, which is in good health.
            let isFailed = events.contains(.failed)
            self.act(socket, isFailed ? CURL_CSELECT_IN | CURL_CSELECT_OUT : ready)
            if isFailed { table.watchAgain(socket) }
        }
    }

    /// A timer that is set already and fires early does no harm, so a later wish does not replace it; libcurl sets one
    /// of minutes for every connect.
    func wantsCall(in milliseconds: Int) {
        switch milliseconds {
        case ..<0: break
        case 0: self.isCallDue = true
        default: self.armCallTimer(after: .milliseconds(milliseconds))
        }
    }

    private func armCallTimer(after delay: Duration) {
        let at = self.curlTimers.now + delay
        if let callTimer {
            if callTimer.at <= at { return }
            callTimer.token.cancel()
        }
        let token = self.curlTimers.schedule(after: delay) { [weak self] in
            guard let self else { return }
            self.callTimer = nil
            self.act(CURL_SOCKET_TIMEOUT, 0)
            self.askForTime()
        }
        self.callTimer = (token, at)
    }

    /// libcurl tells its next time only when it changes, so one that was passed over is asked for again.
    private func askForTime() {
        guard !self.isClosed, self.callTimer == nil else { return }
        var milliseconds = -1
        unsafe _ = curl_multi_timeout(self.multi, &milliseconds)
        if milliseconds >= 0 { self.armCallTimer(after: .milliseconds(milliseconds)) }
    }

    // MARK: What transfers have in common

    /// The URL of `path` at one of the addresses. Few are ever in use, so they are kept.
    func url(of path: String, at target: Int) throws(OutboundProblem) -> ParsedURL {
        if let known = self.urls.first(where: { $0.target == target && $0.path == path }) { return known.url }
        let url = try ParsedURL(self.dial.targets[target].origin + path)
        if self.urls.count == 32 { self.urls.removeFirst() }
        self.urls.append((path, target, url))
        return url
    }

    /// Header lines for libcurl. Few sets are ever in use, so the lists are kept: making one costs an allocation and
    /// two copies for each line.
    ///
    /// libcurl formats a header byte by byte, and `Host` and `User-Agent` that it puts first are formatted twice for each
    /// request (`Curl_http_host` and `Curl_http` in lib/http.c). An empty `Host:` at the head of the list turns that off,
    /// and ours goes with the other lines (`Curl_add_custom_headers` there), once.
    func headerList(for headers: [OutboundHeader], host: String, credential: ShownCredential?) -> StringList {
        if let known = self.headerLists.first(where: { $0.headers == headers && $0.credential == credential }) {
            return known.list
        }
        var lines = ["Host:", "Host: \(host)", "User-Agent: \(Profile.userAgent)"]
        if let credential { lines.append(credential.line) }
        for header in headers { lines.append("\(header.name.rawValue): \(header.value)") }
        // A name without a value takes out the line that libcurl would add.
        if !headers.contains(where: { $0.name == .accept }) { lines.append("Accept:") }
        if !headers.contains(where: { $0.name == .contentType }) { lines.append("Content-Type:") }
        lines.append("Expect:")
        let list = StringList(lines)
        if self.headerLists.count == 8 { self.headerLists.removeFirst() }
        self.headerLists.append((headers, credential, list))
        return list
    }

    // MARK: The end

    private func armIdleTimer() {
        guard self.idleTimer == nil, !self.isRetired else { return }
        let wait = self.lastUse + Self.idleMax - self.outbound.timers.now
        self.idleTimer = self.outbound.timers.schedule(after: wait) { [weak self] in
            guard let self else { return }
            self.idleTimer = nil
            guard self.running.isEmpty else { return }
            if self.outbound.timers.now >= self.lastUse + Self.idleMax {
                self.outbound.retire(self)
            } else {
                self.armIdleTimer()
            }
        }
    }

    /// Takes no new transfers and closes every connection that serves none. Those under way go on; with the last the
    /// pool ends.
    func retire() {
        guard !self.isRetired else { return }
        self.isRetired = true
        self.resting.removeAll()
        // libcurl has no call that closes one kept connection; shut down, it is of no use to anybody.
        for socket in self.outbound.sockets.idle(of: self) { _ = shutdown(socket, Int32(SHUT_RDWR)) }
        self.work {}
    }

    /// Ends every transfer with `end`.
    func endAll(_ failure: (Transfer) -> TransferFailure) {
        while let transfer = self.running.last?.transfer {
            self.interrupt(transfer, .ended(.failed(failure(transfer))))
        }
    }

    private func close() {
        self.isClosed = true
        self.callTimer?.token.cancel()
        self.idleTimer?.cancel()
        let code = unsafe curl_multi_cleanup(self.multi)
        precondition(code == CURLM_OK, "libcurl does not end: error \(code.rawValue)")
        self.outbound.forget(self)
    }
}
