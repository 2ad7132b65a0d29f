import Vocabulary

/// One thing that keeps a policy from being made.
public struct PolicyProblem: Hashable, Sendable, CustomStringConvertible {
    /// What the problem is with.
    public let subject: PolicySubject
    /// The key of the file that is wrong, if it is one of the subject's own.
    public let key: String?
    /// What was found and what to write instead; lower case, no full stop.
    public let message: String

    /// ``rules[2]: ...``
    public var description: String { "\(self.subject): \(self.message)" }
}

/// A part of a policy: what mistakes and advice are about. Places count from 0, in the order given.
public enum PolicySubject: Hashable, Sendable, CustomStringConvertible {
    /// The whole.
    case policy
    /// What must hold of a backend.
    case external(BackendID)
    /// An entry of `sensitivity.by_tag`.
    case tag(Int)
    /// An entry of `rules`.
    case rule(Int)
    /// An entry of `shadow`.
    case shadow(Int)

    /// As the file has it: `rules[2]`.
    public var description: String {
        switch self {
        case .policy: "policy"
        case .external(let backend): "external.\(backend)"
        case .tag(let place): "sensitivity.by_tag[\(place)]"
        case .rule(let place): "rules[\(place)]"
        case .shadow(let place): "shadow[\(place)]"
        }
    }
}

/// All that keeps a policy from being made.
public struct PolicyProblems: Error, Hashable, Sendable, CustomStringConvertible {
    /// Never empty.
    public let problems: [PolicyProblem]

    /// One line each.
    public var description: String { self.problems.map(\.description).joined(separator: "\n") }
}
