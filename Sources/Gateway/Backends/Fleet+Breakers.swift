import EventLoop
import Health
import Outbound
import Residency
import Routing
import Vocabulary

/// What the shell does for breakers: wakes the dispatcher for them, and tells and counts their changes.
extension Fleet {
    /// Runs with every seat, and does nothing unless a breaker is to be woken at another time than before.
    func scheduleBreakers() {
        guard self.dispatcher.wakeAt != self.breakerWake?.at else { return }
        self.breakerWake?.timer.cancel()
        self.breakerWake = self.dispatcher.wakeAt.map { instant in
            let timer = self.timers.schedule(after: instant - self.timers.now) { [weak self] in
                guard let self else { return }
                self.breakerWake = nil
                self.deliver(self.dispatcher.due(at: self.timers.now))
            }
            return (instant, timer)
        }
    }

    /// An operator holds a breaker, or lets it go (`nil`); false if there is no such breaker.
    func holdBreaker(_ backend: BackendID, _ model: ModelName?, open: Bool?, for time: Duration) -> Bool {
        let now = self.timers.now
        guard let notices = self.dispatcher.hold(backend, model, open: open, until: now + time, at: now) else {
            return false
        }
        self.deliver(notices)
        return true
    }

    func tellBusy(_ id: BackendID, _ model: ModelName) {
        let limit = self.isOllama(id) ? "its OLLAMA_NUM_PARALLEL" : "what it takes at once"
        self.onNews(
            News(
                backend: id, isWarning: true,
                message: "\(model) was busy 10 times within a minute: somebody else uses that server, or `slots` is "
                    + "higher than \(limit)"))
    }

    func slotsWereLost(by id: BackendID, _ model: ModelName) {
        let heals = self[id]?.settings.healsLostSlots ?? false
        let own = self.isOllama(id) ? "unload it with `ollama stop \(model)` on that server" : "restart that server"
        let help = heals ? "it is unloaded now" : own
        self.onNews(
            News(
                backend: id, isWarning: true,
                message: "slots lost for \(model): it is loaded and answers nobody; \(help)"))
        guard heals, let backend = self[id] else { return }
        _ = startTask { [weak self] in await self?.unload(model, from: backend) }
    }

    private func isOllama(_ id: BackendID) -> Bool { self[id].map { $0.site.api == .ollama } ?? false }

    /// Ends what the server is doing with the model, which no request there waits for any more.
    private func unload(_ model: ModelName, from backend: Backend) async {
        let suffix = backend.health.inventory.needsLocalSuffix ? ":local" : ""
        let grant: Grant
        do throws(Refusal) {
            grant = try self.gate.grant(
                .unload(model.rawValue + suffix), to: backend.id, at: try backend.addresses.get(), purpose: .healing,
                now: self.timers.now)
        } catch {
            return self.onNews(
                News(backend: backend.id, isWarning: true, message: "\(model) cannot be unloaded: \(error.message)"))
        }
        let outcome =
            switch await self.outbound.fetch(grant, answerMax: Bounds.probeAnswer, timeout: .seconds(30)) {
            case .success(let answer) where answer.status == 200: "\(model) was unloaded"
            case .success(let answer): "\(model) was not unloaded: status \(answer.status)"
            case .failure(let failure): "\(model) was not unloaded: \(failure.detail)"
            }
        self.onNews(News(backend: backend.id, isWarning: true, message: outcome))
    }

    func tell(_ change: BreakerChange) {
        let (from, to) = (change.change.from, change.change.to)
        self.breakerChanges[change.backend, default: [:]][to, default: 0] += 1
        let whose = change.model.map { " for \($0)" } ?? ""
        let lasting = change.change.until.map { ", for \(($0 - self.timers.now).wholeSecondsUp) s" } ?? ""
        let message = "breaker\(whose): \(from.rawValue) -> \(to.rawValue)\(lasting): \(change.change.cause.sentence)"
        self.onNews(News(backend: change.backend, isWarning: to == .open, message: message))
    }
}
