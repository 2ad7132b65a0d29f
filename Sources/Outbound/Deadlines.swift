import Vocabulary

/// When the present phase of a transfer has lasted too long: a value, with the time as a parameter.
struct Deadlines: Equatable {
    /// What has lasted too long.
    enum Expiry: Equatable {
        /// This address; there are others.
        case address
        /// All addresses together.
        case connect
        case firstByte
        case betweenBytes
        case whole
    }

    let limits: TransferLimits
    private let connect: Duration
    private let began: Instant
    /// Until when the present address may take; `nil` for the last one, which has all that is left.
    private var addressEnds: Instant?
    /// When the backend last showed that it works on the answer.
    var lastActivity: Instant
    /// Whether we keep the backend waiting.
    var isPaused = false

    /// `connect` holds where `limits` leave it open.
    init(_ limits: TransferLimits, connect: Duration = Bounds.connect, began: Instant) {
        self.limits = limits
        self.connect = limits.connect ?? connect
        self.began = began
        self.lastActivity = began
    }

    /// An address is dialled, and `others` are left after it: it gets an equal share of the time that is left, so that
    /// one that swallows everything cannot use up the time of those that would answer.
    mutating func dialling(at now: Instant, others: Int) {
        let left = self.began + self.connect - now
        self.addressEnds = others == 0 ? nil : now + .nanoseconds(max(0, left.nanoseconds) / Int64(others + 1))
    }

    /// The next moment at which something will have lasted too long if nothing happens until then; `now` or earlier
    /// if it has.
    func next(_ timings: TransferTimings, at now: Instant) -> (at: Instant, expiry: Expiry) {
        let whole = self.began + self.limits.whole
        let phase = self.phaseEnd(timings, now)
        return phase.at < whole ? phase : (whole, .whole)
    }

    private func phaseEnd(_ timings: TransferTimings, _ now: Instant) -> (at: Instant, expiry: Expiry) {
        if timings.firstByte != nil {
            let silentSince = self.isPaused ? now : self.lastActivity
            return (silentSince + self.limits.betweenBytes, .betweenBytes)
        }
        if let sent = timings.sent { return (sent + self.limits.firstByte, .firstByte) }
        if let addressEnds { return (addressEnds, .address) }
        return (self.began + self.connect, .connect)
    }

    /// The reason that `expiry` ends a transfer with, and what was waited for.
    func failure(_ expiry: Expiry) -> (Reason, String) {
        switch expiry {
        case .address, .connect:
            (.upstreamConnectTimeout, "no connection within \(self.connect.milliseconds) ms")
        case .firstByte:
            (.upstreamFirstByteTimeout, "no answer within \(self.limits.firstByte.milliseconds) ms")
        case .betweenBytes:
            (.upstreamStalled, "nothing more of the answer for \(self.limits.betweenBytes.milliseconds) ms")
        case .whole:
            (.upstreamTimeout, "not done within \(self.limits.whole.milliseconds) ms")
        }
    }
}
