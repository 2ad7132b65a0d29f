import Health
import Routing
import Vocabulary

/// What the referee knows of breakers: their changes as the shell hears them, and the seats that were given since.
struct BreakerWatch {
    struct Key: Hashable {
        let backend: BackendID
        let model: ModelName?
    }

    struct Phase {
        var state = Breaker.Label.closed
        var since = WorldPlan.origin
        /// Seats given in this phase, and whether they are still taken.
        var seats: [(request: RequestID, at: Instant, isOut: Bool)] = []
    }

    var phases: [Key: Phase] = [:]
    /// The latest wake that was asked for; earlier ones no longer count.
    var wake: (at: Instant, number: Int)?
    var wakes = 0
    /// When requests were sent a second time, and when they began.
    var retries: [Instant] = []
    var arrivals: [Instant] = []
}

/// The shell's part for breakers, and what must hold of them.
extension World {
    mutating func scheduleBreakers() {
        guard self.dispatcher.wakeAt != self.breakers.wake?.at else { return }
        self.breakers.wake = nil
        guard let at = self.dispatcher.wakeAt else { return }
        self.breakers.wakes += 1
        self.breakers.wake = (at, self.breakers.wakes)
        let early = self.sabotage == .wakesBreakersEarly
        self.queue.schedule(.breakers(number: self.breakers.wakes), at: early ? self.now : max(at, self.now))
    }

    mutating func breakersDue(_ number: Int) {
        guard let wake = self.breakers.wake, wake.number == number else { return }
        self.breakers.wake = nil
        // A shell with a wrong clock tells the machine a time that has not come.
        let time = self.sabotage == .wakesBreakersEarly ? max(wake.at, self.now) : self.now
        self.deliver(self.dispatcher.due(at: time))
    }

    mutating func breakerChanged(_ change: BreakerChange) {
        let key = BreakerWatch.Key(backend: change.backend, model: change.model)
        let (from, to) = (change.change.from, change.change.to)
        let before = self.breakers.phases[key] ?? BreakerWatch.Phase()
        let whose = "\(change.backend) \(change.model?.rawValue ?? "")"
        self.note("breaker of \(whose): \(from.rawValue) -> \(to.rawValue): \(change.change.cause.sentence)")
        self.referee.check(.breakers, before.state == from && from != to, "\(whose) was \(before.state), not \(from)")
        if from == .open, change.change.cause == .openTimeOver {
            let least = self.plan.breaker.openFor.inSeconds * 0.8
            let time = (self.now - before.since).inSeconds
            // A busy trial opens it for as long as the server asks, 2 s here.
            self.referee.check(.dwell, time >= min(least, 2) - 0.001, "\(whose) was open for \(time) s only")
        }
        var next = BreakerWatch.Phase(state: to, since: self.now)
        // An early trial that is out when the open time ends is the trial of what follows.
        if from == .open, to == .halfOpen { next.seats = before.seats.filter(\.isOut) }
        self.breakers.phases[key] = next
        self.tally.breakerChanges[to, default: 0] += 1
    }

    /// A seat was given: an open breaker sees only early trials, a half-open one only one trial at a time.
    mutating func checkBreakers(_ seat: Seat) {
        for key in Self.keys(of: seat) {
            var phase = self.breakers.phases[key] ?? BreakerWatch.Phase()
            let out = phase.seats.filter { $0.isOut && self.now - $0.at < Breaker.trialLease }
            let whose = "\(seat.backend) \(key.model?.rawValue ?? "")"
            switch phase.state {
            case .closed: break
            case .throttled: self.referee.check(.trials, false, "a seat at \(whose), which is throttled")
            case .halfOpen: self.referee.check(.trials, out.isEmpty, "a second trial at \(whose)")
            case .open:
                let isSpaced = phase.seats.allSatisfy { self.now - $0.at >= .seconds(1) }
                self.referee.check(.trials, out.isEmpty && isSpaced, "an early trial too many at \(whose)")
                self.tally.earlyTrials += 1
            }
            if phase.state != .closed { phase.seats.append((seat.request, self.now, true)) }
            self.breakers.phases[key] = phase
        }
    }

    /// A seat was given back, or left before its request heard of it.
    mutating func seatReleased(of request: RequestID) {
        for key in Array(self.breakers.phases.keys) {
            guard let seats = self.breakers.phases[key]?.seats else { continue }
            for index in seats.indices where seats[index].request == request {
                self.breakers.phases[key]?.seats[index].isOut = false
            }
        }
    }

    /// What a backend no longer has begins anew when it comes back.
    mutating func forgetBreakers(of backend: BackendID, exceptFor models: [ModelName]) {
        for key in Array(self.breakers.phases.keys) where key.backend == backend {
            if let model = key.model, !models.contains(model) { self.breakers.phases[key] = nil }
        }
    }

    private static func keys(of seat: Seat) -> [BreakerWatch.Key] {
        [
            BreakerWatch.Key(backend: seat.backend, model: nil),
            BreakerWatch.Key(backend: seat.backend, model: seat.model),
        ]
    }

    /// Second attempts stay within a tenth of the requests of ten seconds, and three. What a breaker's trial costs is the
    /// breaker's to keep small.
    mutating func checkLoad(of index: Int) {
        guard let last = self.requests[index].attempted.last, !last.isTrial else { return }
        self.breakers.retries.append(self.now)
        let retries = self.breakers.retries.count { self.now - $0 < .seconds(9) }
        let requests = self.breakers.arrivals.count { self.now - $0 < .seconds(10) }
        self.referee.check(.load, retries <= 3 + requests / 10, "\(retries) retries for \(requests) requests")
    }
}
