import Vocabulary

/// What a send is for; it decides which paths are open.
public enum Purpose: Hashable, Sendable {
    /// An attempt to answer a client's request; the first is 1.
    case request(RequestID, attempt: Int)
    /// A look at a configured backend's health and inventory.
    case probe
    /// A look at a server that is not configured yet, by `init` and `doctor`.
    case inspection
    /// A question or command of the command line to a node on this host, over its Unix socket.
    case administration

    /// As a refusal names it.
    var phrase: String {
        switch self {
        case .request: "a request"
        case .probe: "a probe"
        case .inspection: "an inspection"
        case .administration: "administration"
        }
    }
}

/// Single-use permission to send one finished request to one backend at addresses that were judged.
///
/// It cannot be copied, and only `Gate.grant` makes one: a send that the gate did not allow does not compile. Whoever
/// sends checks `isValid(at:generation:)` first and connects to nothing but `destination`. A backend outside the
/// organisation will need a proof beside the addresses, that its audit intent is durable; `Gate.grant` is where it will be asked for.
public struct Grant: ~Copyable, Sendable {
    /// What is sent, complete.
    public let request: OutboundRequest
    /// To whom.
    public let backend: BackendID
    /// Where to, and nowhere else.
    public let destination: CheckedAddresses
    /// The `Host` to send.
    public let hostHeader: String
    /// What for.
    public let purpose: Purpose
    /// Not to be used from then on.
    public let expires: Instant
    /// Of the gate that gave it. A connection opened under another generation must not carry it.
    public let generation: UInt64

    init(
        request: consuming OutboundRequest, destination: CheckedAddresses, purpose: Purpose, expires: Instant,
        generation: UInt64
    ) {
        self.request = request
        self.backend = destination.backend
        self.destination = destination
        self.hostHeader = destination.hostHeader
        self.purpose = purpose
        self.expires = expires
        self.generation = generation
    }

    /// False once the grant is too old.
    public func isValid(at now: Instant) -> Bool { now < self.expires }
}
