import Vocabulary

/// By what usage is summed.
public enum UsageDimension: String, Hashable, Sendable, CaseIterable {
    /// The day in UTC, `2026-11-24`.
    case day
    /// The model that served.
    case model
    /// The key's id.
    case key
    /// Who paid.
    case project
    /// For which function.
    case feature
    /// For which person.
    case principal
    /// The backend of the last attempt.
    case backend
}

/// Usage summed over all rows that agree in some dimensions.
public struct UsageSummary: Hashable, Sendable {
    /// What the rows agree in, in the order asked for; `nil` where the rows do not say.
    public var group: [String?]
    /// The sums.
    public var totals: UsageTotals

    /// A line of the summary.
    public init(group: [String?], totals: UsageTotals) {
        self.group = group
        self.totals = totals
    }
}

/// Sums over requests. Sums can be added; averages are made of them at the end.
public struct UsageTotals: Hashable, Sendable {
    /// All requests.
    public var requests = 0
    /// Those answered with a status of 400 or more, and streams that broke after they had begun.
    public var errors = 0
    /// Tokens of all prompts, where told.
    public var promptTokens = 0
    /// Tokens of all answers, where told.
    public var outputTokens = 0
    /// Time from arrival to the end.
    public var total = Duration.zero
    /// Time waited for slots.
    public var queued = Duration.zero
    /// Time to the first token, over `firstTokens` requests.
    public var firstToken = Duration.zero
    /// Requests that came to a first token.
    public var firstTokens = 0

    /// The ends of requests that went as they should. With any other, a status of 200 is that of a stream which broke
    /// later.
    public static let ends: [Reason] = [.allowLocal, .answeredHere, .upstreamRefused]

    /// No requests.
    public init() {}

    /// The average time to the first token.
    public var firstTokenAverage: Duration? {
        self.firstTokens == 0 ? nil : self.firstToken / self.firstTokens
    }

    /// The average time from arrival to the end.
    public var totalAverage: Duration? {
        self.requests == 0 ? nil : self.total / self.requests
    }

    /// Both together.
    public static func + (left: UsageTotals, right: UsageTotals) -> UsageTotals {
        var sum = left
        sum.requests += right.requests
        sum.errors += right.errors
        sum.promptTokens += right.promptTokens
        sum.outputTokens += right.outputTokens
        sum.total += right.total
        sum.queued += right.queued
        sum.firstToken += right.firstToken
        sum.firstTokens += right.firstTokens
        return sum
    }

    /// Counts one row.
    public mutating func add(_ row: UsageRow) {
        self.requests += 1
        self.errors += row.status >= 400 || !Self.ends.contains(row.reason) ? 1 : 0
        self.promptTokens += row.promptTokens?.count ?? 0
        self.outputTokens += row.outputTokens?.count ?? 0
        self.total += row.total
        self.queued += row.queued ?? .zero
        self.firstToken += row.firstToken ?? .zero
        self.firstTokens += row.firstToken == nil ? 0 : 1
    }
}
