import Vocabulary

/// Decides what to ask one backend and when, and from the answers whether it may be sent requests.
///
/// Probes come in rounds: version, status, tags when due, ps, one after another, so that at most one is in flight; a
/// server with OpenAI's API has rounds of one (`ProbeRound`). A
/// round in which each was answered is a success, the first failure ends it. `riseMax` and `fallMax` count rounds, for a
/// server whose process answers and whose disk hangs must not look well every other second. Between rounds each model
/// with a new digest is shown once; a model that cannot be shown says nothing about the backend.
///
/// The shell runs the actions each event returns: it sends the probe and reports its end once, and calls `due` at the
/// moment of the latest `wake`.
public struct BackendHealth: Sendable {
    /// What the shell does next.
    public enum Action: Equatable, Sendable {
        /// Ask this, and report the answer or the failure after `timeout` at the latest.
        case probe(Probe, timeout: Duration)
        /// Call `due` then; replaces the earlier wake.
        case wake(at: Instant)
        /// Tell the log and the router.
        case changed(UsabilityChange)
        /// The inventory is another than before: tell the router, look for new risks.
        case inventoryChanged
    }

    /// Whether the backend's process answers, without the judgements about its cloud and quarantine.
    enum Reach: Equatable, Sendable {
        case unknown(failures: Int)  // Before the first success. Next: up at one success, down.
        case up(failures: Int)  // Next: down after `fallMax` rounds.
        case down(successes: Int, Reason, detail: String)  // Next: up after `riseMax` rounds.
    }

    enum Round: Equatable, Sendable {
        case waiting(until: Instant)
        case running([Probe], since: Instant)  // The first is in flight or next.
    }

    /// The backend's configured name, for causes.
    public let id: BackendID
    /// What is known of it.
    public internal(set) var inventory = Inventory()
    /// Whether it may be sent requests, as last announced by `changed`.
    public internal(set) var usability = Usability.unknown
    /// True once the first round has ended, well or not: the start need wait no longer for this backend.
    public internal(set) var hasBeenProbed = false
    /// True once it has told which models it has; until then nobody can say that it has none.
    public internal(set) var hasBeenListed = false
    /// When a probe was last answered.
    public internal(set) var answeredAt: Instant?

    var options: Options
    var generator: SeededGenerator
    var reach = Reach.unknown(failures: 0)
    var round = Round.waiting(until: .zero)
    var inFlight: Probe?
    var roundStartedAt: Instant?
    var tagsDue = Instant.zero
    var tagsAreDoubted = false
    var toShow: [ModelName] = []
    var shown: [ModelName: ShownDigest] = [:]
    /// When a request was last answered well.
    var trafficSucceededAt: Instant?
    /// Why it is quarantined, if it is.
    public internal(set) var quarantine: String?

    /// What `/api/show` told, and of which digest.
    struct ShownDigest: Equatable, Sendable {
        var digest: String
        var model: ShownModel
    }

    /// A backend of which nothing is known; the first `due` begins the first round. `generator` spreads the intervals.
    ///
    /// - Parameter quarantine: Why a backend of this name was quarantined that now stands elsewhere: only an operator
    ///   lets it back, wherever it is.
    public init(
        _ id: BackendID, options: Options = Options(), generator: SeededGenerator, quarantine: String? = nil
    ) {
        self.id = id
        self.options = options
        self.generator = generator
        self.quarantine = quarantine
        if options.round == .compatible { self.inventory.cloud = .absent }
        if let quarantine { self.usability = .quarantined(detail: quarantine) }
    }

    /// What the operator may set (`health.md` E4; the defaults are those of the table).
    public struct Options: Hashable, Sendable {
        /// From the beginning of one round to that of the next, while nothing changes.
        public var interval: Duration
        /// The same while a change of usability is in the making.
        public var intervalChanging: Duration
        /// The same while the backend is unusable.
        public var intervalDown: Duration
        /// How often the models on disk are listed.
        public var intervalTags: Duration
        /// Rounds in a row that make an unusable backend usable. From `unknown` one is enough.
        public var riseMax: Int
        /// Failed rounds in a row that make it unusable.
        public var fallMax: Int
        /// Demand that the backend says its cloud is off. One that has none need not.
        public var requireCloudOff: Bool
        /// What it can be asked.
        public var round: ProbeRound

        /// The defaults, or other values; counts below one count as one.
        public init(
            interval: Duration = .seconds(5), intervalChanging: Duration = .seconds(1),
            intervalDown: Duration = .seconds(10), intervalTags: Duration = .seconds(30), riseMax: Int = 2,
            fallMax: Int = 3, requireCloudOff: Bool = false, round: ProbeRound = .ollama
        ) {
            self.interval = interval
            self.intervalChanging = intervalChanging
            self.intervalDown = intervalDown
            self.intervalTags = intervalTags
            self.riseMax = max(1, riseMax)
            self.fallMax = max(1, fallMax)
            self.requireCloudOff = requireCloudOff
            self.round = round
        }

        /// Without an answer for so long, nothing is known any more.
        public var freshness: Duration {
            self.interval * 3
        }
    }
}

// MARK: Events

extension BackendHealth {
    /// The wake has come, or the shell begins.
    public mutating func due(at now: Instant) -> [Action] {
        self.advance(at: now, cause: "no probe and no request was answered for \(self.options.freshness.inWords)")
    }

    /// A probe was answered. An answer to a question not in flight is a straggler from before a reload: it is ignored.
    public mutating func probeSucceeded(_ answer: ProbeAnswer, at now: Instant) -> [Action] {
        guard answer.probe == self.inFlight else { return [] }
        self.inFlight = nil
        self.answeredAt = now
        let before = self.inventory
        let cause = self.take(answer, at: now)
        let news: [Action] = self.inventory == before ? [] : [.inventoryChanged]
        return news + self.advance(at: now, cause: cause)
    }

