import Vocabulary

/// The bounds of one connection. The defaults are `Bounds`; those that `Bounds` does not name belong to the protocol
/// alone and are explained here.
public struct ConnectionLimits: Hashable, Sendable {
    /// Request line and headers; more is 431.
    public var headBytesMax = Bounds.requestHead.count
    /// Header lines; more is 431.
    public var headerLinesMax = Bounds.requestHeaderLines
    /// Any body; more is 413. A handler may ask for less.
    public var bodyMax = Bounds.requestBody.count
    /// Pipelined bytes held while an answer is under way; then reading pauses. One read can pass it by 64 KiB.
    public var readAhead = Bounds.readAhead.count
    /// Answers wait for the client from here on before the next pipelined request is begun.
    public var answerBacklog = Bounds.streamBuffer.count

    /// Silence before and between requests; then the connection is closed without a word.
    public var keepAliveIdle = Bounds.keepAliveIdle
    /// Silence inside a head; then 408.
    public var headIdle = Bounds.headIdle
    /// A head from its first to its last byte; then 408. A byte every nine seconds must not hold a connection for
    /// days; three times the silence that is allowed is enough for any honest client.
    public var headWhole = Duration.seconds(30)
    /// Silence inside a body that is being read; then 408.
    public var bodyIdle = Bounds.bodyIdle
    /// A body from the first to the last byte; then 408. 32 MiB in ten minutes is 55 KB/s.
    public var bodyWhole = Duration.seconds(600)
    /// A client that takes nothing of its answer for so long is cut, `client_too_slow`.
    public var clientReadIdle = Bounds.clientReadIdle

    /// How long an answer may still take after the client has ended its side. The end of a stream is how a client's
    /// leaving looks (a closed socket sends the same FIN as a half-closed one), so it must count as leaving, as in
    /// nginx: a cancelled generation would go on otherwise. But `printf ... | nc` ends its side too and waits; what
    /// is answered from memory or by a quick backend still reaches it.
    public var halfCloseGrace = Duration.milliseconds(250)

    /// An unread body up to this size is thrown away so that the connection can be kept; with a larger one it closes.
    public var drainMax = 64 << 10
    /// After the last answer the connection is read on, so that the client sees the answer and not a reset (RFC 9112
    /// section 9.6): until it ends its side, is silent for so long,
    public var lingerIdle = Duration.seconds(2)
    /// has used up this time,
    public var lingerWhole = Duration.seconds(10)
    /// or has sent this much.
    public var lingerBytesMax = 64 << 20

    /// The defaults.
    public init() {}
}
