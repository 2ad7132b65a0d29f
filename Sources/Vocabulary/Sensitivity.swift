/// How far the content of a request may go, in order. What nobody has classified is `restricted`.
public enum Sensitivity: String, Hashable, Sendable, CaseIterable, Comparable {
    case `public`
    case `internal`
    case confidential
    case restricted

    private var rank: Int {
        switch self {
        case .public: 0
        case .internal: 1
        case .confidential: 2
        case .restricted: 3
        }
    }

    /// Orders by how little may be done with it.
    public static func < (left: Sensitivity, right: Sensitivity) -> Bool { left.rank < right.rank }
}

/// Why a local backend would not do: what every request that leaves must be able to say.
public enum Trigger: String, Hashable, Sendable, CaseIterable {
    /// No local backend that has a model for it works.
    case localDown = "local_down"
    /// The wait before the local slots is longer than its target, or the queue is full.
    case localSaturated = "local_saturated"
    /// No local backend answered in time.
    case localTimeout = "local_timeout"
    /// It is longer than the context of every local model.
    case contextOverflow = "context_overflow"
    /// No local model can do what it needs.
    case capabilityMissing = "capability_missing"
    /// The caller asked for a model outside by its name.
    case callerRequested = "caller_requested"
}
