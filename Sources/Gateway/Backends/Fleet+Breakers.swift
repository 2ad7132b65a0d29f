import EventLoop
import Health
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

    func tell(_ change: BreakerChange) {
        let (from, to) = (change.change.from, change.change.to)
        self.breakerChanges[change.backend, default: [:]][to, default: 0] += 1
        let whose = change.model.map { " for \($0)" } ?? ""
        let lasting = change.change.until.map { ", for \(($0 - self.timers.now).wholeSecondsUp) s" } ?? ""
        let message = "breaker\(whose): \(from.rawValue) -> \(to.rawValue)\(lasting): \(change.change.cause.sentence)"
        self.onNews(News(backend: change.backend, isWarning: to == .open, message: message))
    }
}
