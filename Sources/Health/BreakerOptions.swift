import Vocabulary

extension Breaker {
    /// A trial that has not ended is waited for so long (`health.md` E2).
    public static let trialLease = Duration.seconds(60)
    /// From one early trial to the next (`health.md` E2, "last-backend rule").
    public static let earlyTrialEvery = Duration.seconds(1)
    /// The longest time for which a breaker stays open, unless the operator's first time is longer.
    public static let openForMax = Duration.seconds(120)
    /// So long closed, and the next opening is a step shorter.
    public static let decayEvery = Duration.seconds(60)
    /// The longest pause that a server may ask for.
    public static let pauseMax = Duration.seconds(300)
    /// The longest pause where the server does not say how long.
    public static let pauseGuessMax = Duration.seconds(60)
    /// How long it stays open where our key was refused: until somebody has seen to it, who then reloads.
    public static let keyRefusedFor = Duration.seconds(300)
    /// Connects in a row that fail: whoever refuses three times is not there.
    static let connectFailuresMax = 3
    /// Enough doublings to reach every bound; more would overflow.
    static let doublingsMax = 16

    /// What the operator may set (`health.md` E2; the defaults are those of the intranet).
    public struct Options: Hashable, Sendable {
        /// Failures in a row that open it; at least 1.
        public var failures: Int
        /// How long it is open the first time. Each opening after a failed trial is twice as long.
        public var openFor: Duration
        /// Trials in a row that must succeed to close it; at least 1.
        public var trials: Int

        /// The defaults, or other values; counts below one count as one.
        public init(failures: Int = 5, openFor: Duration = .seconds(10), trials: Int = 2) {
            self.failures = max(1, failures)
            self.openFor = openFor
            self.trials = max(1, trials)
        }

        /// The defaults for a server on this machine: nothing stands between, so that it is back sooner.
        public static let loopback = Options(openFor: .seconds(5))

        /// The defaults for a backend outside: it is not ours to bring back, and each trial is somebody's prompt.
        public static let external = Options(openFor: .seconds(30))
    }
}
