import Vocabulary

extension Breaker {
    /// What became of a request, as far as it concerns one breaker.
    public enum Outcome: Equatable, Sendable {
        /// It was answered to the end.
        case success
        /// So it was, but the answer began late.
        case slow
        /// It failed by what this breaker guards.
        case failed
        /// It failed before it was sent: nobody took the connection.
        case connectFailed
        /// The server does not take our own key (`health.md` E3): asking again soon changes nothing.
        case keyRefused
        /// The server was there, and what it did wrong is another breaker's concern. No failure, but no proof either: a
        /// trial that ends so has failed.
        case blamedOnModel
        /// The server refused it for load, and said perhaps when to come again.
        case busy(retryAfter: Duration?)
        /// It says nothing.
        case neutral

        /// True if the outcome may open a closed breaker by a ratio.
        public var isAgainst: Bool {
            switch self {
            case .slow, .failed, .connectFailed: true
            case .success, .blamedOnModel, .busy, .neutral, .keyRefused: false
            }
        }
    }

    /// The name of a state: for metrics, logs and people.
    public enum Label: String, Hashable, Sendable, CaseIterable {
        /// Requests pass.
        case closed
        /// One trial at a time passes.
        case halfOpen = "half_open"
        /// None passes.
        case open
        /// None passes, since the server asked for a pause.
        case throttled

        /// The value of `gatehouse_breaker_state`.
        public var number: Int {
            switch self {
            case .closed: 0
            case .halfOpen: 1
            case .open: 2
            case .throttled: 3
            }
        }
    }

    /// The rule that brought a change about.
    public enum Cause: Hashable, Sendable {
        case failuresInARow(Int)
        case connectFailuresInARow(Int)
        case failureRatio(Int, of: Int)
        case slowRatio(Int, of: Int)
        case trialFailed
        /// The same where a ratio had opened it, which still counts as one of these.
        case trialFailedAfterRatio
        case busy
        case pauseOver
        case openTimeOver
        case trialSucceeded
        case keyRefused
        case held
        case holdOver

        var isRatio: Bool {
            switch self {
            case .failureRatio, .slowRatio, .trialFailedAfterRatio: true
            case .failuresInARow, .connectFailuresInARow, .trialFailed, .busy, .pauseOver, .openTimeOver,
                .trialSucceeded, .keyRefused, .held, .holdOver:
                false
            }
        }

        /// For a person: `5 requests in a row failed`.
        public var sentence: String {
            switch self {
            case .failuresInARow(let count): "\(counted(count, "request")) failed"
            case .connectFailuresInARow(let count): "\(counted(count, "request")) could not connect"
            case .failureRatio(let failures, let all): "\(failures) of \(all) requests failed in 30 s"
            case .slowRatio(let slow, let all): "\(slow) of \(all) requests were slow to begin in 30 s"
            case .trialFailed, .trialFailedAfterRatio: "a trial was not answered"
            case .busy: "it said that it is busy"
            case .pauseOver: "the pause is over"
            case .openTimeOver: "time for a trial"
            case .trialSucceeded: "trials were answered"
            case .held: "an operator holds it"
            case .holdOver: "no operator holds it any more"
            case .keyRefused: "it does not take the key that it is sent"
            }
        }
    }

    /// A change of state.
    public struct Change: Equatable, Sendable {
        /// Before.
        public let from: Label
        /// After; another than `from`.
        public let to: Label
        /// Why.
        public let cause: Cause
        /// Until when it keeps requests away; `nil` if it does not.
        public let until: Instant?

        /// True if trials have shown that what was away is back.
        public var isRecovery: Bool { self.from == .halfOpen && self.to == .closed }
    }

    /// The name of the present state.
    public var label: Label {
        if let held { return held.isOpen ? .open : .closed }
        return switch self.state {
        case .closed: .closed
        case .throttled: .throttled
        case .open: .open
        case .halfOpen: .halfOpen
        }
    }

    /// Why it is not closed, for a person; `nil` if it is.
    public var why: String? {
        if self.held != nil { return Cause.held.sentence }
        return switch self.state {
        case .closed: nil
        case .throttled: Cause.busy.sentence
        case .open(let opening): opening.cause.sentence
        case .halfOpen(let cause, _, _): cause.sentence
        }
    }
}
