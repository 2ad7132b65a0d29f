import Vocabulary

/// How much has left today by each allow rule: what the limits of a day are held to. Bounded by the number of rules.
///
/// The day is the policy's, and only ever advances: a clock that is set back gives no budget anew (L35 of `residency.md`
/// A6), what leaves then counts against the day that was reached.
public struct DayLedger: Hashable, Sendable {
    /// What has left by one rule.
    public struct Use: Hashable, Sendable {
        /// How many requests.
        public var requests = 0
        /// Bytes of their bodies together.
        public var bytes = 0

        /// Nothing yet.
        public init(requests: Int = 0, bytes: Int = 0) {
            self.requests = requests
            self.bytes = bytes
        }

        /// What is told of a rule for which there is no place: its day is spent.
        static let spent = Use(requests: .max, bytes: .max)
    }

    /// Something that has left: what the audit chain keeps of it.
    public struct Departure: Hashable, Sendable {
        /// The rule that allowed it.
        public var rule: RuleID
        /// The length of its body.
        public var bytes: Int
        /// When.
        public var wall: WallTime

        /// A departure of these values.
        public init(rule: RuleID, bytes: Int, wall: WallTime) {
            self.rule = rule
            self.bytes = bytes
            self.wall = wall
        }
    }

    /// The time in which days are counted. A reload may bring another; the day does not go back by it.
    public var clock: PolicyClock
    private var day: Int64 = .min
    private var uses: [RuleID: Use] = [:]
    /// A reload may rename every rule twice a day before a new one is told that its day is spent.
    private static let rulesMax = 3 * Bounds.policyRules

    /// A ledger with nothing in it.
    public init(clock: PolicyClock) {
        self.clock = clock
    }

    /// The ledger as it was, made of what has left, in the order in which it did. If the clock was set back since, the
    /// day is still the latest on which something left.
    public init(clock: PolicyClock, departures: some Sequence<Departure>, at wall: WallTime) {
        self.init(clock: clock)
        for departure in departures {
            self.reserve(rule: departure.rule, bytes: departure.bytes, wall: departure.wall)
        }
        self.advance(to: clock.day(of: wall))
    }

    /// Counts a request before it leaves.
    public mutating func reserve(rule: RuleID, bytes: Int, wall: WallTime) {
        self.advance(to: self.clock.day(of: wall))
        self.add(bytes, to: rule)
    }

    private mutating func advance(to day: Int64) {
        if day <= self.day { return }
        self.day = day
        self.uses.removeAll(keepingCapacity: true)
    }

    /// What has left by `rule` on the day of `wall`.
    public func used(by rule: RuleID, at wall: WallTime) -> Use {
        if self.clock.day(of: wall) > self.day { return Use() }
        return self.uses[rule] ?? (self.uses.count < Self.rulesMax ? Use() : .spent)
    }

    private mutating func add(_ bytes: Int, to rule: RuleID) {
        guard self.uses[rule] != nil || self.uses.count < Self.rulesMax else { return }
        var use = self.uses[rule] ?? Use()
        use.requests = Self.sum(use.requests, 1)
        use.bytes = Self.sum(use.bytes, max(0, bytes))
        self.uses[rule] = use
    }

    private static func sum(_ left: Int, _ right: Int) -> Int {
        let (sum, isTooLarge) = left.addingReportingOverflow(right)
        return isTooLarge ? .max : sum
    }
}
