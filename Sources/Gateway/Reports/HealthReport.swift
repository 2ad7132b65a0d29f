import Health

/// What `gatehouse health` shows: the checks behind `/readyz` and `/health`.
public struct HealthReport: Codable, Sendable {
    /// The question has a good answer: the node, or the model asked for, is ready.
    public var isReady: Bool
    /// `pass`, `warn` or `fail`; for a model `ready`, `notready` or `unknown`.
    public var status: String
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

    init(_ document: HealthDocument, isReady: Bool) {
        self.isReady = isReady
        self.status = document.status.rawValue
        self.checks = document.checks.map {
            Check(key: $0.key, component: $0.componentID, status: $0.status.rawValue, output: $0.output)
        }
    }

    init(_ model: ModelReadiness) {
        self.isReady = model == .ready
        self.status = model.rawValue
        self.checks = []
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
