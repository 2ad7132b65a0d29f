import Vocabulary

/// The values of an `application/health+json` document (draft-inadarei-api-health-check-06 section 3), which the shell
/// writes: status alone on the operations port, with its checks on the admin plane.
public struct HealthDocument: Hashable, Sendable {
    /// `pass` and `warn` are answered with 200, `fail` with 503.
    public enum Status: String, Hashable, Sendable, CaseIterable {
        /// All is well.
        case pass
        /// Requests are answered, something should be seen to.
        case warn
        /// Requests are not answered.
        case fail

        /// The HTTP status of the document.
        public var httpStatus: Int { self == .fail ? 503 : 200 }
    }

    /// One entry of `checks`, which are keyed by `component:measurement`.
    public struct Check: Hashable, Sendable {
        /// The component, then what was measured: `backend:usability`.
        public let key: String
        /// Which one of these components.
        public let componentID: String
        /// What was found.
        public let observedValue: String
        /// The judgement.
        public let status: Status
        /// Why, for a person; empty when all is well.
        public let output: String

        /// A check of these values.
        public init(key: String, componentID: String, observedValue: String, status: Status, output: String = "") {
            self.key = key
            self.componentID = componentID
            self.observedValue = observedValue
            self.status = status
            self.output = output
        }
    }

    /// The judgement over all.
    public let status: Status
    /// All that was looked at, in a fixed order.
    public let checks: [Check]

    /// The document of this moment; `others` are the shell's own checks (storage, configuration).
    public init(_ readiness: Readiness, backends: some Sequence<BackendHealth>, others: [Check] = []) {
        let own = readiness.checks.map {
            Check(
                key: "gatehouse:readiness", componentID: $0.name, observedValue: $0.passes ? "true" : "false",
                status: $0.passes ? .pass : $0.isAdvice ? .warn : .fail, output: $0.passes ? "" : $0.output)
        }
        let ofBackends = backends.map { backend in
            Check(
                key: "backend:usability", componentID: backend.id.rawValue, observedValue: backend.usability.label,
                status: backend.usability.isUsable ? .pass : .warn,
                output: backend.usability.isUsable ? "" : backend.usability.sentence)
        }
        self.checks = own + ofBackends + others
        let anyWarning = self.checks.contains { $0.status != .pass }
        self.status = readiness.answer != .ready ? .fail : anyWarning ? .warn : .pass
    }
}
