/// One mistake in a manifest: where, as keys from its root, and what, in words. Whoever read the file adds the line.
public struct ManifestProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// The keys that lead to the place, as written: `["models", "llama3.2", "context"]`. List entries are numbers
    /// from 0.
    public let path: [String]
    /// What was found, what was expected, a way out.
    public let message: String

    /// A mistake at `path`.
    public init(path: [String], message: String) {
        self.path = path
        self.message = message
    }

    /// `models.llama3.2.context: ...`
    public var description: String {
        self.path.isEmpty ? self.message : "\(self.path.joined(separator: ".")): \(self.message)"
    }
}

/// Every mistake of a manifest at once.
public struct ManifestProblems: Error, Hashable, Sendable, CustomStringConvertible {
    /// Never empty.
    public let problems: [ManifestProblem]

    init(_ problems: [ManifestProblem]) {
        precondition(!problems.isEmpty, "a manifest without problems was refused")
        self.problems = problems
    }

    /// One problem a line.
    public var description: String {
        self.problems.map(\.description).joined(separator: "\n")
    }
}
