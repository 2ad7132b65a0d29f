import Vocabulary

/// How urgent a request is. Each of `batch` waits behind all `interactive`, but never for ever.
public enum RequestPriority: String, Hashable, Sendable, CaseIterable {
    /// Somebody is waiting.
    case interactive
    /// Nobody is.
    case batch
}

/// The right to have one request in flight at one backend with one model. Taken from the dispatcher and given back
/// to it exactly once.
public struct Seat: Hashable, Sendable {
    /// Whose it is.
    public let request: RequestID
    /// Where it is.
    public let backend: BackendID
    /// With which model.
    public let model: ModelName
    /// True if the model was in the backend's memory when the seat was given: its first token is due sooner.
    public let isLoaded: Bool
    /// True if the backend stands outside.
    public let isExternal: Bool
    /// True if a breaker learns from this request whether the backend is back.
    public let isTrial: Bool

    /// A seat; only the dispatcher's are worth anything.
    public init(
        request: RequestID, backend: BackendID, model: ModelName, isLoaded: Bool = false, isExternal: Bool = false,
        isTrial: Bool = false
    ) {
        self.request = request
        self.backend = backend
        self.model = model
        self.isLoaded = isLoaded
        self.isExternal = isExternal
        self.isTrial = isTrial
    }
}

/// What a seat's time there says of the backend.
public enum SeatOutcome: Hashable, Sendable {
    /// It answered to the end.
    case success
    /// So it did, but its first content took more than half of the time that it may take.
    case slow
    /// It failed.
    case failure(Reason)
    /// It refused for load, and said perhaps when to come again.
    case busy(retryAfter: Duration?)
    /// It does not have the model: its inventory is out of date.
    case modelMissing
    /// Nothing: the client left, the request itself was refused, nothing was sent.
    case neutral
}

/// Where a request must not be sent again: a backend as a whole, or with one model.
public struct Exclusion: Hashable, Sendable {
    /// The backend.
    public let backend: BackendID
    /// The model; `nil` for all.
    public let model: ModelName?

    /// Bars `backend`, with `model` or as a whole.
    public init(backend: BackendID, model: ModelName? = nil) {
        self.backend = backend
        self.model = model
    }
}
