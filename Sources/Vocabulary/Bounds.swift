/// Every upper bound and timeout that is not the operator's to set, by name. What happens at each is told beside it;
/// the reason code that a client sees stands in `Reason`.
public enum Bounds {
    // MARK: What a client may send

    /// Request line and header lines together; more is 431 `head_too_large`.
    public static let requestHead = Bytes.kibibytes(64)
    /// Header lines in one head; more is 431 `head_too_large`.
    public static let requestHeaderLines = 200
    /// One request's body; more is 413 `body_too_large`.
    public static let requestBody = Bytes.mebibytes(32)
    /// Bodies of all requests together; more is 503 `bodies_in_flight`. One that is changed or translated on its way is
    /// held twice while it is sent, as it came and as it goes.
    public static let bodiesInFlight = Bytes.mebibytes(512)
    /// Silence inside a head; then 408 `request_timeout`.
    public static let headIdle = Duration.seconds(10)
    /// Silence inside a body; then 408 `request_timeout`.
    public static let bodyIdle = Duration.seconds(30)
    /// Silence between two requests; then the connection is closed.
    public static let keepAliveIdle = Duration.seconds(60)
    /// A TLS handshake from the first byte to the last; then the connection is closed.
    public static let tlsHandshake = Duration.seconds(10)
    /// A PROXY header from the first byte to the last; then the connection is cut.
    public static let proxyHeader = Duration.seconds(10)
    /// Open client connections; one more is answered 503 `connections_exhausted` and closed.
    public static let connections = 10_000
    /// Of these, kept for health checks.
    public static let connectionsKeptForHealth = 8
    /// Open connections to the agent port; one more is closed without a line, which HAProxy takes for no news.
    public static let agentConnections = 64
    /// Pipelined bytes read ahead while an answer is under way: a stopped read would hide that the client has gone.
    public static let readAhead = Bytes.kibibytes(64)

    // MARK: Answers on their way

    /// Bytes waiting for one slow client; above it the upstream is paused.
    public static let streamBuffer = Bytes.kibibytes(64)
    /// A client that takes nothing for so long is cut, `client_too_slow`.
    public static let clientReadIdle = Duration.seconds(30)
    /// One SSE or NDJSON line of a backend; a longer one is `upstream_malformed`.
    public static let streamLine = Bytes.mebibytes(1)
    /// A whole answer up to this size is read before it is sent, so that it can be judged as a whole.
    public static let answerHeld = Bytes.mebibytes(1)
    /// A whole answer that must be translated; a longer one is `upstream_malformed`.
    public static let answerTranslated = Bytes.mebibytes(16)
    /// Events held back until the first content token, so that another backend can still answer unseen.
    public static let eventsHeld = 64
    /// Bytes of those events.
    public static let eventBytesHeld = Bytes.kibibytes(256)
    /// The answer of a probe or of an inventory; a longer one is a failed probe.
    public static let probeAnswer = Bytes.mebibytes(8)

    // MARK: Backends

    /// TCP connect and TLS handshake inside; then `upstream_connect_timeout`.
    public static let connect = Duration.seconds(2)
    /// The same to a backend outside, a proxy on the way included.
    public static let connectExternal = Duration.seconds(5)
    /// From sending the request to the answer's head. Ollama sends none before the first token, so queueing, loading
    /// and prompt evaluation all count; then `upstream_first_byte_timeout`.
    public static let firstByte = Duration.seconds(300)
    /// Silence inside an answer; then `upstream_stalled`.
    public static let betweenBytes = Duration.seconds(60)
    /// One attempt from beginning to end; then `upstream_timeout`.
    public static let wholeAttempt = Duration.seconds(3_600)
    /// A grant that has not been used by then is refused.
    public static let grantLife = Duration.seconds(30)
    /// Names are resolved again after this time.
    public static let resolveEvery = Duration.seconds(30)
    /// Addresses of one name; more are refused.
    public static let addressesPerName = 16

    // MARK: Waiting

    /// After the start a request of which no backend that has answered knows the model waits for those that have not;
    /// then 503 `backends_unavailable`. A little more than `connect`, so that one without an answer is told of as such.
    public static let start = Duration.milliseconds(2_500)
    /// Requests waiting for a slot of one model; one more is 429 `queue_full`.
    public static let queuePerModel = 64
    /// The longest wait for a slot, unless the caller asks for less; then 429 `queue_timeout`.
    public static let queueWait = Duration.seconds(300)
    /// A longer wait for a local slot is a reason to look elsewhere, where a ladder leads there.
    public static let queueTarget = Duration.seconds(30)
    /// Sends per request: the first and one retry.
    public static let attemptsPerRequest = 2
    /// Retries allowed as a share of requests over ten seconds, in percent, beside `retryFloor`.
    public static let retryPercent = 10
    /// Retries always allowed in ten seconds.
    public static let retryFloor = 3

    // MARK: Policy

    /// Rules of a policy, shadow rules among them; a file with more is refused.
    public static let policyRules = 1_000
    /// Conversations whose sensitivity is remembered; one more, and the one that was silent longest is forgotten.
    public static let conversations = 100_000
    /// So long after its last turn a conversation's sensitivity is forgotten.
    public static let conversationMemory = Duration.seconds(86_400)

    // MARK: Depths and queues

    /// Nesting of JSON in a request or answer; deeper is 400 `invalid_json`.
    public static let jsonDepth = 128
    /// Log lines waiting to be written; more are dropped and counted.
    public static let logLines = 10_000
    /// Usage rows waiting to be written; more are dropped and counted.
    public static let usageRows = 10_000
    /// Audit records waiting to be written; more are lost and counted, and intents are refused, `audit_unavailable`.
    public static let auditRecords = 10_000
    /// An intent that is not on the disk by then: nothing leaves, `audit_unavailable`.
    public static let auditWait = Duration.seconds(1)
    /// Departures of which the audit chain tells at once; where there were more, they cannot be counted.
    public static let auditDepartures = 1_000_000
    /// Records at the end of the audit chain that are verified when a node starts.
    public static let auditTail = 1_000
    /// Requests remembered after their end, for `requests list` and `show`.
    public static let requestsRemembered = 1_000
    /// A configuration file; a larger one is refused.
    public static let configurationFile = Bytes.mebibytes(1)
    /// `gatehouse keys` waits so long for another one that is changing the same file.
    public static let fileLock = Duration.seconds(10)
}
