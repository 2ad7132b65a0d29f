import EventLoop
import Residency
import Vocabulary

/// One request on its way to a backend, and its answer on the way back.
@LoopActor
public final class Transfer {
    /// What is to become of a transfer whose handle libcurl has let go of.
    enum Outcome {
        /// The next address is tried.
        case dialNext
        /// Nobody wants to know.
        case cancelled
        /// The end is told.
        case ended(TransferEnd)
    }

    /// When the transfer passed its phases.
    public internal(set) var timings: TransferTimings

    let request: OutboundRequest
    let expires: Instant
    let outbound: Outbound
    private let hostHeader: String
    private let path: String
    private let credential: ShownCredential?
    private var onEvent: (@LoopActor (TransferEvent) -> Void)?

    /// Set from the beginning to the end.
    private(set) var pool: Pool?
    /// Set while libcurl works on the transfer.
    var handle: EasyHandle?
    /// Set while the transfer waits in `Deliveries`.
    var isReady = false

    /// The place of the present address among those of the pool, and how many were tried before it.
    private(set) var aimedAt = 0
    private var addressesTried = 0
    /// Whether the request was sent a second time because a kept connection had been closed.
    var wasResent = false
    /// A socket that libcurl has opened for this transfer and not yet sent on.
    var newSocket: Int32?

    var collector = HeadCollector()
    /// Why the transfer must fail, found inside a callback of libcurl.
    var refusal: TransferFailure?
    var pendingHead: AnswerHead?
    var pendingBody: [UInt8] = []
    private var pendingEnd: TransferEnd?
    private(set) var isPaused = false
    /// libcurl keeps bytes that it could not hand over during a pause.
    var isHeldByLibcurl = false

    var deadlines: Deadlines
    private var timer: (token: TimerToken, at: Instant)?

    init(
        _ grant: consuming Grant, limits: TransferLimits, of outbound: Outbound,
        onEvent: @escaping @LoopActor (TransferEvent) -> Void
    ) {
        self.request = grant.request
        self.hostHeader = grant.hostHeader
        self.path = grant.path
        self.credential = grant.credential
        self.expires = grant.expires
        self.outbound = outbound
        self.onEvent = onEvent
        let now = outbound.timers.now
        self.timings = TransferTimings(began: now)
        let connect = grant.destination.isExternal ? Bounds.connectExternal : Bounds.connect
        self.deadlines = Deadlines(limits, connect: connect, began: now)
    }

    /// How far it has come.
    public var phase: TransferFailure.Phase {
        if self.timings.firstByte != nil { return .answering }
        return self.timings.sent == nil ? .connecting : .waiting
    }

    // MARK: For whoever began it

    /// Tells no more until `resume`, the end included, and takes no more from the backend than what is on its way: a
    /// few ten kilobytes.
    public func pause() {
        self.isPaused = true
        self.deadlines.isPaused = true
    }

    /// Goes on after `pause`. What has been held back is told soon, not within this call.
    public func resume() {
        guard self.isPaused else { return }
        self.isPaused = false
        self.deadlines.isPaused = false
        self.deadlines.lastActivity = self.outbound.timers.now
        self.outbound.deliveries.resumeSoon(self)
    }

    /// Ends the transfer and its connection. No event follows. May be called at any time, and again.
    public func cancel() {
        self.onEvent = nil
        self.pendingBody = []
        self.pool?.interrupt(self, .cancelled)
    }

    // MARK: Beginning

    func begin(in pool: Pool) throws(OutboundProblem) {
        self.pool = pool
        self.aimedAt = pool.preferred
        self.deadlines.dialling(at: self.timings.began, others: pool.dial.targets.count - 1)
        try pool.begin(self)
        if self.handle != nil { self.armTimer() }
    }

    /// Sets what is this request's own.
    func configure(_ handle: EasyHandle) throws(OutboundProblem) {
        guard let pool else { preconditionFailure("a transfer without its pool") }
        switch self.request.method {
        case .get: try handle.setGet()
        case .post: try handle.setPost(self.request.body)
        }
        try handle.setHeaders(
            pool.headerList(for: self.request.headers, host: self.hostHeader, credential: self.credential))
        try self.aim(handle)
    }

    /// Sets the address.
    func aim(_ handle: EasyHandle) throws(OutboundProblem) {
        guard let pool else { preconditionFailure("a transfer aims nowhere") }
        try handle.setURL(pool.url(of: self.path, at: self.aimedAt))
        try handle.setConnectTo(pool.dial.targets[self.aimedAt].connectTo)
    }

    /// Aims at the next address that has not been tried, if there is one.
    func aimNext() -> Bool {
        guard let pool, !pool.isRetired else { return false }
        let others = pool.dial.targets.count - 1 - self.addressesTried
        guard others > 0 else { return false }
        self.addressesTried += 1
        self.aimedAt = (self.aimedAt + 1) % pool.dial.targets.count
        self.newSocket = nil
        self.deadlines.dialling(at: self.outbound.timers.now, others: others - 1)
        return true
    }

    // MARK: Telling

    /// The transfer is out of libcurl; `end` is to be told, unless nobody wants to know.
    func ended(_ end: TransferEnd?) {
        self.handle = nil
        self.pool = nil
        self.timer?.token.cancel()
        self.timer = nil
        self.outbound.counted.transfersOpen -= 1
        self.pendingEnd = end
        if end != nil { self.outbound.deliveries.add(self) }
    }

    /// Tells what is pending, in order. A pause or a cancellation from within takes effect before the next event.
    func deliver() {
        if !self.isPaused, let head = self.pendingHead {
            self.pendingHead = nil
            if self.handle != nil { self.armTimer() }  // Most answers are all here by now, and need none.
            self.onEvent?(.head(head))
        }
        if !self.isPaused, !self.pendingBody.isEmpty {
            let body = self.pendingBody
            self.pendingBody = []
            self.onEvent?(.body(body))
        }
        if !self.isPaused, let end = self.pendingEnd {
            self.pendingEnd = nil
            let tell = self.onEvent
            self.onEvent = nil
            tell?(.end(end))
        }
    }

    /// After a pause.
    func goOn() {
        guard !self.isPaused, self.onEvent != nil else { return }
        if self.isHeldByLibcurl, let handle {
            self.isHeldByLibcurl = false
            self.pool?.unpause(handle)
        }
        self.outbound.deliveries.add(self)
    }

    // MARK: Time

    /// Deadlines mostly move later, and then the timer is left as it is: when it fires it is set anew. So a request
    /// that is answered within the connect limit sets one timer, and a byte sets none.
    func armTimer() {
        let now = self.outbound.timers.now
        let next = self.deadlines.next(self.timings, at: now).at
        if let timer {
            if timer.at <= next { return }
            timer.token.cancel()
        }
        let token = self.outbound.timers.schedule(after: next - now) { [weak self] in
            self?.timerFired()
        }
        self.timer = (token, next)
    }

    private func timerFired() {
        self.timer = nil
        guard let pool else { return }
        let next = self.deadlines.next(self.timings, at: self.outbound.timers.now)
        guard next.at <= self.outbound.timers.now else { return self.armTimer() }
        if next.expiry == .address, self.aimNext() {
            pool.interrupt(self, .dialNext)
            if self.handle != nil { self.armTimer() }
        } else {
            let (reason, detail) = self.deadlines.failure(next.expiry)
            pool.interrupt(self, .ended(.failed(self.failure(reason, detail))))
        }
        self.outbound.deliveries.deliver()
    }

    func failure(_ reason: Reason, _ detail: String) -> TransferFailure {
        TransferFailure(reason: reason, detail: detail, phase: self.phase)
    }
}
