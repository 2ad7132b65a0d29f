import Vocabulary

/// Something about a backend that a person should know: told at start, by `status`, `init` and `doctor`.
public struct Risk: Hashable, Sendable {
    /// The closed set of things that are looked for.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The backend can send prompts to its maker's cloud.
        case cloudOn = "cloud_on"
        /// The backend does not say whether it can.
        case cloudUnknown = "cloud_unknown"
        /// The backend knows remote models, and has no switch to turn them off.
        case versionWithoutSwitch = "version_without_switch"
        /// A name on the backend is answered from elsewhere.
        case remoteModel = "remote_model"
        /// The backend answers whoever can reach it, not only Gatehouse.
        case reachableDirectly = "reachable_directly"
        /// A loaded model runs partly or wholly on the CPU.
        case partlyOnCPU = "partly_on_cpu"
        /// A loaded model's context is smaller than it was made for.
        case contextSmall = "context_small"
        /// A loaded model's context is not the one that the manifest states.
        case contextDiffers = "context_differs"
        /// How many requests the backend takes at once was not configured.
        case slotsAssumed = "slots_assumed"
        /// The backend has no model at all.
        case noModels = "no_models"
    }

    /// How bad it is.
    public enum Severity: String, Hashable, Sendable, CaseIterable, Comparable {
        /// Worth knowing.
        case notice
        /// Slow or wrong answers.
        case warning
        /// Prompts could leave the building.
        case danger

        /// Milder orders first.
        public static func < (left: Severity, right: Severity) -> Bool {
            left.rank < right.rank
        }

        private var rank: Int {
            switch self {
            case .notice: 0
            case .warning: 1
            case .danger: 2
            }
        }
    }

    /// What it is.
    public let code: Code
    /// The backend it is about.
    public let backend: BackendID
    /// The model it is about, if it is about one.
    public let model: ModelName?
    /// One sentence for a person, beginning with the backend's name; what to do stands behind a semicolon.
    public let message: String

    /// How bad it is: a property of the code.
    public var severity: Severity {
        switch self.code {
        case .cloudOn, .cloudUnknown, .versionWithoutSwitch, .remoteModel: .danger
        case .reachableDirectly, .partlyOnCPU, .contextDiffers: .warning
        case .contextSmall, .slotsAssumed, .noModels: .notice
        }
    }

    init(_ code: Code, _ backend: BackendID, model: ModelName? = nil, _ message: String) {
        self.code = code
        self.backend = backend
        self.model = model
        self.message = "\(backend): \(message)"
    }
}

/// What the configuration and the manifest say of a backend, against which its inventory is held.
public struct BackendExpectation: Hashable, Sendable {
    /// The context that the manifest states for each model, where it does.
    public var contexts: [ModelName: Tokens]
    /// The number of slots was left out of the configuration, so one is assumed.
    public var slotsAssumed: Bool
    /// This host is not the backend's, and reached it: so can others.
    public var reachedFromOutside: Bool

    /// Expectations; by default none.
    public init(
        contexts: [ModelName: Tokens] = [:], slotsAssumed: Bool = false, reachedFromOutside: Bool = false
    ) {
        self.contexts = contexts
        self.slotsAssumed = slotsAssumed
        self.reachedFromOutside = reachedFromOutside
    }
}
