import Accounting
import Dialects
import EventLoop
import Residency
import Routing
import Vocabulary

/// What the node remembers of one request, from arrival to some time after its end; never prompt or answer.
@LoopActor
final class RequestRecord {
    let id: RequestID
    /// `nil` for a path or method that is not served.
    let endpoint: Endpoint?
    let arrivedAt: Instant
    let startedAt: WallTime
    var key: Key?
    var project: ProjectName?
    var feature: FeatureName?
    var principal: PrincipalName?
    /// The alias or tier that the caller's name matched, as the manifest writes it; never the caller's own text.
    var alias: String?
    /// The tier that was asked for, or that `auto` has led to.
    var tier: String?
    /// Why it is this tier, by the keys of the rule's conditions; `nil` unless `auto` led to it.
    var tierRule: String?
    /// Bytes of text; `nil` for a request with images, of whose tokens they tell nothing.
    var promptBytes: Int?
    var isStreamed = false
    /// How sensitive it is; `nil` for one that was refused before that was asked.
    var classification: Classification?
    var dropped: [String] = []
    var usage = AnswerUsage()
    var bytesIn = 0
    var bytesOut = 0
    /// The place of the attempt under way.
    var seat: Seat? {
        didSet {
            guard let seat, seat.backend != oldValue?.backend else { return }
            self.isExternal = seat.isExternal
            self.seatRoute = "\(seat.isExternal ? "external" : "local"):\(seat.backend)"
        }
    }
    /// True if the attempt under way, or the last one, is at a backend outside.
    private(set) var isExternal = false
    /// Made once: header, log and usage all name it.
    private var seatRoute = "none"
    /// Sends so far.
    var attemptsBegun = 0
    /// Set when it is over.
    var ending: RequestMachine.Ending?

    init(id: RequestID, endpoint: Endpoint?, arrivedAt: Instant, startedAt: WallTime) {
        self.id = id
        self.endpoint = endpoint
        self.arrivedAt = arrivedAt
        self.startedAt = startedAt
    }

    /// The endpoint's own path, never the caller's text.
    var path: String { self.endpoint?.backendPath ?? "none" }
    var backend: BackendID? { self.seat?.backend ?? self.ending?.backend }
    var model: ModelName? { self.seat?.model ?? self.ending?.model }

    /// The value of `x-gatehouse-route`.
    var route: String { self.routed.map { $0 ? self.seatRoute : "fallback" } ?? "none" }

    /// The same without the backend's name, as usage has it.
    private var routeKind: String {
        self.routed.map { $0 ? self.isExternal ? "external" : "local" : "fallback" } ?? "none"
    }

    /// Whether it is answered by a backend, or else by a reply that somebody has written; `nil` if by neither.
    private var routed: Bool? {
        guard let ending else { return self.seat == nil ? nil : true }
        switch ending.reason {
        case .fallbackReply: return false
        case .allowLocal, .allowRule, .upstreamRefused: return ending.backend == nil ? nil : true
        default: return nil
        }
    }

    /// From arrival to the first content.
    var firstToken: Duration? {
        self.ending?.timings.firstContent.map { $0 - self.arrivedAt }
    }

    /// The row for the usage database; only once it has ended.
    func usageRow(at now: Instant) -> UsageRow? {
        guard let ending else { return nil }
        return UsageRow(
            time: self.startedAt, requestID: self.id, key: self.key?.id, project: self.project, feature: self.feature,
            principal: self.principal, model: ending.model, modelAsked: self.alias, backend: ending.backend,
            route: self.routeKind, endpoint: self.path,
            promptTokens: self.usage.promptTokens.map { Tokens($0) },
            outputTokens: self.usage.outputTokens.map { Tokens($0) }, queued: ending.timings.queued,
            loading: self.usage.loadDuration, firstToken: self.firstToken, total: now - self.arrivedAt,
            status: ending.status, reason: ending.reason, attempts: ending.attempts, isStreamed: self.isStreamed)
    }

    /// What an operator is shown.
    func report(at now: Instant) -> RequestReport {
        let timings = self.ending?.timings
        return RequestReport(
            id: self.id.description, startedAt: self.startedAt.rfc3339,
            state: self.ending != nil ? "ended" : self.seat != nil ? "running" : "waiting",
            endpoint: self.path, key: self.key?.name, project: self.project?.rawValue,
            feature: self.feature?.rawValue, principal: self.principal?.rawValue, tier: self.tier,
            tierRule: self.tierRule, model: self.model?.rawValue,
            backend: self.backend?.rawValue,
            sensitivity: self.classification?.sensitivity.rawValue,
            verdict: self.ending?.verdict.map(RequestReport.Verdict.init), route: self.route,
            reason: self.ending?.reason.rawValue, status: self.ending?.status,
            streamed: self.isStreamed, attempts: self.attempts, dropped: self.dropped,
            tokens: .init(prompt: self.usage.promptTokens, output: self.usage.outputTokens),
            phases: .init(
                queue: timings.map { $0.queued.inMilliseconds }, load: self.usage.loadDuration?.inMilliseconds,
                prompt: self.usage.promptDuration?.inMilliseconds, firstToken: self.firstToken?.inMilliseconds,
                tokens: self.usage.outputDuration?.inMilliseconds,
                total: ((timings?.ended ?? now) - self.arrivedAt).inMilliseconds))
    }

    private var attempts: [RequestReport.Attempt] {
        guard let ending else {
            return self.seat.map { [.init(backend: $0.backend.rawValue, model: $0.model.rawValue, outcome: "running")] }
                ?? []
        }
        var attempts = ending.tried.map {
            RequestReport.Attempt(backend: $0.backend.rawValue, model: $0.model.rawValue, outcome: $0.reason.rawValue)
        }
        if let backend = ending.backend, let model = ending.model, self.route == self.seatRoute {
            attempts.append(.init(backend: backend.rawValue, model: model.rawValue, outcome: "completed"))
        }
        return attempts
    }
}

extension RequestReport.Verdict {
    fileprivate init(_ verdict: Verdict) {
        self.init(
            backend: verdict.backend.rawValue, trigger: verdict.trigger.rawValue,
            decision: verdict.isAllowed ? "allow" : "deny", reason: verdict.reason.rawValue,
            rule: verdict.rule?.rawValue)
    }
}

extension Duration {
    /// For people and logs, with three decimals.
    var inMilliseconds: Double {
        (Double(self.nanoseconds) / 1000).rounded() / 1000
    }
}
