import Vocabulary

/// What a rule can ask, in the order in which it does.
public enum PolicyCondition: String, Hashable, Sendable, CaseIterable, Comparable {
    /// How sensitive the request is.
    case sensitivity
    /// Whose project and key it comes from.
    case caller
    /// For which feature.
    case feature
    /// Why local would not do.
    case trigger
    /// When.
    case time
    /// How long the body is.
    case bytes
    /// How much has gone today.
    case day

    private var rank: Int {
        switch self {
        case .sensitivity: 0
        case .caller: 1
        case .feature: 2
        case .trigger: 3
        case .time: 4
        case .bytes: 5
        case .day: 6
        }
    }

    /// What is asked first orders first.
    public static func < (left: PolicyCondition, right: PolicyCondition) -> Bool { left.rank < right.rank }

    /// Why nothing leaves if this is what an allow rule fails for.
    public var reason: Reason {
        switch self {
        case .sensitivity: .sensitivityTooHigh
        case .caller: .projectForbidden
        case .feature: .featureForbidden
        case .trigger: .triggerForbidden
        case .time: .timeForbidden
        case .bytes: .limitBytes
        case .day: .limitRate
        }
    }
}
