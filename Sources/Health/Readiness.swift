import Vocabulary

/// Decides what `/startupz` and `/readyz` answer, from facts that the shell hands in whenever one changes.
///
/// A load balancer that is told "ready" and "not ready" in turns throws connections about: each answer stays for at
/// least `dwell`, but that draining and hard failures are told at once (`health.md` D1). The rise and fall of backends
/// is decided in `BackendHealth`.
public struct Readiness: Sendable {
    /// What readiness hangs on.
    public struct Facts: Hashable, Sendable {
        /// All listeners accept.
        public var isListening: Bool
        /// Every backend's first round of probes has ended.
        public var allProbed: Bool
        /// The process is being stopped.
        public var isDraining: Bool
        /// Backends that may be sent requests.
        public var backendsUsable: Int
        /// Configured backends.
        public var backends: Int
        /// What makes this node unfit whatever else holds, in words: a guard that failed its self-test, no free
        /// descriptors. Empty if nothing does.
        public var hardFailure: String
        /// Why the files as they are now are not in force: the last reload was refused, and the configuration before it
        /// holds (`residency.md` A6, L34). Empty if they are. It is told, and changes no answer.
        public var refusedReload: String

        /// The facts at a moment; by default those of a process that has just begun.
        public init(
            isListening: Bool = false, allProbed: Bool = false, isDraining: Bool = false, backendsUsable: Int = 0,
            backends: Int = 0, hardFailure: String = "", refusedReload: String = ""
        ) {
            self.isListening = isListening
            self.allProbed = allProbed
            self.isDraining = isDraining
            self.backendsUsable = backendsUsable
            self.backends = backends
            self.hardFailure = hardFailure
            self.refusedReload = refusedReload
        }
    }

    /// What the operator may set.
    public struct Options: Hashable, Sendable {
        /// True where each node has backends of its own, so that another may answer when these are down. False where
        /// all nodes share them: then they would all leave the balancer together, so they stay ready and answer 503.
        public var backendsAreIndependent: Bool
        /// How long an answer stays at least.
        public var dwell: Duration
        /// When the start no longer waits for the first probes.
        public var startMax: Duration

        /// The defaults of `health.md` D1, or other values.
        public init(
            backendsAreIndependent: Bool = true, dwell: Duration = .seconds(10), startMax: Duration = .seconds(30)
        ) {
            self.backendsAreIndependent = backendsAreIndependent
            self.dwell = dwell
            self.startMax = startMax
        }
    }

    /// What `/readyz` says.
    public enum Answer: String, Hashable, Sendable, CaseIterable {
        /// New requests are welcome.
        case ready
        /// Not now.
        case notReady = "notready"
        /// Never again: the process is being stopped.
        case draining
    }

    /// What the shell does next.
    public enum Action: Hashable, Sendable {
        /// Log it and count it.
        case changed(from: Answer, to: Answer, cause: String)
        /// Call `update` then; replaces the earlier wake.
        case wake(at: Instant)
    }

    /// What `/readyz` says now.
    public private(set) var answer = Answer.notReady
    /// What `/startupz` says now; once true it stays so.
    public private(set) var isStarted = false
    /// The facts of the latest `update`, for the list of checks.
    public private(set) var facts = Facts()

    /// May be set at any time; what they change is told by the next `update`.
    public var options: Options
    private let begunAt: Instant
    private var changedAt: Instant?  // Nothing has been told to anybody before the first change.

    /// A node that begins at `now`.
    public init(options: Options = Options(), at now: Instant) {
        self.options = options
        self.begunAt = now
    }

    /// Takes the facts of this moment.
    public mutating func update(_ facts: Facts, at now: Instant) -> [Action] {
        self.facts = facts
        let startEnds = self.begunAt + self.options.startMax
        if facts.isListening, facts.allProbed || startEnds <= now { self.isStarted = true }
        let (target, isUrgent) = self.target
        if target == self.answer {
            return self.isStarted || now >= startEnds ? [] : [.wake(at: startEnds)]
        }
        if !isUrgent, let changedAt, now < changedAt + self.options.dwell {
            return [.wake(at: changedAt + self.options.dwell)]
        }
        let change = Action.changed(from: self.answer, to: target, cause: self.cause)
        self.answer = target
        self.changedAt = now
        return [change]
    }

    private var target: (Answer, isUrgent: Bool) {
        if self.facts.isDraining { return (.draining, true) }
        if self.answer == .draining { return (.draining, true) }  // There is no way back from a drain.
        if !self.facts.hardFailure.isEmpty { return (.notReady, true) }
        return (self.checks.allSatisfy { $0.passes || $0.isAdvice } ? .ready : .notReady, false)
    }

    private var cause: String {
        let failing = self.checks.filter { !$0.passes && !$0.isAdvice }
        return failing.isEmpty
            ? "all checks pass" : failing.map { "\($0.name): \($0.output)" }.joined(separator: ", ")
    }

    /// True while something should be seen to, though requests are answered: `x-envoy-degraded`, `warn`.
    public var isDegraded: Bool {
        self.answer == .ready && self.facts.backendsUsable < self.facts.backends
    }

    /// The checks, in a fixed order.
    public var checks: [Check] {
        let facts = self.facts
        let backends = "\(facts.backendsUsable) of \(facts.backends) usable"
        return [
            Check("started", self.isStarted, facts.isListening ? "first probes are under way" : "not listening yet"),
            Check("serving", !facts.isDraining && self.answer != .draining, "draining"),
            Check("fit", facts.hardFailure.isEmpty, facts.hardFailure),
            Check("backends", facts.backendsUsable > 0 || !self.options.backendsAreIndependent, backends),
            Check("configuration", facts.refusedReload.isEmpty, facts.refusedReload, isAdvice: true),
        ]
    }

    /// One line of `/readyz?verbose`.
    public struct Check: Hashable, Sendable {
        /// A name that stays the same.
        public let name: String
        /// Whether it holds.
        public let passes: Bool
        /// What was found, if it does not hold.
        public let output: String
        /// Should be seen to, and changes no answer.
        public let isAdvice: Bool

        init(_ name: String, _ passes: Bool, _ output: String, isAdvice: Bool = false) {
            self.name = name
            self.passes = passes
            self.output = output
            self.isAdvice = isAdvice
        }

        /// `[+]name` or `[-]name reason`, as Kubernetes writes it.
        public var line: String {
            self.passes ? "[+]\(self.name)" : "[-]\(self.name) \(self.output)"
        }
    }
}
