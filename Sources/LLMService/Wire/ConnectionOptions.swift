/// How a service talks to its server: what there is to choose beside the address and the key. The bounds are a little
/// above Gatehouse's own, so that its word is heard before ours.
public struct ConnectionOptions: Sendable {
    /// Whether proxies may be used.
    public enum Proxies: Sendable {
        /// None: requests go to the server or nowhere. On Linux, Foundation heeds `https_proxy` and its like and cannot be
        /// told not to; a request to an `https://` address that would go through one is refused there.
        case none
        /// What the system says: its settings, on Linux the environment.
        case system
    }

    /// Headers that each request has beside ours (`api-key` for Azure, `anthropic-beta`).
    public var headers: [String: String] = [:]
    /// Whether proxies may be used.
    public var proxies = Proxies.none
    /// From the request to the first byte of a streamed answer: a model may have to be loaded before.
    public var firstByteMax = Duration.seconds(330)
    /// From one byte of an answer to the next.
    public var silenceMax = Duration.seconds(90)
    /// From the request to the end of its answer. A request's own `timeout` may be shorter.
    public var wholeMax = Duration.seconds(3700)
    /// The most bytes of an answer. What has come and is not read yet is kept, since a server would keep its slot for a
    /// reader that is slow: so this bounds memory too.
    public var answerBytesMax = 32 << 20
    /// The most bytes of one line of a stream.
    public var lineBytesMax = 1 << 20
    /// Connections to the server at once; more requests wait for one. On Linux each request has a connection of its own,
    /// and there is no such bound.
    public var connectionsMax = 256

    /// Foundation's session is used for all that it can do, also where there is something better.
    var usesSession = false

    /// The defaults.
    public init() {}
}
