import Vocabulary

/// What a send is for; it decides which paths are open.
public enum Purpose: Hashable, Sendable {
    /// An attempt to answer a client's request; the first is 1.
    case request(RequestID, attempt: Int)
    /// A look at a configured backend's health and inventory.
    case probe
    /// Unloading a model that answers nobody any more (`ollama.md` 1.12), where the operator allows it.
    case healing
    /// A look at a server that is not configured yet, by `init` and `doctor`.
    case inspection
    /// A question or command of the command line to a node on this host, over its Unix socket.
    case administration

    /// As a refusal names it.
    var phrase: String {
        switch self {
        case .request: "a request"
        case .probe: "a probe"
        case .healing: "healing"
        case .inspection: "an inspection"
        case .administration: "administration"
        }
    }
}

/// Single-use permission to send one finished request to one backend at addresses that were judged.
///
/// It cannot be copied, and only `Gate.grant` makes one: a send that the gate did not allow does not compile. Whoever
/// sends checks `isValid(at:)` first and connects to nothing but `destination`. For a backend outside the organisation
/// there is an entrance of its own, which asks for a verdict and for the proof that its audit intent is durable.
public struct Grant: ~Copyable, Sendable {
    /// What is sent, complete.
    public let request: OutboundRequest
    /// To whom.
    public let backend: BackendID
    /// Where to, and nowhere else.
    public let destination: CheckedAddresses
    /// The path to ask for: the request's own, below the backend's base path if it has one.
    public let path: String
    /// The key to send, which nobody else can set; `nil` for none.
    public let credential: ShownCredential?
    /// The `Host` to send.
    public let hostHeader: String
    /// What for.
    public let purpose: Purpose
    /// Not to be used from then on.
    public let expires: Instant
    /// Of the gate that gave it. A connection opened under another generation must not carry it.
    public let generation: UInt64

    init(
        request: consuming OutboundRequest, destination: CheckedAddresses, path: String? = nil,
        credential: ShownCredential? = nil, purpose: Purpose, expires: Instant, generation: UInt64
    ) {
        self.path = path ?? request.path
        self.request = request
        self.credential = credential
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
