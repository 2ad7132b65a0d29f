import Vocabulary

/// Whether a backend may be sent requests.
public enum Usability: Hashable, Sendable {
    /// Nothing fresh is known: not asked yet, or no answer for three intervals. Not routable.
    case unknown
    /// Requests may go there.
    case usable
    /// Not now; the reason is `cloud_not_off` or that of the last failure.
    case unusable(Reason, detail: String)
    /// It answered from outside: only an operator lets it back.
    case quarantined(detail: String)

    /// True for `usable` alone.
    public var isUsable: Bool {
        self == .usable
    }

    /// The reason code of a backend that may not be used; `nil` if it may, or if nothing is known.
    public var reason: Reason? {
        switch self {
        case .unknown, .usable: nil
        case .unusable(let reason, _): reason
        case .quarantined: .backendQuarantined
        }
    }

    /// A bounded label for metrics: `unknown`, `usable`, `unusable`, `quarantined`.
    public var label: String {
        switch self {
        case .unknown: "unknown"
        case .usable: "usable"
        case .unusable: "unusable"
        case .quarantined: "quarantined"
        }
    }

    /// What a person reads: the label, and why.
    public var sentence: String {
        switch self {
        case .unknown, .usable: self.label
        case .unusable(let reason, let detail): "unusable: \(reason.rawValue): \(detail)"
        case .quarantined(let detail): "quarantined: \(detail)"
        }
    }

    /// Whether the change is worth a line in the log: the wording of a failure may vary without news.
    func isNews(after earlier: Usability) -> Bool {
        self.label != earlier.label || self.reason != earlier.reason
    }
}

/// A change of usability, for the log and the count of changes.
public struct UsabilityChange: Hashable, Sendable {
    /// Before.
    public var from: Usability
    /// After.
    public var to: Usability
    /// What brought it about, in plain words.
    public var cause: String

    /// A change from one state to another.
    public init(from: Usability, to: Usability, cause: String) {
        self.from = from
        self.to = to
        self.cause = cause
    }
}
