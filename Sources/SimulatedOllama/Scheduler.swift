import Vocabulary

/// Decides which request runs when: slots of a loaded model, the queue for loads, eviction, keep-alive. Plays Ollama's
/// scheduler (`ollama.md` 7), knows no clock and no model: `now` is a parameter, a model is what a `Need` says of it.
struct Scheduler {
    /// One request.
    struct Ticket: Hashable {
        let number: UInt64
    }

    /// What must be the same for a loaded model to serve a request; a change reloads (`ollama.md` 1.10).
    struct LoadOptions: Hashable {
        var contextLength: Int
        var rest: UInt64 = 0
    }

    /// What a request needs before it runs.
    struct Need {
        /// Runners are kept per model file.
        let file: String
        let options: LoadOptions
        let slots: Int
        /// `nil`: what the runner has, or the server's default at load.
        let keepAlive: Duration?
        let loadTime: Duration
        let failsToLoad: Bool
    }

    enum Admission: Equatable {
        case running
        case waiting
        /// The queue for loads is full: 503.
        case refused
    }

    enum Event: Equatable {
        /// It has its slot; `afterLoad` if it waited for the model, false if for a slot of a loaded one.
        case started(Ticket, afterLoad: Bool)
        case loadFailed(Ticket)
    }

    struct Runner {
        let file: String
        let options: LoadOptions
        let slots: Int
        var keepAlive: Duration
        /// `nil` while it is in use for the first time, or for ever.
        var expiresAt: Instant?
        var running: Set<Ticket> = []
        var waiting: [Ticket] = []
        /// To be unloaded when it is idle. Until then it takes new requests for itself.
        var isLeaving = false
        /// Its worker hangs: nobody gets a slot any more.
        var hasLostSlots = false

        var isIdle: Bool { self.running.isEmpty && self.waiting.isEmpty }
        var isPinned: Bool { self.keepAlive >= GoDuration.forever }
    }

    /// How often what happened.
    struct Counters: Equatable {
        var loads = 0
        var reloads = 0
        var evictions = 0
        var expiries = 0
        var refusals = 0
    }

    private struct Pending {
        let ticket: Ticket
        let need: Need
        var isAbandoned = false
    }

    /// What the scheduler's one loop is busy with: it blocks all that wait behind it (head of line).
    private enum Work {
        case none
        /// Waits until this file is out of memory.
        case eviction(of: String, Pending)
        case load(Pending, readyAt: Instant)
    }

    let loadedMax: Int
    let queueMax: Int
    let keepAliveDefault: Duration
    private(set) var runners: [Runner] = []
    private(set) var counters = Counters()
    private var work = Work.none
    private var queue: [Pending] = []
    private var events: [Event] = []

    init(loadedMax: Int, queueMax: Int, keepAlive: Duration) {
        self.loadedMax = max(1, loadedMax)
        self.queueMax = max(1, queueMax)
        self.keepAliveDefault = keepAlive < .zero ? GoDuration.forever : keepAlive
    }

    /// Requests that wait for a load, the one being worked on left out.
    var queued: Int { self.queue.count }

    /// When `advance` has something to do if nothing else happens.
    var nextDeadline: Instant? {
        var earliest = self.runners.lazy.compactMap { $0.isIdle ? $0.expiresAt : nil }.min()
        if case .load(_, let readyAt) = self.work { earliest = min(earliest ?? readyAt, readyAt) }
        return earliest
    }

    /// What happened to waiting requests since the last call.
    mutating func takeEvents() -> [Event] {
        if self.events.isEmpty { return [] }
        defer { self.events.removeAll(keepingCapacity: true) }
        return self.events
    }

    // MARK: Events

    mutating func submit(_ ticket: Ticket, _ need: Need, at now: Instant) -> Admission {
        if let index = self.index(of: need.file), self.runners[index].options == need.options {
            return self.admit(ticket, need, to: index) ? .running : .waiting
        }
        if case .none = self.work {
            self.work(on: Pending(ticket: ticket, need: need), at: now)
            self.proceed(at: now)
            if let position = self.events.firstIndex(of: .started(ticket, afterLoad: true)) {
                self.events.remove(at: position)
                return .running
            }
            return .waiting
        }
        guard self.queue.count < self.queueMax else {
            self.counters.refusals += 1
            return .refused
        }
        self.queue.append(Pending(ticket: ticket, need: need))
        return .waiting
    }

    /// The request has its answer.
    mutating func finished(_ ticket: Ticket, at now: Instant) {
        guard let index = self.runners.firstIndex(where: { $0.running.contains(ticket) }) else { return }
        self.runners[index].running.remove(ticket)
        self.startWaiting(of: index)
        self.settle(index, at: now)
        self.proceed(at: now)
    }

    /// The client has gone. Its slot is free at once; its place in the queue is kept until the loop reaches it; a load
    /// that was for it alone is aborted.
    mutating func abandoned(_ ticket: Ticket, at now: Instant) {
        if let index = self.runners.firstIndex(where: { $0.waiting.contains(ticket) }) {
            self.runners[index].waiting.removeAll { $0 == ticket }
            self.settle(index, at: now)
        } else if let position = self.queue.firstIndex(where: { $0.ticket == ticket }) {
            self.queue[position].isAbandoned = true
        } else {
            self.abandonWork(ticket)
        }
        self.finished(ticket, at: now)
        self.proceed(at: now)
    }

