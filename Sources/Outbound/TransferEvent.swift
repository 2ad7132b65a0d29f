import Vocabulary

/// What a transfer tells of its answer, in this order: one head, any number of bodies, one end.
public enum TransferEvent: Sendable {
    /// The answer has begun.
    case head(AnswerHead)
    /// The next bytes of the body; never empty.
    case body([UInt8])
    /// Nothing follows.
    case end(TransferEnd)
}

/// How a transfer ended.
public enum TransferEnd: Sendable, Equatable {
    /// The answer is complete as HTTP understands it.
    case completed
    /// There is no answer, or only a part of one.
    case failed(TransferFailure)
}

/// Why a transfer failed.
public struct TransferFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// How far the transfer had come.
    public enum Phase: Sendable, Equatable {
        /// Not a byte of the request has been sent: another backend may be asked without a doubt.
        case connecting
        /// The request was sent, at least in part; nothing of an answer has come.
        case waiting
        /// The answer had begun.
        case answering
    }

    /// The stable code.
    public let reason: Reason
    /// What was found, for a log line: no content of request or answer, lower case, no full stop.
    public let detail: String
    /// How far it had come.
    public let phase: Phase

    /// A failure in `phase`.
    public init(reason: Reason, detail: String, phase: Phase) {
        self.reason = reason
        self.detail = detail
        self.phase = phase
    }

    /// True if the backend has seen nothing of the request.
    public var sentNothing: Bool { self.phase == .connecting }

    /// `upstream_stalled: ...`, as a log line reads it.
    public var description: String { "\(self.reason.rawValue): \(self.detail)" }
}

/// How long each phase of a transfer may take.
public struct TransferLimits: Sendable, Equatable {
    /// Connecting, TLS included, over all addresses; then `upstream_connect_timeout`. `nil` for what `Bounds` has for
    /// the destination, inside or outside.
    public var connect: Duration?
    /// From sending the request to the answer's head; then `upstream_first_byte_timeout`.
    public var firstByte: Duration
    /// Silence inside the answer, not counted while the transfer is paused; then `upstream_stalled`.
    public var betweenBytes: Duration
    /// From beginning to end, pauses included; then `upstream_timeout`.
    public var whole: Duration

    /// Limits that differ from `Bounds` where given.
    public init(
        connect: Duration? = nil, firstByte: Duration = Bounds.firstByte,
        betweenBytes: Duration = Bounds.betweenBytes, whole: Duration = Bounds.wholeAttempt
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.betweenBytes = betweenBytes
        self.whole = whole
    }

    /// Those of `Bounds`.
    public static let bounds = TransferLimits()
}

/// When a transfer passed its phases; `nil` where it has not come so far.
public struct TransferTimings: Sendable, Equatable {
    /// `send` was called.
    public internal(set) var began: Instant
    /// A connection was there, and the request went out on it.
    public internal(set) var sent: Instant?
    /// The answer's head was complete.
    public internal(set) var firstByte: Instant?
    /// Whether the connection was there before.
    public internal(set) var reusedConnection = false

    /// From `send` to a usable connection.
    public var connecting: Duration? { self.sent.map { $0 - self.began } }
    /// From `send` to the answer's head.
    public var untilFirstByte: Duration? { self.firstByte.map { $0 - self.began } }
}

/// What the one door has done since the start, for metrics.
public struct OutboundFigures: Sendable, Equatable {
    /// Transfers under way.
    public internal(set) var transfersOpen = 0
    /// Transfers begun.
    public internal(set) var transfersBegun: UInt64 = 0
    /// Sockets open, idle ones of the pools included.
    public internal(set) var connectionsOpen = 0
    /// Sockets opened.
    public internal(set) var connectionsOpened: UInt64 = 0
    /// Sockets refused because their address was not in the grant. Anything but zero is a fault of ours.
    public internal(set) var connectionsRefused: UInt64 = 0
    /// Requests sent again at once because a kept connection turned out to be closed.
    public internal(set) var resends: UInt64 = 0
    /// Bytes of request bodies handed to libcurl.
    public internal(set) var bytesSent: UInt64 = 0
    /// Bytes of answer bodies.
    public internal(set) var bytesReceived: UInt64 = 0
}
