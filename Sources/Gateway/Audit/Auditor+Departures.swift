import EventLoop
import Residency
import Storage
import Vocabulary

/// Intents and outcomes since the start.
struct DepartureCounts: Equatable {
    /// Intents that were durable in time.
    var intents = 0
    /// Those that were not, so that nothing left.
    var refused = 0
    /// Outcomes, by how it ended.
    var outcomes: [AuditOutcome.Result: Int] = [:]
}

extension Auditor {
    /// Records what is about to leave, and returns the proof when the record is on the disk. Without it nothing leaves:
    /// the refusal says why, and nothing more is to be done for the intent. With it `outcome` must follow, once.
    func intend(_ intent: AuditIntent) async throws(Refusal) -> DurableIntent {
        let store: AuditStore
        switch self.store {
        case .success(let opened): store = opened
        case .failure(let problem): throw self.refuse(.failing(problem))
        }
        var timer: TimerToken?
        let began = self.timers.now
        do throws(IntentProblem) {
            let proof = try await store.append(durable: intent, at: self.timers.wallNow) { giveUp in
                timer = self.timers.schedule(after: Bounds.auditWait) { giveUp() }
            }
            timer?.cancel()
            self.departures.intents += 1
            self.intentWaits.record((self.timers.now - began).inSeconds)
            return proof
        } catch {
            timer?.cancel()
            if error.mayComeLater { self.outcome(AuditOutcome(notSent: intent, reason: .auditUnavailable)) }
            throw self.refuse(error)
        }
    }

    /// Records what became of an intent. Never blocks, never fails.
    func outcome(_ outcome: AuditOutcome) {
        self.departures.outcomes[outcome.result, default: 0] += 1
        self.record(.outcome(outcome))
    }

    /// All that was allowed to leave since `moment`, also by earlier processes: what limits by the day begin with. Nothing
    /// if the chain could not be opened, since nothing leaves then. Blocks.
    func departures(since moment: WallTime) throws(StorageProblem) -> [DayLedger.Departure] {
        guard case .success(let store) = self.store else { return [] }
        return try store.departures(since: moment)
    }

    /// What was leaving when the node that wrote the file ended. Before `start` is recorded, so that a crash in between
    /// loses none.
    func endOpenIntents(_ open: [OpenIntent]) {
        if open.isEmpty { return }
        self.log.warning(
            "requests were leaving when the node ended, and what became of them is not known",
            metadata: ["count": "\(open.count)", "first_record": "\(open[0].sequence)"])
        for intent in open { self.outcome(intent.outcomeAfterCrash) }
    }

    /// A caller reads this: it names no file. The log has told the rest when the trouble began.
    private func refuse(_ problem: IntentProblem) -> Refusal {
        self.departures.refused += 1
        let why =
            switch problem {
            case .closed: "this node is being stopped"
            case .queueFull: "too many records wait to be written"
            case .failing(let problem), .failed(let problem): "it cannot be written (\(problem.code.rawValue))"
            case .late: "the disk did not take the record within \(Bounds.auditWait.wholeSecondsUp) s"
            }
        return Refusal(
            .auditUnavailable,
            "nothing leaves without a record in the audit chain, and \(why); try again later, or use a local model")
    }
}
