import EventLoop
import Residency
import Routing
import Vocabulary

extension AuditJudgement {
    /// What was known of a request when it ended.
    @LoopActor
    fileprivate init(of record: RequestRecord, _ ending: RequestMachine.Ending) {
        let sources = record.classification?.sources ?? []
        if let verdict = ending.verdict {
            self.init(of: verdict, sensitivitySources: sources)
        } else {
            self.init()
            self.sensitivity = record.classification?.sensitivity
            self.sensitivitySources = sources
        }
    }
}

extension AuditDecision {
    /// The decision that a request which has ended leaves; `nil` for most: nothing was refused for residency's sake.
    @LoopActor
    init?(of record: RequestRecord) {
        guard let ending = record.ending else { return nil }
        // Most requests end here.
        if ending.tried.isEmpty, !ending.reason.isResidencyRefusal { return nil }
        // The intent is the record of a request that a backend outside has answered, with those that were refused.
        if ending.reason == .allowRule { return nil }
        var candidates = ending.tried.filter { $0.reason.isResidencyRefusal }.map {
            Candidate(backend: $0.backend, model: $0.model, reason: $0.reason)
        }
        guard let reason = ending.reason.isResidencyRefusal ? ending.reason : candidates.first?.reason else {
            return nil
        }
        // What the policy refuses is refused to the places outside, which are among these already.
        if ending.reason.isResidencyRefusal, !ending.reason.isPolicyRefusal, let backend = ending.backend,
            let model = ending.model
        {
            let last = Candidate(backend: backend, model: model, reason: ending.reason)
            if candidates.last != last { candidates.append(last) }
        }
        self.init(
            request: record.id, endpoint: record.path, key: record.key?.id, project: record.project,
            feature: record.feature, principal: record.principal, model: ending.model,
            verdict: ending.reason == .allowLocal ? .local : .deny,
            reason: reason, candidates: candidates, judgement: AuditJudgement(of: record, ending),
            outcome: ending.reason, status: ending.status)
    }
}
