import Vocabulary

/// Follows intents and their outcomes through a chain whose records hold: each intent has one outcome behind it, at the
/// latest before the next start of a node, which gives one to those that a crash has left without.
///
/// It remembers every intent, some 50 MB for a million: what it says must not depend on how far apart two records are.
public struct DepartureCheck: Sendable {
    /// What a record means here.
    public enum Mark: Hashable, Sendable {
        /// Something was about to leave.
        case intent(RequestID, attempt: Int)
        /// What became of it.
        case outcome(RequestID, attempt: Int)
        /// A node went on with the file.
        case start
        /// An intent or outcome that does not say of what.
        case unreadable
    }

    /// Faults that are kept; the others are counted.
    public static let faultsMax = 100

    private struct Send: Hashable {
        var request: RequestID
        var attempt: Int
    }

    /// Intents seen.
    public private(set) var intents = 0
    /// Outcomes seen.
    public private(set) var outcomes = 0
    /// What is wrong, in the order in which it shows; at most `faultsMax`.
    public private(set) var faults: [AuditFault] = []
    /// All that is wrong.
    public private(set) var faultCount = 0
    private let startsAnywhere: Bool
    /// Intents without outcome, with the numbers of their records.
    private var waiting: [Send: Int64] = [:]
    private var ended: Set<Send> = []
    /// Intents whose outcome was missed at a start; it is no second fault if one comes later.
    private var missed: Set<Send> = []

    /// Before the first record of a whole file; with `startsAnywhere` of a part, before which intents may lie.
    public init(startsAnywhere: Bool = false) {
        self.startsAnywhere = startsAnywhere
    }

    /// Intents without outcome since the last start: those of a node that runs, or that was stopped or killed and will
    /// give them one when it is started again.
    public var open: Int { self.waiting.count }

    /// Takes the record with this number.
    public mutating func take(_ mark: Mark, at sequence: Int64) {
        switch mark {
        case .intent(let request, let attempt):
            self.intents += 1
            let send = Send(request: request, attempt: attempt)
            if self.waiting[send] != nil || self.ended.contains(send) || self.missed.contains(send) {
                return self.add(.intentTwice, at: sequence)
            }
            self.waiting[send] = sequence
        case .outcome(let request, let attempt):
            self.outcomes += 1
            let send = Send(request: request, attempt: attempt)
            if self.waiting.removeValue(forKey: send) != nil || self.missed.remove(send) != nil {
                self.ended.insert(send)
            } else if self.ended.contains(send) {
                self.add(.outcomeTwice, at: sequence)
            } else if self.startsAnywhere {
                self.ended.insert(send)
            } else {
                self.add(.outcomeWithoutIntent, at: sequence)
            }
        case .start:
            for sequence in self.waiting.values.sorted() { self.add(.outcomeMissing, at: sequence) }
            self.missed.formUnion(self.waiting.keys)
            self.waiting = [:]
        case .unreadable:
            self.add(.malformed, at: sequence)
        }
    }

    private mutating func add(_ code: AuditFault.Code, at sequence: Int64) {
        self.faultCount += 1
        if self.faults.count < Self.faultsMax { self.faults.append(AuditFault(code, at: sequence)) }
    }
}
