/// What `gatehouse status` shows and the admin plane sends: one picture of the node at one moment.
public struct StatusReport: Codable, Sendable {
    /// The node's configured name.
    public var node: String
    /// The version of this program.
    public var version: String
    /// When the process started, RFC 3339.
    public var startedAt: String
    /// Seconds since then.
    public var uptimeSeconds: Double
    /// `ready`, `notready` or `draining`.
    public var state: String
    /// How often the configuration was replaced by a reload.
    public var reloads: Int
    /// Requests that are being served or wait for a slot.
    public var requestsInFlight: Int
    /// Requests since the start.
    public var requestsTotal: Int
    /// Open client connections.
    public var connections: Int
    /// Callers must present a key.
    public var keysRequired: Bool
    /// Number and hash of the last audit record, `SEQ:HASH`: a checkpoint, if it is kept elsewhere.
    public var auditHead: String?
    /// Intents to send something outside that were recorded since the start.
    public var auditIntents = 0
    /// Outcomes that were recorded since the start.
    public var auditOutcomes = 0
    /// The backends, in the order of the configuration.
    public var backends: [Backend]
    /// The policy in force; none without a file, and then nothing leaves.
    public var policy: PolicySource?
    /// The backends outside, in the order of the configuration.
    public var external: [External] = []
    /// Models for which requests wait, with how many.
    public var queues: [Queue]
    /// What an operator should know, in plain sentences.
    public var warnings: [String]

    /// Which policy is in force.
    public struct PolicySource: Codable, Sendable {
        /// The revision that the file names.
        public var revision: String
        /// SHA-256 of the file.
        public var sha256: String
        /// Rules in force.
        public var rules: Int
        /// Rules that are only noted.
        public var shadow: Int
    }

    /// One backend outside as it is now.
    public struct External: Codable, Sendable {
        /// Its configured name.
        public var name: String
        /// Where it stands, as configured.
        public var url: String
        /// Where it stands in law.
        public var jurisdiction: String
        /// `usable`, or `closed` where nothing can be sent there.
        public var state: String
        /// Why it is closed.
        public var detail: String?
        /// The addresses in use, already judged.
        public var addresses: [String]
        /// The models that the manifest has there.
        public var models: [String]
        /// Requests under way.
        public var inFlight: Int
        /// Its breakers that are not closed.
        public var breakers: [Breaker]
    }

    /// One backend as it is now.
    public struct Backend: Codable, Sendable {
        /// Its configured name.
        public var name: String
        /// Where it stands, as configured.
        public var url: String
        /// Its zone.
        public var zone: String
        /// `unknown`, `usable`, `unusable`, `quarantined` or `drained`.
        public var state: String
        /// Why, where that is not plain.
        public var detail: String?
        /// The server's version, once known.
        public var version: String?
        /// `off`, `on` or `unknown`; `none` for a server that is no Ollama.
        public var cloud: String
        /// The addresses in use, already judged.
        public var addresses: [String]
        /// Requests at once per model.
        public var slots: Int
        /// The number of slots is this program's assumption, not the operator's word.
        public var slotsAssumed: Bool
        /// Requests under way.
        public var inFlight: Int
        /// Its breakers that are not closed.
        public var breakers: [Breaker]
        /// Models that are installed.
        public var models: [String]
        /// Models that are in memory now.
        public var loaded: [Loaded]
    }

    /// A breaker that keeps requests from a backend, outside or not.
    public struct Breaker: Codable, Sendable {
        /// The model that it is about; none for all of the backend.
        public var model: String?
        /// `open`, `half_open` or `throttled`.
        public var state: String
        /// Why.
        public var why: String
        /// Seconds for which it keeps requests away; none for `half_open`.
        public var seconds: Int?
    }

    /// One model in a backend's memory.
    public struct Loaded: Codable, Sendable {
        /// Its canonical name.
        public var name: String
        /// Bytes it takes.
        public var size: Int
        /// Bytes of these on the GPU.
        public var sizeVRAM: Int
        /// Tokens of context it was loaded with.
        public var context: Int?
        /// When the backend will unload it, as the backend says it.
        public var expires: String?
        /// Requests under way for it.
        public var inFlight: Int
    }

    /// The requests that wait for one model.
    public struct Queue: Codable, Sendable {
        /// The model.
        public var model: String
        /// How many wait.
        public var length: Int
    }
}
