/// A stream that its framing does not allow; the answer cannot be trusted any further (`upstream_malformed`).
public enum StreamProblem: Error, Equatable, Sendable {
    /// A line without an end within `Bounds.streamLine`.
    case lineTooLong
}