    /// A probe failed: no connection, no answer in time, an answer that is none (`upstream_malformed`,
    /// `upstream_error`). `detail` says what was found, for a person.
    public mutating func probeFailed(_ probe: Probe, _ reason: Reason, detail: String, at now: Instant) -> [Action] {
        guard probe == self.inFlight else { return [] }
        self.inFlight = nil
        if case .show = probe {  // Asked again after the next listing, if it is still there.
            return self.advance(at: now, cause: "")
        }
        let before = self.inventory
        self.doubtProcess(reason)
        self.tagsAreDoubted = true  // The one that answers next may be another process with other models.
        let cause = self.roundFailed(reason, detail: "GET \(probe.path): \(detail)")
        self.endRound(at: now)
        let news: [Action] = self.inventory == before ? [] : [.inventoryChanged]
        return news + self.advance(at: now, cause: cause)
    }

    /// A request was answered well. It keeps the backend known; it raises nothing, as only probes are asked of an
    /// unusable backend.
    public mutating func trafficSucceeded(at now: Instant) -> [Action] {
        let isNewsDue = self.usability == .unknown
        self.trafficSucceededAt = now
        guard isNewsDue else { return [] }  // On the path of every request: no work unless it changes something.
        return self.advance(at: now, cause: "a request was answered")
    }

    /// A request failed at this backend: one that could not connect, or was left without a word, brings the next round
    /// forward. Whether more requests may follow is the concern of `Breaker`.
    public mutating func trafficFailed(_ reason: Reason, at now: Instant) -> [Action] {
        switch Self.class(of: reason) {
        case .connect:
            let before = self.inventory
            self.doubtProcess(reason)
            self.hasten(at: now)
            let news: [Action] = self.inventory == before ? [] : [.inventoryChanged]
            return news + self.advance(at: now, cause: "a request could not connect")
        case .silence:
            self.hasten(at: now)
            return self.advance(at: now, cause: "")
        case .inventory:
            return self.refreshInventory(at: now)
        case .other:
            return []
        }
    }

    /// Somebody doubts the list of models (a 404 for a model that should be there, an operator): list them with the
    /// next round, and bring that forward.
    public mutating func refreshInventory(at now: Instant) -> [Action] {
        self.tagsAreDoubted = true
        self.hasten(at: now)
        return self.advance(at: now, cause: "")
    }

    /// An answer came from outside: nothing goes there until `releaseQuarantine`, whatever probes say.
    public mutating func remoteModelSeen(_ detail: String, at now: Instant) -> [Action] {
        if self.quarantine == nil { self.quarantine = detail }  // The first incident is the one to look into.
        return self.advance(at: now, cause: detail)
    }

    /// An operator lets the backend back: it begins as unknown, with a round at once.
    public mutating func releaseQuarantine(at now: Instant) -> [Action] {
        guard self.quarantine != nil else { return [] }
        self.quarantine = nil
        self.reach = .unknown(failures: 0)
        self.tagsAreDoubted = true
        self.hasten(at: now)
        return self.advance(at: now, cause: "an operator released the quarantine")
    }

    /// The configuration was reloaded and this backend kept its name and place: what is known stays, quarantine
    /// above all.
    public mutating func optionsChanged(_ options: Options, at now: Instant) -> [Action] {
        self.options = options
        self.hasten(at: now)
        return self.advance(at: now, cause: "the configuration was reloaded")
    }

    /// What a failed request says about its backend here.
    enum TrafficClass: Equatable { case connect, silence, inventory, other }

    static func `class`(of reason: Reason) -> TrafficClass {
        switch reason {
        case .upstreamConnectFailed, .upstreamConnectTimeout, .dnsNoAnswer: .connect
        case .upstreamFirstByteTimeout, .upstreamStalled, .upstreamTruncated, .upstreamTimeout, .upstreamMalformed,
            .upstreamError:
            .silence
        case .modelUnknown, .modelUnavailable: .inventory
        case .allowLocal, .answeredHere, .allowRule, .fallbackReply, .noMatchingAllow, .denyRule,
            .sensitivityTooHigh, .projectForbidden, .featureForbidden, .triggerForbidden, .timeForbidden,
            .backendForbidden, .limitBytes, .limitRate, .externalDeclined, .auditUnavailable, .tlsIdentity,
            .capabilityMissing, .contextOverflow, .dialectUnsupported, .upstreamCredentials, .badRequest, .headTooLarge,
            .bodyTooLarge, .requestTimeout,
            .versionUnsupported, .expectationFailed, .encodingUnsupported, .transferCodingUnsupported,
            .methodNotAllowed, .pathUnknown, .pathForbidden, .invalidJSON, .ambiguousBody, .invalidField,
            .modelMissing, .unsupportedParameter, .clientLeft, .clientTooSlow, .deadlineExceeded, .cancelled,
            .keyMissing, .keyInvalid,
            .keyThrottled, .loopbackOnly, .hostForbidden, .originForbidden, .keyForbidden, .remoteModel,
            .toolForbidden, .addressForbidden, .dnsMixedAnswer, .redirectRefused, .grantInvalid, .cloudNotOff,
            .backendQuarantined, .backendsUnavailable, .queueFull, .queueTimeout, .bodiesInFlight,
            .connectionsExhausted, .draining, .shutdown, .upstreamBusy, .upstreamRefused, .internalError:
            .other
        }
    }
}
