/// A place in a configuration file. Lines and columns count from 1, columns in Unicode scalars, as editors do.
public struct Position: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The file as it was named to us.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// The column, from 1.
    public let column: Int

    /// The place `line:column` of `file`.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// Orders as a reader goes through the files.
    public static func < (left: Position, right: Position) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }

    /// `gatehouse.yaml:12:7`, which editors and terminals make into a link.
    public var description: String { "\(self.file):\(self.line):\(self.column)" }
}

/// One mistake in a configuration file.
public struct Problem: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Where it is; `nil` if the file as a whole is the problem, as when it is missing.
    public let position: Position?
    /// The file as it was named to us.
    public let file: String
    /// What was found, what was expected, and a way out if there is one; lower case, no full stop.
    public let message: String

    /// The mistake told by `message` at `position`.
    public init(_ position: Position, _ message: String) {
        self.position = position
        self.file = position.file
        self.message = message
    }

    /// The mistake told by `message`, with `file` as a whole.
    public init(file: String, _ message: String) {
        self.position = nil
        self.file = file
        self.message = message
    }

    /// Orders by place; a problem with a whole file comes before those inside it.
    public static func < (left: Problem, right: Problem) -> Bool {
        (left.file, left.position?.line ?? 0, left.position?.column ?? 0, left.message)
            < (right.file, right.position?.line ?? 0, right.position?.column ?? 0, right.message)
    }

    /// `file:line:column: message`.
    public var description: String { "\(self.position?.description ?? self.file): \(self.message)" }
}

/// Every mistake that was found, in the order of their places.
public struct Problems: Error, Hashable, Sendable, CustomStringConvertible {
    /// Sorted, each once.
    public let all: [Problem]

    /// Sorts `problems` and drops repetitions.
    public init(_ problems: [Problem]) {
        self.all = Set(problems).sorted()
    }

    /// One line each.
    public var description: String { self.all.map(\.description).joined(separator: "\n") }
}

/// Gathers mistakes while a tree is read, so that one mistake does not hide the next.
final class ProblemCollector {
    private(set) var problems: [Problem] = []

    func add(_ position: Position, _ message: String) {
        self.problems.append(Problem(position, message))
    }
}
