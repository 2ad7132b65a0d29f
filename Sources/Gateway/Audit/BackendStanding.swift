import EventLoop
import Health
import Residency
import Vocabulary

/// What residency says of a backend: the part of its state that the audit chain tells.
enum BackendStanding: Equatable {
    case allowed
    /// Its addresses are outside its zone, or it does not say that its cloud is off.
    case refused(Reason)
    /// It answered from outside, until an operator lets it back.
    case quarantined

    /// The standing of `backend` now. One that is merely down, or not found yet, is allowed.
    @LoopActor
    init(_ backend: Backend) {
        if case .quarantined = backend.health.usability {
            self = .quarantined
        } else if case .failure(let refusal) = backend.addresses, refusal.reason.isResidencyRefusal {
            self = .refused(refusal.reason)
        } else if case .unusable(let reason, _) = backend.health.usability, reason.isResidencyRefusal {
            self = .refused(reason)
        } else {
            self = .allowed
        }
    }

    /// The standing of a backend outside. One that no rule allows was never allowed, and is no news.
    @LoopActor
    init(_ backend: ExternalBackend) {
        if let reason = backend.obstacle?.reason, reason.isResidencyRefusal, reason != .noMatchingAllow {
            self = .refused(reason)
        } else {
            self = .allowed
        }
    }

    /// What became of `backend` on the way from here to `next`.
    func changes(to next: BackendStanding, of backend: BackendID) -> [AuditBackendChange] {
        if self == next { return [] }
        var changes: [AuditBackendChange] = []
        func add(_ change: AuditBackendChange.Change, _ reason: Reason) {
            changes.append(AuditBackendChange(backend: backend, change: change, reason: reason))
        }
        // Only an operator's word ends a quarantine.
        if self == .quarantined { add(.released, .backendQuarantined) }
        switch (self, next) {
        case (_, .quarantined): add(.quarantined, .backendQuarantined)
        case (_, .refused(let reason)): add(.refused, reason)
        case (.refused(let reason), .allowed): add(.allowed, reason)
        case (.quarantined, .allowed), (.allowed, .allowed): break
        }
        return changes
    }
}
