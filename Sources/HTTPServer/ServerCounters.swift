import EventLoop
import Vocabulary

/// What a server has done since it started, for metrics.
public struct ServerCounters: Sendable {
    /// Connections accepted, turned away ones included.
    public internal(set) var connectionsAccepted = 0
    /// Connections answered 503 or closed because all were taken.
    public internal(set) var connectionsTurnedAway = 0
    /// Connections cut since they did not begin with a PROXY header, where one is expected.
    public internal(set) var proxyHeadersRefused = 0
    /// Requests handed to the handler.
    public internal(set) var requests = 0
    /// Requests that the server answered itself, by reason.
    public internal(set) var rejections: [Reason: Int] = [:]
    /// Clients that ended their connection during a request.
    public internal(set) var clientsLeft = 0
    /// Clients that were cut since they took nothing of their answer.
    public internal(set) var clientsTooSlow = 0
    /// Handlers that returned without an answer, or without the end of a stream.
    public internal(set) var answersBroken = 0
    /// Bytes read from clients.
    public internal(set) var bytesReceived = 0
    /// Bytes written for clients.
    public internal(set) var bytesSent = 0
}

/// A request that the server answered itself, for the log.
public struct Rejection: Sendable {
    /// Why.
    public let failure: HTTPFailure
    /// Who sent it.
    public let peer: Peer
    /// The label of the listener it came through.
    public let listener: String
}
