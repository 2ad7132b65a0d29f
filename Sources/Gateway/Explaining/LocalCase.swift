import Vocabulary

/// What may be so of the backends of the intranet when a request comes.
enum LocalCase: String, CaseIterable, Sendable {
    /// They answer.
    case works = "local_works"
    /// None of them works.
    case down = "local_down"
    /// All of their slots are taken, and the wait for one is longer than its target.
    case saturated = "local_saturated"
    /// The one that is asked gives no answer in time, and no other works.
    case timedOut = "local_timeout"

    /// Those in which somebody outside may be asked.
    static let troubles: [LocalCase] = [.down, .saturated, .timedOut]

    /// What the policy calls it.
    var trigger: Trigger? {
        switch self {
        case .works: nil
        case .down: .localDown
        case .saturated: .localSaturated
        case .timedOut: .localTimeout
        }
    }
}
