import Accounting
import Dialects
import Health
import Logging
import Residency
import Routing
import TLS
import Vocabulary

/// Everything the daemon is told, validated: no optionals that mean "the default", no text that must still be read.
/// It never changes; a reload makes another one.
struct GatehouseConfiguration: Sendable {
    /// The node's name in `status` and logs.
    var node: String
    /// Where it listens.
    var listeners: Listeners
    /// What is shown where TLS is spoken; `nil` if it is nowhere.
    var tls: TLSContext?
    /// The folder of `admin.sock` and the databases.
    var stateFolder: String
    /// The intranet, by name.
    var zones: [Zone]
    /// The backends, in the order written.
    var backends: [BackendSettings]
    /// Models, tiers and aliases.
    var manifest: Manifest
    /// The keys, ready to be looked up.
    var keys: KeyRing
    /// What may leave; nothing without a file.
    var policy = Policy.none
    /// Refuse backends that do not say that their cloud is off.
    var requiresCloudOff: Bool
    /// Do not start without a filter of the kernel behind the door.
    var requiresKernelLayer = false
    /// Probing and readiness.
    var health: HealthSettings
    /// Bounds that an operator may set.
    var limits: Limits
    /// The two logs.
    var logging: LoggingSettings
    /// Days for which usage rows are kept.
    var usageRetentionDays: Int
    /// What becomes of what a backend's API cannot say.
    var losses = LossRule.dropHints
    /// How the node stops.
    var drain: DrainSettings
    /// The addresses of this host when the configuration was read: what a wildcard listener stands for.
    var hostAddresses: [IPAddress]
    /// SHA-256 of each file it was read from, by what the file is for: `gatehouse`, `manifest`, `keys`,
    /// `policy`. None for `dev`.
    var files: [String: AuditHash] = [:]

    /// One address to listen on.
    struct Listener: Hashable, Sendable, CustomStringConvertible {
        /// Where.
        var address: SocketAddress
        /// TLS is spoken there.
        var isSecure = false

        /// As it is written: `https://` stands before the address where TLS is spoken.
        var description: String { (self.isSecure ? "https://" : "") + "\(self.address)" }
    }

    /// Addresses to listen on.
    struct Listeners: Equatable, Sendable {
        /// The model APIs.
        var data: [Listener]
        /// Health endpoints and metrics.
        var operations: [Listener]
        /// HAProxy's agent check; none unless asked for.
        var agent: [SocketAddress] = []
        /// Load balancers that share what this node serves.
        var balancers = 1
        /// Origins whose pages may call the data plane from a browser.
        var origins: [String]
        /// Other processes may listen at the same addresses, and the kernel spreads connections among them.
        var sharesPorts = false
        /// Who may say for whom a request is.
        var proxies: [CIDR] = []
        /// They say it by a PROXY header, first of all on each connection to the model APIs; else by `X-Forwarded-For`.
        var usesProxyProtocol = false
    }

    /// One backend, as configured.
    struct BackendSettings: Equatable, Sendable {
        /// What the gate must know.
        var site: BackendSite
        /// Requests at once per model; `nil` means that one is assumed and told.
        var slots: Int?
        /// When its breakers open and close.
        var breaker: Breaker.Options
        /// A model that has lost its slots is unloaded, though that ends what others are doing there.
        var healsLostSlots = false
        /// What is known of a server with OpenAI's API.
        var traits = ProviderTraits()

        /// Whether it stands outside.
        var isExternal: Bool { self.site.external != nil }
    }

    /// Probing and readiness.
    struct HealthSettings: Equatable, Sendable {
        /// When to probe, and what counts.
        var probing: BackendHealth.Options
        /// Other nodes may have backends when this one has none, so that it should leave the farm (`health.md` D1).
        var backendsAreIndependent: Bool
    }

    /// Bounds that an operator may set; the defaults are those of `Bounds`.
    struct Limits: Equatable, Sendable {
        /// Requests waiting per model.
        var queuePerModel = Bounds.queuePerModel
        /// Time to an answer's head.
        var firstByte = Bounds.firstByte
        /// Silence inside an answer.
        var betweenBytes = Bounds.betweenBytes
        /// One attempt.
        var wholeAttempt = Bounds.wholeAttempt
        /// A client that takes nothing.
        var clientReadIdle = Bounds.clientReadIdle
        /// What a request is held to on its way.
        var machine = RequestMachine.Limits()
    }

    /// What is logged.
    struct LoggingSettings: Equatable, Sendable {
        /// One line per request.
        var requests = true
        /// The lowest level of the daemon's own lines: `debug`, `info`, `warning`, `error`.
        var level = "info"

        /// The same for the logger.
        var lowestLevel: Logger.Level { Logger.Level(rawValue: self.level) ?? .info }
    }

    /// How the node stops (`health.md` D2).
    struct DrainSettings: Equatable, Sendable {
        /// Unready, but still accepting, so that load balancers notice.
        var delay = Duration.seconds(10)
        /// Then streams have so long to end.
        var timeout = Duration.seconds(120)
    }

    /// The gate that this configuration describes, under the terms that its policy has for backends outside.
    func gate(generation: UInt64) throws(GateProblems) -> Gate {
        try Gate(
            zones: self.zones, sites: self.backends.map(\.site), ownListeners: self.ownListeners,
            terms: self.policy.external, policy: self.policy.source, generation: generation)
    }

    /// The keys whose values here are others than those of `current`, and which only a restart takes on: what they
    /// describe is open while the node runs.
    func keysOfRestart(differingFrom current: GatehouseConfiguration) -> [String] {
        let keys = [
            ("listeners.data", self.listeners.data != current.listeners.data),
            ("listeners.operations", self.listeners.operations != current.listeners.operations),
            ("listeners.reuse_port", self.listeners.sharesPorts != current.listeners.sharesPorts),
            ("listeners.agent", self.listeners.agent != current.listeners.agent),
            ("state", self.stateFolder != current.stateFolder),
        ]
        return keys.filter(\.1).map(\.0)
    }

    /// Every address at which this process answers. A backend at one of them would be Gatehouse itself, and each request
    /// would come back for ever.
    var ownListeners: [SocketAddress] {
        ((self.listeners.data + self.listeners.operations).map(\.address) + self.listeners.agent).flatMap { listener in
            guard listener.address.octets.allSatisfy({ $0 == 0 }) else { return [listener] }
            // Of its own family: `[::]` takes no IPv4 (`TCPListener.init`).
            let served = self.hostAddresses.filter { $0.isV4 == listener.address.isV4 }
            return [listener] + served.map { SocketAddress($0, port: listener.port) }
        }
    }
}
