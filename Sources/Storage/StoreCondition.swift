/// How the writing of a store goes, for `/health` and metrics.
public enum StoreCondition: Hashable, Sendable {
    /// The last commit succeeded, or there was none.
    case writing
    /// The last commit failed; its rows wait to be tried again.
    case failing(StorageProblem)
    /// The store was closed.
    case closed
}

/// How long a writer waits for what does not go.
struct Patience: Sendable {
    /// For another process's lock, before the attempt counts as failed.
    var lock = Duration.seconds(2)
    /// The first rest after a failed attempt; it doubles with each, up to `restMax`.
    var restMin = Duration.seconds(1)
    /// The longest rest.
    var restMax = Duration.seconds(10)
}
