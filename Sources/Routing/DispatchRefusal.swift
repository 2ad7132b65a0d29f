import Vocabulary

/// Why the dispatcher gives a request no seat and no place in a queue.
public struct DispatchRefusal: Equatable, Sendable {
    /// One place that was looked at.
    public struct Considered: Equatable, Sendable {
        /// The backend.
        public let backend: BackendID
        /// The model.
        public let model: ModelName
        /// What stood against it.
        public let finding: Finding
    }

    /// What stands against a place.
    public enum Finding: Equatable, Sendable {
        /// The backend is down, unknown or quarantined; in words.
        case unusable(String)
        /// An operator has it drained.
        case draining
        /// The request failed there already.
        case failedBefore
        /// Too many requests failed there: its breaker is open.
        case open
        /// It asked for a pause.
        case throttled
        /// All slots are taken and the queue is full.
        case full
    }

    /// `backends_unavailable`, `model_unavailable`, `upstream_busy`, `queue_full` or `draining`.
    public let reason: Reason
    /// When asking again is likely to help.
    public let retryAfter: Duration
    /// The models asked for, in order.
    public let models: [ModelName]
    /// Every place looked at, in order.
    public let considered: [Considered]
    /// How many requests may wait for a model: the bound that `queue_full` is about.
    public let queueMax: Int
}
