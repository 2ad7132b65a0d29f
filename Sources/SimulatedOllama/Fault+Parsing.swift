import Vocabulary

extension Fault {
    /// Every fault as `--help` and error messages list it.
    public static let grammar = [
        "refuse", "hang", "reset-after=BYTES", "stall-after=TOKENS", "status=400..599", "garbage", "slow-load=SECONDS",
        "remote-host", "truncate-after=TOKENS", "runner-dies-after=TOKENS", "redirect=URL", "lose-slots",
    ]

    /// The kind called `name`; `text` is the whole fault, for messages.
    static func kind(named name: String, value: String?, of text: String) throws(Problem) -> Kind {
        switch name {
        case "refuse": return try Self.bare(.refuse, value, of: text)
        case "hang": return try Self.bare(.hang, value, of: text)
        case "garbage": return try Self.bare(.garbage, value, of: text)
        case "remote-host": return try Self.bare(.remoteHost, value, of: text)
        case "lose-slots": return try Self.bare(.loseSlots, value, of: text)
        case "reset-after": return .resetAfter(bytes: try Self.count(value, of: text))
        case "stall-after": return .stallAfter(tokens: try Self.count(value, of: text))
        case "truncate-after": return .truncateAfter(tokens: try Self.count(value, of: text))
        case "runner-dies-after": return .runnerDiesAfter(tokens: try Self.count(value, of: text))
        case "status": return .status(try Self.status(value, of: text))
        case "slow-load": return .slowLoad(try Self.seconds(value, of: text))
        case "redirect": return .redirect(try Self.url(value, of: text))
        default: throw Self.unknown(name, of: text)
        }
    }

    private static func bare(_ kind: Kind, _ value: String?, of text: String) throws(Problem) -> Kind {
        guard let value else { return kind }
        throw Problem(description: "fault '\(text)' takes no value, found '\(value)'")
    }

    private static func count(_ value: String?, of text: String) throws(Problem) -> Int {
        guard let value, let count = Int(value), count >= 0 else {
            throw Problem(description: "fault '\(text)': expected a whole number from 0, found '\(value ?? "nothing")'")
        }
        return count
    }

    private static func status(_ value: String?, of text: String) throws(Problem) -> Int {
        guard let value, let status = Int(value), (400...599).contains(status) else {
            throw Problem(
                description: "fault '\(text)': expected a status from 400 to 599, found '\(value ?? "nothing")'")
        }
        return status
    }

    /// Up to a day; a longer load is a hang.
    private static func seconds(_ value: String?, of text: String) throws(Problem) -> Duration {
        guard let value, let seconds = Double(value), seconds >= 0, seconds <= 86_400 else {
            throw Problem(
                description: "fault '\(text)': expected seconds from 0 to 86400, found '\(value ?? "nothing")'")
        }
        return .nanoseconds(Int64(seconds * 1e9))
    }

    private static func url(_ value: String?, of text: String) throws(Problem) -> String {
        guard let value, !value.isEmpty, value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(
                description:
                    "fault '\(text)': expected a URL in printable ASCII without blanks, found '\(value ?? "nothing")'")
        }
        return value
    }

    private static func unknown(_ name: String, of text: String) -> Problem {
        let names = Self.grammar.map { String($0.prefix { $0 != "=" }) }
        let nearest = names.min { Self.distance(name, $0) < Self.distance(name, $1) }
        let hint = nearest.flatMap { Self.distance(name, $0) <= 3 ? "; did you mean '\($0)'?" : nil } ?? ""
        return Problem(
            description: "unknown fault '\(text)'\(hint) (known: \(Self.grammar.joined(separator: ", ")))")
    }

    /// Levenshtein's edit distance, two rows at a time.
    private static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let substituted = diagonal + (byte == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substituted, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