    private mutating func abandonWork(_ ticket: Ticket) {
        switch self.work {
        case .load(let pending, _) where pending.ticket == ticket:
            self.work = .none
        case .eviction(let file, var pending) where pending.ticket == ticket:
            // The eviction it asked for still happens, nothing is loaded after it.
            pending.isAbandoned = true
            self.work = .eviction(of: file, pending)
        case .none, .load, .eviction: break
        }
    }

    /// `keep_alive: 0` without a message: the model goes as soon as it is idle.
    mutating func unload(_ file: String, at now: Instant) {
        guard let index = self.index(of: file) else { return }
        self.runners[index].isLeaving = true
        self.settle(index, at: now)
        self.proceed(at: now)
    }

    /// Time has passed.
    mutating func advance(to now: Instant) {
        for index in self.runners.indices.reversed() {
            guard self.runners[index].isIdle, let expiresAt = self.runners[index].expiresAt, expiresAt <= now else {
                continue
            }
            self.runners.remove(at: index)
            self.counters.expiries += 1
        }
        if case .load(let pending, let readyAt) = self.work, readyAt <= now {
            self.loaded(pending, at: now)
        }
        self.proceed(at: now)
    }

    // MARK: The loop

    /// Does what can be done now, until something must be waited for.
    private mutating func proceed(at now: Instant) {
        while true {
            switch self.work {
            case .load: return
            case .eviction(let file, let pending):
                if self.index(of: file) != nil { return }
                self.work(on: pending, at: now)
            case .none:
                if self.queue.isEmpty { return }
                self.work(on: self.queue.removeFirst(), at: now)
            }
        }
    }

    private mutating func work(on pending: Pending, at now: Instant) {
        self.work = .none
        if pending.isAbandoned { return }
        if let index = self.index(of: pending.need.file) {
            if self.runners[index].options == pending.need.options {
                if self.admit(pending.ticket, pending.need, to: index) {
                    self.events.append(.started(pending.ticket, afterLoad: true))
                }
                return
            }
            self.counters.reloads += 1
            return self.evict(index, for: pending, at: now)
        }
        if self.runners.count >= self.loadedMax {
            self.counters.evictions += 1
            return self.evict(self.victim, for: pending, at: now)
        }
        self.work = .load(pending, readyAt: now + pending.need.loadTime)
        if pending.need.loadTime <= .zero { self.loaded(pending, at: now) }
    }

    /// An idle runner with the shortest keep-alive; if none is idle, the shortest one, when it drains.
    private var victim: Int {
        let order = self.runners.indices.sorted { self.runners[$0].keepAlive < self.runners[$1].keepAlive }
        return order.first { self.runners[$0].isIdle } ?? order[0]
    }

    private mutating func evict(_ index: Int, for pending: Pending, at now: Instant) {
        let file = self.runners[index].file
        self.runners[index].isLeaving = true
        self.work = .eviction(of: file, pending)
        self.settle(index, at: now)
    }

    private mutating func loaded(_ pending: Pending, at now: Instant) {
        self.work = .none
        if pending.need.failsToLoad {
            self.events.append(.loadFailed(pending.ticket))
            return
        }
        self.counters.loads += 1
        let keepAlive = pending.need.keepAlive ?? self.keepAliveDefault
        self.runners.append(
            Runner(
                file: pending.need.file, options: pending.need.options, slots: max(1, pending.need.slots),
                keepAlive: keepAlive, expiresAt: keepAlive >= GoDuration.forever ? nil : now + keepAlive))
        if self.admit(pending.ticket, pending.need, to: self.runners.count - 1) {
            self.events.append(.started(pending.ticket, afterLoad: true))
        }
    }

    // MARK: Slots

    /// The worker of a loaded model hangs from now on, and `ps` shows nothing of it. Unloading the model is the cure.
    mutating func loseSlots(of file: String) {
        guard let index = self.index(of: file) else { return }
        self.runners[index].hasLostSlots = true
    }

    private func index(of file: String) -> Int? {
        self.runners.firstIndex { $0.file == file }
    }

    /// True if the request has a slot, false if it waits for one.
    private mutating func admit(_ ticket: Ticket, _ need: Need, to index: Int) -> Bool {
        if let keepAlive = need.keepAlive { self.runners[index].keepAlive = keepAlive }
        guard self.hasFreeSlot(index), self.runners[index].waiting.isEmpty else {
            self.runners[index].waiting.append(ticket)
            return false
        }
        self.runners[index].running.insert(ticket)
        return true
    }

    private func hasFreeSlot(_ index: Int) -> Bool {
        let runner = self.runners[index]
        return runner.running.count < runner.slots && !runner.hasLostSlots
    }

    private mutating func startWaiting(of index: Int) {
        while self.hasFreeSlot(index), !self.runners[index].waiting.isEmpty {
            let next = self.runners[index].waiting.removeFirst()
            self.runners[index].running.insert(next)
            self.events.append(.started(next, afterLoad: false))
        }
    }

    /// Keep-alive counts from the end of the last request.
    private mutating func settle(_ index: Int, at now: Instant) {
        guard self.runners[index].isIdle else { return }
        let keepAlive = self.runners[index].keepAlive
        if self.runners[index].isLeaving || keepAlive <= .zero {
            self.runners.remove(at: index)
        } else {
            self.runners[index].expiresAt = self.runners[index].isPinned ? nil : now + keepAlive
        }
    }
}
