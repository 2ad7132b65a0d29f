import Health
import Routing
import Vocabulary

/// A model server as its callers see it: what it answers to one attempt or probe, and when.
struct SimulatedBackend {
    /// One thing that a transfer brings, so long after the one before.
    struct Step {
        let after: Duration
        let event: Event
    }

    enum Event: Equatable {
        case head(Int, retryAfter: Duration?)
        case bytes(AnswerSigns)
        case end(AttemptEnd)
    }

    enum Fault: CaseIterable {
        case refuse, connectTimeout, hang, resetBefore, resetAfter, stallBefore, stallAfter, serverError, busy
        case notFound, badRequest, notForUs, redirect, garbage, garbageAfter, errorEvent, remote, remoteAfter
        case silentEnd, silentEndAfter, noContent, longSilence, lateReset
        case keyRefused, otherCertificate

        /// What only a backend outside does, and what only an Ollama does.
        static let outside: [Fault] = [.keyRefused, .otherCertificate]
        static let ollama: [Fault] = [.remote, .remoteAfter, .notForUs]
    }

    let slots: Int
    let allModels: [ModelName]
    let faultPercent: Int
    let faults: [Fault]
    let loading: Duration
    var isUp = true
    /// Its runner hangs (`ollama.md` 1.12).
    var isMute = false
    var models: [ModelName]
    /// The models in its memory, or on their way there, and when they are there.
    var loaded: [ModelName: Instant] = [:]

    // Limits of a transfer, much shorter than the real ones: the machine does not know them.
    static let firstByte = Duration.seconds(20)
    static let betweenBytes = Duration.seconds(8)

    init(_ plan: WorldPlan.Backend) {
        self.slots = plan.slots
        self.allModels = plan.models
        self.faultPercent = plan.faultPercent
        self.faults = Fault.allCases.filter { !Fault.outside.contains($0) }
        self.loading = plan.loading
        self.models = plan.models
    }

    init(_ plan: WorldPlan.External) {
        self.slots = plan.slots
        self.allModels = plan.models.map { ModelName($0) }
        self.faultPercent = plan.faultPercent
        self.faults = Fault.allCases.filter { !Fault.ollama.contains($0) }
        self.loading = .zero
        self.models = self.allModels
    }

    /// All that one attempt will bring.
    mutating func answer(_ model: ModelName, at now: Instant, _ dice: inout Dice) -> [Step] {
        if !self.isUp { return Self.script(.refuse, &dice) }
        if self.isMute { return Self.script(.hang, &dice) }
        if !self.models.contains(model) { return Self.script(.notFound, &dice) }
        if dice.chance(self.faultPercent) { return Self.script(dice.pick(self.faults), &dice) }
        let loadedAt = self.loaded[model] ?? now + self.loading
        self.loaded = [model: loadedAt]
        return [Step(after: max(.zero, loadedAt - now) + dice.moment, event: .head(200, retryAfter: nil))]
            + Self.tokens(&dice)
            + [
                Step(after: dice.moment, event: .bytes(.terminal)),
                Step(after: .zero, event: .end(.completed([], detail: nil))),
            ]
    }

    private static func tokens(_ dice: inout Dice) -> [Step] {
        (0..<dice.number(1...6)).map { _ in Step(after: dice.moment, event: .bytes(.content)) }
    }

    private static func script(_ fault: Fault, _ dice: inout Dice) -> [Step] {
        let good = Step(after: dice.moment, event: .head(200, retryAfter: nil))
        let role = Step(after: dice.moment, event: .bytes([]))
        let tokens = Self.tokens(&dice)
        let whole = Step(after: .zero, event: .end(.completed([], detail: nil)))
        func failed(_ reason: Reason, after: Duration = .milliseconds(50)) -> Step {
            Step(after: after, event: .end(.failed(reason, detail: reason.rawValue)))
        }
        func bytes(_ signs: AnswerSigns) -> Step { Step(after: .milliseconds(50), event: .bytes(signs)) }
        func head(_ status: Int, _ retryAfter: Duration? = nil) -> Step {
            Step(after: .milliseconds(50), event: .head(status, retryAfter: retryAfter))
        }
        return switch fault {
        case .refuse: [failed(.upstreamConnectFailed, after: .zero)]
        case .connectTimeout: [failed(.upstreamConnectTimeout, after: Bounds.connect)]
        case .hang: [failed(.upstreamFirstByteTimeout, after: Self.firstByte)]
        case .resetBefore: [good, role, failed(.upstreamTruncated)]
        case .resetAfter: [good] + tokens + [failed(.upstreamTruncated)]
        case .stallBefore: [good, role, failed(.upstreamStalled, after: Self.betweenBytes)]
        case .stallAfter: [good] + tokens + [failed(.upstreamStalled, after: Self.betweenBytes)]
        case .serverError: [head(500), bytes([]), whole]
        case .busy: [head(503, .seconds(2)), whole]
        case .notFound: [head(404), bytes(.modelMissing), whole]
        case .badRequest: [head(400), bytes([]), whole]
        case .notForUs: [head(403), whole]
        case .redirect: [head(302), whole]
        case .garbage: [good, bytes(.malformed), whole]
        case .garbageAfter: [good] + tokens + [bytes(.malformed), whole]
        case .errorEvent: [good, bytes([.content, .error]), whole]
        case .remote: [good, bytes([.content, .remoteModel]), bytes(.terminal), whole]
        case .remoteAfter: [good] + tokens + [bytes([.content, .remoteModel, .terminal]), whole]
        case .silentEnd: [good, role, whole]
        case .silentEndAfter: [good] + tokens + [whole]
        case .noContent: [good, bytes(.terminal), whole]
        case .longSilence: [good] + Array(repeating: role, count: 70) + tokens + [bytes(.terminal), whole]
        case .lateReset: [good] + tokens + [bytes(.terminal), failed(.upstreamTruncated)]
        case .keyRefused: [head(401), bytes([]), whole]
        case .otherCertificate: [failed(.tlsIdentity)]
        }
    }

    /// What a probe finds.
    func answer(_ probe: Probe, at now: Instant) -> ProbeAnswer {
        switch probe {
        case .version: .version(OllamaVersion("0.33.0"))
        case .status: .status(.off)
        case .tags:
            .tags(self.models.map { InventoryModel(name: $0, digest: $0.rawValue, size: Bytes(1)) })
        case .ps:
            .ps(
                self.loaded.filter { $0.value <= now }.keys.sorted().map {
                    LoadedModel(name: $0, size: Bytes(1), sizeVRAM: Bytes(1))
                })
        case .show(let name): .show(name, ShownModel(capabilities: ["completion"]))
        case .models: .models(self.models.map { ServedModel(spelling: $0.rawValue) })
        }
    }
}

extension Dice {
    /// Up to 400 ms, on the grid of all events.
    var moment: Duration {
        mutating get { .milliseconds(self.number(0...8) * 50) }
    }
}
