import Health
import Testing
import Vocabulary

/// A backend as a script: what it answers to each probe, and how long it takes.
struct Server {
    var version = OllamaVersion("0.33.0")
    var cloud = CloudState.off
    var models: [InventoryModel] = [model("llama3.2:latest", digest: "a")]
    var loaded: [LoadedModel] = []
    var shown = ShownModel(capabilities: ["completion", "tools"], contextMax: Tokens(131_072))
    /// What a server with OpenAI's API has.
    var served = [ServedModel(spelling: "meta-llama/Llama-3.1-8B", context: Tokens(8192))]
    var latency = Duration.milliseconds(10)
    /// Fails every probe with this reason, or those named in `failing`.
    var failure: Reason?
    var failing: Set<Probe> = []

    func answer(_ probe: Probe) -> Result<ProbeAnswer, Failure> {
        if let failure { return .failure(Failure(reason: failure)) }
        if self.failing.contains(probe) { return .failure(Failure(reason: .upstreamError)) }
        return switch probe {
        case .version: .success(.version(self.version))
        case .status: .success(.status(self.cloud))
        case .tags: .success(.tags(self.models))
        case .ps: .success(.ps(self.loaded))
        case .show(let name): .success(.show(name, self.shown))
        case .models: .success(.models(self.served))
        }
    }

    struct Failure: Error { let reason: Reason }
}

func model(_ name: ModelName, digest: String, remoteHost: String? = nil) -> InventoryModel {
    InventoryModel(name: name, digest: digest, size: Bytes(1000), remoteHost: remoteHost)
}

/// Plays the shell around one `BackendHealth` with a clock of its own, and refuses any action that makes no sense.
struct Shell {
    var health: BackendHealth
    var server = Server()
    private(set) var now = Instant.zero + .seconds(100)
    private(set) var sent: [(at: Instant, probe: Probe)] = []
    private(set) var changes: [UsabilityChange] = []
    private(set) var inventoryChanges = 0
    private(set) var inFlight: (probe: Probe, timeout: Duration, since: Instant)?
    private(set) var wake: Instant?

    init(_ options: BackendHealth.Options = .init(), server: Server = Server(), seed: UInt64 = 1) {
        self.health = BackendHealth("gpu1", options: options, generator: SeededGenerator(seed: seed))
        self.server = server
    }

    mutating func run(_ actions: [BackendHealth.Action]) {
        for action in actions {
            switch action {
            case .probe(let probe, let timeout):
                #expect(self.inFlight == nil, "two probes in flight: \(probe)")
                self.inFlight = (probe, timeout, self.now)
                self.sent.append((self.now, probe))
            case .wake(let instant):
                #expect(instant > self.now, "a wake in the past would spin")
                self.wake = instant
            case .changed(let change):
                let last = self.changes.last?.to ?? .unknown  // The wording of a failure may vary without news.
                #expect((change.from.label, change.from.reason) == (last.label, last.reason), "a gap between changes")
                #expect((change.from.label, change.from.reason) != (change.to.label, change.to.reason))
                #expect(change.to == self.health.usability)
                #expect(!change.cause.isEmpty)
                self.changes.append(change)
            case .inventoryChanged:
                self.inventoryChanges += 1
            }
        }
        #expect(self.inFlight != nil || self.wake != nil, "nothing would ever happen again")
    }

    /// Begins, and plays until `time` has passed; a `deaf` shell loses all answers.
    mutating func play(for time: Duration, isDeaf: Bool = false) {
        let end = self.now + time
        if self.sent.isEmpty { self.run(self.health.due(at: self.now)) }
        while let next = self.nextMoment(isDeaf: isDeaf), next.at <= end {
            self.now = next.at
            if next.isAnswer { self.deliver() } else { self.takeWake() }
        }
        self.now = end
    }

    /// Plays until this probe is in flight.
    mutating func play(until probe: Probe) {
        if self.sent.isEmpty { self.run(self.health.due(at: self.now)) }
        for _ in 0..<1000 where self.inFlight?.probe != probe {
            guard let next = self.nextMoment(isDeaf: false) else { break }
            self.now = next.at
            if next.isAnswer { self.deliver() } else { self.takeWake() }
        }
        #expect(self.inFlight?.probe == probe)
    }

    private func nextMoment(isDeaf: Bool) -> (at: Instant, isAnswer: Bool)? {
        let wake = self.wake.map { ($0, false) }
        guard !isDeaf, let inFlight else { return wake }
        let answer = (inFlight.since + min(self.server.latency, inFlight.timeout), true)
        guard let wake, wake.0 < answer.0 else { return answer }
        return wake
    }

    private mutating func takeWake() {
        self.wake = nil
        self.run(self.health.due(at: self.now))
    }

    private mutating func deliver() {
        guard let (probe, timeout, _) = self.inFlight else { return }
        self.inFlight = nil
        if self.server.latency >= timeout {
            return self.run(
                self.health.probeFailed(probe, .upstreamFirstByteTimeout, detail: "no answer", at: self.now))
        }
        switch self.server.answer(probe) {
        case .success(let answer): self.run(self.health.probeSucceeded(answer, at: self.now))
        case .failure(let failure):
            self.run(self.health.probeFailed(probe, failure.reason, detail: failure.reason.rawValue, at: self.now))
        }
    }

    /// The probes sent since `start`.
    func probes(since start: Int = 0) -> [Probe] {
        self.sent[start...].map(\.probe)
    }

    /// When rounds began.
    var roundStarts: [Instant] {
        self.sent.filter { $0.probe == .version }.map(\.at)
    }
}
