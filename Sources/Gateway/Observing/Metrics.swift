import Dialects
import Residency
import Routing
import Vocabulary

/// What is counted of requests. Labels come from bounded lists only: endpoints, reasons, configured backends, and
/// models that a backend has.
struct Metrics {
    struct RequestLabels: Hashable {
        var endpoint: Endpoint?
        var reason: Reason
        var status: Int
    }

    struct ModelLabels: Hashable {
        var model: ModelName
        var backend: BackendID
    }

    struct Figures {
        var duration = BucketHistogram(bounds: BucketHistogram.seconds)
        var firstToken = BucketHistogram(bounds: BucketHistogram.firstTokenSeconds)
        var perToken = BucketHistogram(bounds: BucketHistogram.firstTokenSeconds)
        var queued = BucketHistogram(bounds: BucketHistogram.seconds)
        var promptTokens = BucketHistogram(bounds: BucketHistogram.tokens)
        var outputTokens = BucketHistogram(bounds: BucketHistogram.tokens)
    }

    /// Label sets of models beyond this are not opened; the requests still count.
    static let modelsMax = 500

    struct DecisionLabels: Hashable {
        var backend: BackendID
        var trigger: Trigger
        var isAllowed: Bool
        var reason: Reason
    }

    /// What the policy said of places outside.
    private(set) var decisions: [DecisionLabels: Int] = [:]
    private(set) var requests: [RequestLabels: Int] = [:]
    private(set) var models: [ModelLabels: Figures] = [:]
    private(set) var attemptsFailed: [BackendID: [Reason: Int]] = [:]

    /// The policy has spoken.
    mutating func count(_ verdict: Verdict) {
        let labels = DecisionLabels(
            backend: verdict.backend, trigger: verdict.trigger, isAllowed: verdict.isAllowed, reason: verdict.reason)
        self.decisions[labels, default: 0] += 1
    }

    /// A request that has ended; its endpoint is `nil` for a path or method that is not served.
    mutating func count(
        _ endpoint: Endpoint?, _ ending: RequestMachine.Ending, usage: AnswerUsage, arrivedAt: Instant
    ) {
        let kind = RequestLabels(endpoint: endpoint, reason: ending.reason, status: ending.status)
        self.requests[kind, default: 0] += 1
        for tried in ending.tried { self.attemptsFailed[tried.backend, default: [:]][tried.reason, default: 0] += 1 }
        guard ending.reason == .allowLocal || ending.reason == .allowRule, let backend = ending.backend,
            let model = ending.model,
            let ended = ending.timings.ended
        else { return }
        let labels = ModelLabels(model: model, backend: backend)
        if let known = self.models.index(forKey: labels) {
            self.models.values[known].record(ending.timings, usage, arrivedAt: arrivedAt, ended: ended)
        } else if self.models.count < Self.modelsMax {
            self.models[labels, default: Figures()].record(ending.timings, usage, arrivedAt: arrivedAt, ended: ended)
        }
    }
}

extension Metrics.Figures {
    mutating func record(
        _ timings: RequestMachine.Timings, _ usage: AnswerUsage, arrivedAt: Instant, ended: Instant
    ) {
        self.duration.record((ended - arrivedAt).inSeconds)
        self.queued.record(timings.queued.inSeconds)
        if let first = timings.firstContent {
            self.firstToken.record((first - arrivedAt).inSeconds)
            if let tokens = usage.outputTokens, tokens > 1 {
                self.perToken.record((ended - first).inSeconds / Double(tokens - 1))
            }
        }
        if let tokens = usage.promptTokens { self.promptTokens.record(Double(tokens)) }
        if let tokens = usage.outputTokens { self.outputTokens.record(Double(tokens)) }
    }
}
