import Health

/// What `gatehouse health` shows: the checks behind `/readyz` and `/health`.
public struct HealthReport: Codable, Sendable {
    /// The question has a good answer: the node, or the model asked for, is ready.
    public var isReady: Bool
    /// `pass`, `warn` or `fail`; for a model `ready`, `notready` or `unknown`.
    public var status: String
    /// The share of traffic that the node asks for, 0 to 100; of a model 100 or 0.
    public var weight: Int
    /// The node is being stopped: it takes nothing new, and what runs there goes on.
    public var isDraining: Bool
    /// All that was looked at.
    public var checks: [Check]

    /// One thing that was looked at.
    public struct Check: Codable, Sendable {
        /// `component:measurement`.
        public var key: String
        /// Which one of these.
        public var component: String
        /// `pass`, `warn` or `fail`.
        public var status: String
        /// Why, where it does not pass.
        public var output: String
    }

    init(_ document: HealthDocument, answer: Readiness.Answer, weight: Int) {
        self.isReady = answer == .ready
        self.isDraining = answer == .draining
        self.weight = weight
        self.status = document.status.rawValue
        self.checks = document.checks.map {
            Check(key: $0.key, component: $0.componentID, status: $0.status.rawValue, output: $0.output)
        }
    }

    init(_ model: ModelReadiness) {
        self.isReady = model == .ready
        self.isDraining = false
        self.weight = self.isReady ? 100 : 0
        self.status = model.rawValue
        self.checks = []
    }
}

extension HealthReport {
    /// The exit code that keepalived's MISC_CHECK with `misc_dynamic` reads (keepalived.conf(5)): 1 takes the server out, 2
    /// to 255 set its weight to two less. A server of weight 0 gets nothing new and keeps what it has.
    public var keepalivedExit: Int32 {
        if self.isDraining { return 2 }
        return self.isReady ? Int32(self.weight) + 2 : 1
    }
}

/// What is answered to a command that changed something.
struct ChangeReport: Codable, Sendable {
    /// What is so now, in a sentence.
    var message: String
}

/// What is answered to a question or command that did not work.
struct AdminFailure: Codable, Error {
    /// Why, in a sentence; for a refused reload every mistake, one a line.
    var message: String
    /// The configuration has mistakes.
    var isConfiguration = false
}
