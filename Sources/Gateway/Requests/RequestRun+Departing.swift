import EventLoop
import Outbound
import Residency
import Routing
import Vocabulary

/// The way outside: the policy is asked, the intent is written, and only then anything is sent.
extension RequestRun {
    /// How sensitive the request is, in the words of the policy that is asked now: it may have waited for long, and a
    /// reload have brought another.
    private var classification: Classification {
        if self.classifier != self.node.departures.policy.source {
            self.classifier = self.node.departures.policy.source
            self.record.classification = self.node.departures.classify(self.order)
        }
        return self.record.classification ?? Classification(sensitivity: .restricted, sources: ["default"])
    }

    /// Asks the policy about one place outside.
    func weigh(_ backend: BackendID, _ model: ModelName, _ trigger: Trigger) {
        let manner = OutsideManner(
            self.node.fleet.external(backend)?.settings, losses: self.node.configuration.losses)
        let weighing = self.order.weighing(
            self.record.id, of: model, at: backend, as: manner, for: trigger, self.classification)
        let verdict = self.node.departures.judge(weighing.question)
        self.node.metrics.count(verdict)
        self.candidate = try? weighing.prepared.get()
        self.perform(weighing.tell(verdict, to: &self.machine, at: self.node.now))
    }

    /// Writes the intent. The request may be over before it is durable; then it is told that nothing was sent.
    func recordIntent(_ seat: Seat, _ verdict: Verdict, _ number: Int) {
        self.record.seat = seat
        self.record.attemptsBegun = number
        guard let prepared = self.candidate, let site = self.node.fleet.external(seat.backend),
            case .success(let addresses) = site.addresses
        else {
            return self.refuseAttempt(.grantInvalid, "backend `\(seat.backend)` is no longer where it was")
        }
        self.node.departures.reserve(verdict, bytes: prepared.body.count)
        let intent = AuditIntent(
            verdict: verdict, attempt: number, endpoint: self.record.path, key: self.order.key?.id,
            project: self.order.project, feature: self.order.feature, principal: self.order.principal,
            sensitivitySources: self.classification.sources, jurisdiction: site.external.jurisdiction,
            addresses: addresses.addresses, candidates: self.machine.candidates, bytes: prepared.body.count,
            bodyHash: AuditHash(of: prepared.body), commitment: self.node.auditor.commitment(of: prepared.body))
        let departure = Departure(intent, prepared, auditor: self.node.auditor, timers: self.node.timers)
        self.departure = departure
        _ = startTask { await self.record(departure) }
    }

    private func record(_ departure: Departure) async {
        do throws(Refusal) {
            try await departure.record()
        } catch {
            if self.departure === departure { self.refuseAttempt(error.reason, error.message) }
            return
        }
        guard self.departure === departure else { return }  // It was given up, and has its outcome.
        self.perform(self.machine.intentRecorded(at: self.node.now))
    }

    /// Gets the grant for what was recorded, and sends it.
    func depart(_ seat: Seat) {
        guard let departure, let backend = self.node.fleet.external(seat.backend) else {
            return self.refuseAttempt(.grantInvalid, "backend `\(seat.backend)` is no longer configured")
        }
        do throws(Refusal) {
            let grant = try departure.grant(
                departure.prepared.request, at: try backend.addresses.get(), by: self.node.fleet.gate)
            self.send(grant, departure.prepared)
        } catch {
            departure.settleUnsent(error.reason)
            self.refuseAttempt(error.reason, error.message)
        }
    }

    /// The attempt has ended; `ending` if the request has too.
    func settleDeparture(_ outcome: SeatOutcome, _ ending: RequestMachine.Ending?) {
        guard let departure else { return }
        self.departure = nil
        guard let transfer = self.sent else { return departure.settleUnsent(ending?.reason ?? .cancelled) }
        let wasSent = transfer.timings.sent != nil
        let (result, reason): (AuditOutcome.Result, Reason?) =
            switch outcome {
            case .success, .slow: (.completed, nil)
            case .failure(let reason): (wasSent ? .failed : .notSent, reason)
            case .busy: (.failed, .upstreamBusy)
            case .modelMissing: (.failed, .modelUnavailable)
            case .neutral where ending?.reason == .upstreamRefused: (.completed, .upstreamRefused)
            case .neutral: (wasSent ? .cancelled : .notSent, ending?.reason)
            }
        departure.settle(
            result, reason: reason, status: self.statusSeen, bytesOut: wasSent ? departure.intent.bytes : 0,
            record: self.record)
    }
}
